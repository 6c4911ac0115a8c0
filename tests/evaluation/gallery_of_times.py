"""Small incidents about when a change came, what came after it, and in which versions it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from backtrace_core.model import (
    Alert,
    Candidate,
    Change,
    ChangeKind,
    ChangeRef,
    Deployment,
    DeploymentStatus,
    Onset,
    Outlived,
    Service,
    Version,
)
from backtrace_core.rank import rank
from tests.core.builders import PROJECT, T0, URL, alert, before, change, deployment, harvest
from tests.evaluation.incidents import (
    LATELY,
    LONG_AGO,
    NOBODY,
    SESSION,
    Incident,
    incident,
    shipped,
)


def timed() -> Iterable[Incident]:
    asked = alert("LoginErrors", "sessions expire too early")
    given = replace(asked, started_at=before(30), onset=Onset(before(30), T0))
    one = change(45, "Tidy", SESSION)
    under_way = replace(deployment(8, before(20)), started_at=before(40))
    running = replace(deployment(8, None), started_at=before(40))
    late = replace(deployment(8, None), started_at=before(10))
    after = replace(deployment(8, before(10)), started_at=before(20))
    for name, row in (("under way", under_way), ("running", running), ("late", late), ("after", after)):
        yield incident(name, given, shipped(one, by=row))
    switch = replace(change(0, "new_sort"), kind=ChangeKind.FEATURE_FLAG, sha="", merged_at=before(5), iid=None)
    flag = Candidate(switch, None, ())
    for status in (DeploymentStatus.FAILED, DeploymentStatus.CANCELED):
        broken = replace(deployment(8, before(40)), status=status)
        last = shipped(change(46, "Sort"), by=deployment(9, before(20)))
        yield incident(status.value, asked, (*shipped(one, by=broken), *last, flag))
    early = Candidate(replace(switch, merged_at=before(90)), None, ())
    yield incident("switched early", asked, (early, *shipped(one)))
    for name, when in (("asked", None), ("began", before(30))):
        put = replace(given, sender="question", started_at=when)
        yield incident(f"{name} early", put, shipped(one, by=replace(deployment(8, before(120)))))
        yield incident(f"{name} running", put, shipped(one, by=replace(running, started_at=before(200))))
    for name, fired in (("went on", ""), ("fired anew", "CartErrors")):
        rollback = Outlived(one.key, timedelta(minutes=30), f"{URL}/deployments/9", fired)
        yield incident(name, asked, shipped(one), outlived=(rollback,))
    back = replace(change(46, "Undo"), reverts=(ChangeRef(one.key, one.label, one.title, one.url, ""),))
    other = deployment(9, before(90))
    yield incident("reverted", asked, (*shipped(one, by=deployment(8, before(200))), *shipped(back, by=other)))


def placed() -> Iterable[Incident]:
    """Whose service it is, and in which version."""
    asked = alert("LoginErrors", "sessions expire too early")
    one = change(45, "Tidy", SESSION)
    theirs = replace(shipped(replace(one, project="shop/pay", prefix="shop/pay"))[0], service="payments")
    found = incident("of others", asked, (theirs,))
    scope = replace(found.harvest.scope, service=Service("web", PROJECT, depends_on=("payments",)))
    told = replace(found.harvest, scope=scope)
    yield replace(found, harvest=told, suspects=rank(tuple(s.candidate for s in found.suspects), asked, told).suspects)
    old, new = replace(LONG_AGO, ref="v1.4.1"), replace(LATELY, ref="v1.4.2")
    without = Version(old.sha, "1.4.1", old.url, frozenset(), frozenset((one.key,)))
    having = Version(new.sha, "1.4.2", new.url, frozenset((one.key,)), frozenset())
    for name, text, versions in (
        ("older", "version 1.4.1", (without,)),
        ("both", "versions 1.4.1 and 1.4.2", (without, having)),
    ):
        yield _in_versions(f"version {name}", alert("LoginErrors", text), one, (old, new), versions)
    ahead = replace(new, finished_at=None, status=DeploymentStatus.RUNNING, started_at=before(4))
    beside = (having, replace(without, said=""))
    yield _in_versions("version new", alert("LoginErrors", "version 1.4.2"), one, (old, ahead), beside)
    again = replace(old, id=11, finished_at=T0 - timedelta(minutes=20), started_at=T0 - timedelta(minutes=22))
    gone = (replace(without, said=""),)
    early = replace(new, finished_at=before(60), started_at=before(62))
    yield _in_versions("version gone", alert("LoginErrors", "sessions"), one, (old, early, again), gone)


def _in_versions(
    name: str, asked: Alert, one: Change, rows: tuple[Deployment, ...], versions: tuple[Version, ...]
) -> Incident:
    """``one`` came by the second of the deployments, somebody else's change by the first."""
    candidates = (*shipped(NOBODY, by=rows[0]), *shipped(one, by=rows[1]))
    pairs = ((rows[0], (NOBODY,)), (rows[1], (one,)), *((row, ()) for row in rows[2:]))
    told = replace(harvest(*pairs), versions=versions)
    return Incident(name, asked, told, rank(candidates, asked, told).suspects)
