"""A day of a big team: twenty deployments, two hundred merge requests, two thousand changed files, and one alert.

For measuring, not for the demo. Nothing is told by hand but the culprit: everything else is counted out, so that the
same ``t0`` and ``scale`` give the same shas.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sandbox.worlds.git import Note
from sandbox.worlds.meadow import ROOT, Meadow
from sandbox.worlds.model import Deployment, Environment, Expectation, Issue, MergeRequest, Project, User, World
from sandbox.worlds.numbers import Numbers
from sandbox.worlds.people import PEOPLE
from sandbox.worlds.senders import alertmanager

SUMMARY = "a big team's day: twenty deployments, two hundred merge requests, one of them breaks the refunds"
DEPLOYMENTS, PER_DEPLOYMENT, FILES = 20, 10, 10
NUMBER, PATH = 77, "shop/mono"
DAY, OLDEST = timedelta(hours=24), timedelta(hours=30)
FIRST_ISSUE = 5_000

_AREAS = ("billing", "catalog", "courier", "discounts", "ledger", "mailing", "profile", "search", "stock", "wishlist")
_THINGS = ("address", "basket", "label", "margin", "parcel", "quota", "rating", "region", "stamp", "voucher")
_VERBS = ("Extend", "Rename", "Simplify", "Split", "Speed up", "Tidy", "Widen", "Document", "Round", "Sort")
_FILES = ("loader", "mapper", "model", "policy", "query", "reader", "route", "schema", "view", "writer")
_HUMANS = tuple(person for person in PEOPLE if not person.bot)

_CULPRIT_AREA, _CULPRIT_FILE = "ledger", "policy.py"
_GOOD = "        return sum(line.amount for line in lines if line.refunded)"
_BAD = "        return sum(line.amount for line in lines.settled_refunds)"
_ERROR = "AttributeError: 'list' object has no attribute 'settled_refunds'"


@dataclass(frozen=True, slots=True)
class _Plan:
    """Merge request ``n`` of all, from 0 on: what it changes, and when."""

    n: int
    opened: datetime
    merged: datetime
    culprit: bool

    @property
    def iid(self) -> int:
        return 1_001 + self.n

    @property
    def place(self) -> tuple[str, str]:
        thing = _THINGS[self.n // len(_AREAS) % len(_THINGS)]
        return self.area, f"{thing}_{self.n:04d}"

    @property
    def area(self) -> str:
        return _CULPRIT_AREA if self.culprit else _AREAS[self.n % len(_AREAS)]

    @property
    def title(self) -> str:
        if self.culprit:
            return "Take refunds from the settled lines"
        area, module = self.place
        return f"{_VERBS[self.n // 7 % len(_VERBS)]} the {module.partition('_')[0]} of {area}"

    @property
    def closes(self) -> tuple[int, ...]:
        return (FIRST_ISSUE + self.n,) if self.culprit or self.n % 3 == 0 else ()

    @property
    def author(self) -> User:
        return _HUMANS[self.n % len(_HUMANS)]

    @property
    def merger(self) -> User:
        return _HUMANS[(self.n + 3) % len(_HUMANS)]


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
    def _culprit(self) -> _Plan:
        return next(plan for plan in self._plans if plan.culprit)

    def _planned(self) -> Iterator[_Plan]:
        culprit = (self._count - 1) * PER_DEPLOYMENT + 4
        for n in range(self._count * PER_DEPLOYMENT):
            due = self._finish(n // PER_DEPLOYMENT + 1)
            step = DAY / self._count / (PER_DEPLOYMENT + 4)
            merged = due - timedelta(minutes=2) - step * (PER_DEPLOYMENT - n % PER_DEPLOYMENT)
            yield _Plan(n, merged - timedelta(hours=3), merged.replace(microsecond=0), culprit=n == culprit)

    def _finish(self, n: int) -> datetime:
        """When deployment ``n`` was live; number 0 is the one before the day."""
        if n == 0:
            return self._t0 - OLDEST
        return (
            self._t0 - timedelta(minutes=4) - (DAY - timedelta(minutes=30)) / self._count * (self._count - n)
        ).replace(microsecond=0)

    def _happen(self) -> None:
        began = self._t0 - OLDEST - timedelta(hours=2)
        modules = {plan.place: self._meadow.module(_files(plan, after=False)) for plan in self._plans}
        tip = base = self._meadow.started(Note("Begin\n", PEOPLE[0], began), modules)
        self._shas.append(tip)
        for plan in self._plans:
            tip = self._merge(plan, tip, base)
            if plan.n % PER_DEPLOYMENT == PER_DEPLOYMENT - 1:
                self._shas.append(tip)
                # The next ones branch off from what is now deployed.
                base = tip
        self._meadow.point(tip)

    def _merge(self, plan: _Plan, tip: str, base: str) -> str:
        module = self._meadow.module(_files(plan, after=True))
        note = Note(f"{plan.title}\n", plan.author, plan.opened + timedelta(minutes=20))
        head = self._meadow.changed(note, [base], plan.place, module)
        said = f"Merge branch '{_branch(plan)}' into 'main'\n\n{plan.title}\n\nSee merge request {PATH}!{plan.iid}"
        merged = self._meadow.changed(Note(said, plan.merger, plan.merged), [tip, head], plan.place, module)
        self._merge_requests.append(self._merge_request(plan, head, merged))
        return merged

    def _merge_request(self, plan: _Plan, head: str, merged: str) -> MergeRequest:
        return MergeRequest(
            id=self._numbers.merge_request(plan.iid),
            iid=plan.iid,
            title=plan.title,
            description=_description(plan),
            author=plan.author.username,
            merged_by=plan.merger.username,
            source_branch=_branch(plan),
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
            user=_HUMANS[n % len(_HUMANS)].username,
            job_id=self._numbers.job(n),
            pipeline_id=self._numbers.pipeline(n),
        )

    def _issue(self, plan: _Plan) -> Issue:
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
        lines = _files(self._culprit, after=True)[_CULPRIT_FILE].splitlines()
        return (
            "refunds fail: 12% of POST /refunds return 500\n"
            f'```  File "/srv/mono/{ROOT}/{area}/{module}/{_CULPRIT_FILE}", line {lines.index(_BAD) + 1}, in total\n'
            f"{_ERROR}```"
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


def _branch(plan: _Plan) -> str:
    return f"{plan.iid}-{plan.place[1]}"


def _description(plan: _Plan) -> str:
    area, module = plan.place
    closes = f"\n\nCloses #{plan.closes[0]}" if plan.closes else ""
    return f"People asked for this in {area}: see the notes of the last week about {module}.{closes}"


def _files(plan: _Plan, *, after: bool) -> dict[str, str]:
    """The files of the module that a merge request changes, before and after it."""
    return {f"{name}.py": _text(plan, name, after=after) for name in _FILES}


def _text(plan: _Plan, name: str, *, after: bool) -> str:
    thing = plan.place[1].partition("_")[0]
    lines = [f'"""The {name} of a {thing}."""', "", f"class {thing.title()}{name.title()}{plan.n}:"]
    for k in range(6):
        factor = k + plan.n % 9 + (1 if after and k in (1, 4) else 0)
        lines += [f"    def step_{k}(self, {thing}):", f"        return {thing}.weight * {factor}", ""]
    if plan.culprit and f"{name}.py" == _CULPRIT_FILE:
        lines += ["    def total(self, lines):", _BAD if after else _GOOD]
    return "\n".join(lines) + "\n"
