"""A case as a world of the embedded GitLab, and its trace as the alert that a script posts."""

from __future__ import annotations

from datetime import timedelta

from bench.traces.cases import Case
from bench.traces.history import HUMANS, T0, Merged
from sandbox.worlds.model import Deployment, Environment, MergeRequest, Project, World
from sandbox.worlds.numbers import Numbers
from sandbox.worlds.people import PEOPLE
from sandbox.worlds.senders import script

_PROJECT = 91
_NUMBERS = Numbers(_PROJECT)
_OLD, _NEW = timedelta(hours=30), timedelta(minutes=8)


def world_of(case: Case) -> World:
    """All merge requests came with one deployment, eight minutes before the alert: time says nothing of them."""
    service, history = case.program.service, case.history
    made = T0 - timedelta(days=400)
    return World(
        name="trace",
        summary=f"{case.name}: {case.fault.title}",
        t0=T0,
        project=Project(_PROJECT, path_of(case), service, "main", "private", made, history.path),
        environments=(Environment(_NUMBERS.environment(0), "production", "production", None, made),),
        users=PEOPLE,
        issues=(),
        merge_requests=tuple(_merge_request(one) for one in history.merged),
        deployments=(_deployment(0, history.old, _OLD), _deployment(1, history.tip, _NEW)),
        service=service,
        aliases=(),
        alert=script("errors", alert_text(case), f"{service} production: recovered"),
        script=(),
        expect=None,
    )


def path_of(case: Case) -> str:
    return f"shop/{case.program.service}"


def alert_text(case: Case) -> str:
    trace = case.trace.strip().replace("```", "'''")
    return f":rotating_light: {case.program.service} production: {case.error}\n```{trace}```"


def _merge_request(one: Merged) -> MergeRequest:
    return MergeRequest(
        id=_NUMBERS.merge_request(one.iid),
        iid=one.iid,
        title=one.title,
        description="",
        author=one.author.username,
        merged_by=one.merger.username,
        source_branch=one.branch,
        target_branch="main",
        created_at=one.opened,
        merged_at=one.merged,
        sha=one.head,
        merge_commit_sha=one.merge,
        squash_commit_sha=None,
    )


def _deployment(n: int, sha: str, before: timedelta) -> Deployment:
    finished = T0 - before
    return Deployment(
        id=_NUMBERS.deployment(n),
        iid=n + 1,
        environment="production",
        sha=sha,
        ref="main",
        status="success",
        created_at=finished - timedelta(minutes=5),
        started_at=finished - timedelta(minutes=3),
        finished_at=finished,
        user=HUMANS[0].username,
        job_id=_NUMBERS.job(n),
        pipeline_id=_NUMBERS.pipeline(n),
    )
