"""A day of a big team: twenty deployments, two hundred merge requests, two thousand changed files, and one alert.

For measuring, not for the demo. Nothing is told by hand but the culprit: everything else is counted out, so that the
same ``t0`` and ``scale`` give the same shas.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from sandbox.worlds.busy_changes import BAD, CULPRIT_FILE, ERROR, HUMANS, Plan, branch, description, files
from sandbox.worlds.git import Note
from sandbox.worlds.meadow import ROOT, Meadow
from sandbox.worlds.model import Deployment, Environment, Expectation, Issue, MergeRequest, Project, World
from sandbox.worlds.numbers import Numbers
from sandbox.worlds.people import PEOPLE
from sandbox.worlds.senders import alertmanager

SUMMARY = "a big team's day: twenty deployments, two hundred merge requests, one of them breaks the refunds"
DEPLOYMENTS, PER_DEPLOYMENT = 20, 10
NUMBER, PATH = 77, "shop/mono"
DAY, OLDEST = timedelta(hours=24), timedelta(hours=30)


def build(t0: datetime, folder: Path, scale: int = 1) -> World:
    """``scale`` times as many deployments and merge requests in the same day."""
    return _Day(t0.replace(microsecond=0), folder, scale).world()


class _Day:
    def __init__(self, t0: datetime, folder: Path, scale: int) -> None:
        self._t0 = t0
        self._scale = scale
        self._count = DEPLOYMENTS * scale
        self._numbers = Numbers(NUMBER)
        self._meadow = Meadow(folder / "mono.git")
        self._plans = tuple(self._planned())
        self._merge_requests: list[MergeRequest] = []
        self._shas: list[str] = []

    def world(self) -> World:
        self._happen()
        deployments = tuple(self._deployment(n, sha) for n, sha in enumerate(self._shas))
        return World(
            name="busy",
            summary=SUMMARY,
            t0=self._t0,
            project=self._project(),
            environments=(self._environment(),),
            users=PEOPLE,
            issues=tuple(self._issue(plan) for plan in self._plans if plan.closes),
            merge_requests=tuple(self._merge_requests),
            deployments=deployments,
            service="mono",
            aliases=(),
            alert=alertmanager("RefundErrors mono", "production critical", self._alert_text()),
            script=(),
            expect=self._expect(deployments),
        )

    @property
    def _culprit(self) -> Plan:
        return next(plan for plan in self._plans if plan.culprit)

    def _planned(self) -> Iterator[Plan]:
        culprit = (self._count - 1) * PER_DEPLOYMENT + 4
        for n in range(self._count * PER_DEPLOYMENT):
            due = self._finish(n // PER_DEPLOYMENT + 1)
            step = DAY / self._count / (PER_DEPLOYMENT + 4)
            merged = due - timedelta(minutes=2) - step * (PER_DEPLOYMENT - n % PER_DEPLOYMENT)
            yield Plan(n, merged - timedelta(hours=3), merged.replace(microsecond=0), culprit=n == culprit)

    def _finish(self, n: int) -> datetime:
        """When deployment ``n`` was live; number 0 is the one before the day."""
        if n == 0:
            return self._t0 - OLDEST
        return (
            self._t0 - timedelta(minutes=4) - (DAY - timedelta(minutes=30)) / self._count * (self._count - n)
        ).replace(microsecond=0)

    def _happen(self) -> None:
        began = self._t0 - OLDEST - timedelta(hours=2)
        modules = {plan.place: self._meadow.module(files(plan, after=False)) for plan in self._plans}
        tip = base = self._meadow.started(Note("Begin\n", PEOPLE[0], began), modules)
        self._shas.append(tip)
        for plan in self._plans:
            tip = self._merge(plan, tip, base)
            if plan.n % PER_DEPLOYMENT == PER_DEPLOYMENT - 1:
                self._shas.append(tip)
                # The next ones branch off from what is now deployed.
                base = tip
        self._meadow.point(tip)

    def _merge(self, plan: Plan, tip: str, base: str) -> str:
        module = self._meadow.module(files(plan, after=True))
        note = Note(f"{plan.title}\n", plan.author, plan.opened + timedelta(minutes=20))
        head = self._meadow.changed(note, [base], plan.place, module)
        said = f"Merge branch '{branch(plan)}' into 'main'\n\n{plan.title}\n\nSee merge request {PATH}!{plan.iid}"
        merged = self._meadow.changed(Note(said, plan.merger, plan.merged), [tip, head], plan.place, module)
        self._merge_requests.append(self._merge_request(plan, head, merged))
        return merged

    def _merge_request(self, plan: Plan, head: str, merged: str) -> MergeRequest:
        return MergeRequest(
            id=self._numbers.merge_request(plan.iid),
            iid=plan.iid,
            title=plan.title,
            description=description(plan),
            author=plan.author.username,
            merged_by=plan.merger.username,
            source_branch=branch(plan),
            target_branch="main",
            created_at=plan.opened,
            merged_at=plan.merged,
            sha=head,
            merge_commit_sha=merged,
            squash_commit_sha=None,
            closes=plan.closes,
        )

    def _deployment(self, n: int, sha: str) -> Deployment:
        finished = self._finish(n)
        return Deployment(
            id=self._numbers.deployment(n),
            iid=n + 1,
            environment="production",
            sha=sha,
            ref="main",
            status="success",
            created_at=finished - timedelta(minutes=3) / self._scale,
            started_at=finished - timedelta(minutes=2) / self._scale,
            finished_at=finished,
            user=HUMANS[n % len(HUMANS)].username,
            job_id=self._numbers.job(n),
            pipeline_id=self._numbers.pipeline(n),
        )

    def _issue(self, plan: Plan) -> Issue:
        wish = "Refunds count lines twice" if plan.culprit else f"The {plan.place[1].partition('_')[0]} is hard to read"
        return Issue(
            id=self._numbers.issue(plan.n),
            iid=plan.closes[0],
            title=wish,
            description="",
            author=plan.merger.username,
            created_at=plan.opened - timedelta(days=1),
            closed_at=plan.merged,
        )

    def _project(self) -> Project:
        made = self._t0 - timedelta(days=400)
        return Project(NUMBER, PATH, "mono", "main", "private", made, self._meadow.path)

    def _environment(self) -> Environment:
        url, made = "https://www.lindenshop.example", self._t0 - timedelta(days=300)
        return Environment(self._numbers.environment(0), "production", "production", url, made)

    def _alert_text(self) -> str:
        area, module = self._culprit.place
        lines = files(self._culprit, after=True)[CULPRIT_FILE].splitlines()
        return (
            "refunds fail: 12% of POST /refunds return 500\n"
            f'```  File "/srv/mono/{ROOT}/{area}/{module}/{CULPRIT_FILE}", line {lines.index(BAD) + 1}, in total\n'
            f"{ERROR}```"
        )

    def _expect(self, deployments: tuple[Deployment, ...]) -> Expectation:
        bad, good = deployments[-1], deployments[-2]
        return Expectation(
            outcome="named",
            culprit=self._culprit.iid,
            author=self._culprit.author.username,
            work_item=self._culprit.closes[0],
            deployment=bad.id,
            target=good.id,
            sha=good.sha[:8],
            state="open",
        )
