"""Model values for tests of the core, each with as little said as the test needs."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from backtrace_core.facts import (
    change_node,
    deployment_node,
    environment_node,
    file_node,
    person_node,
    work_item_node,
)
from backtrace_core.model import (
    WINDOW,
    Alert,
    AlertStatus,
    Change,
    ChangeKind,
    Deployment,
    DeploymentStatus,
    Environment,
    Fact,
    FileDiff,
    Frame,
    Gap,
    Harvest,
    Hunk,
    Job,
    Lineage,
    Onset,
    Person,
    Relation,
    RollbackLeg,
    RollbackPlan,
    Scope,
    Service,
    Suspect,
    WorkItem,
)
from backtrace_core.rollback import choose_rollback, what_to_ask
from backtrace_core.rollback_lines import lines_of
from backtrace_core.rollback_set import (
    Asking,
    first_question,
    further_question,
    labelled,
    leg_of,
    summed_up,
    with_answer,
)

T0 = datetime(2026, 11, 22, 12, 40, tzinfo=UTC)
PROJECT = "shop/web"
URL = "https://gitlab.acme.test/shop/web/-"
WEB = Service("web", PROJECT)


def before(minutes: float = 0, *, hours: float = 0) -> datetime:
    return T0 - timedelta(minutes=minutes, hours=hours)


def sha(name: str) -> str:
    return hashlib.sha1(name.encode(), usedforsecurity=False).hexdigest()


def person(username: str) -> Person:
    number = int(sha(username)[:4], 16)
    return Person(number, username, username.title(), f"https://gitlab.acme.test/{username}")


def lines(*texts: str, at: int = 1, heading: str = "") -> Hunk:
    """A hunk that adds these lines from line ``at`` on."""
    added = tuple((at + offset, text) for offset, text in enumerate(texts))
    return Hunk(at, 0, at, len(texts), heading, added)


def changed(path: str, *hunks: Hunk) -> FileDiff:
    return FileDiff(path, path, hunks)


def change(iid: int, title: str, *files: FileDiff, closes: str = "", author: str = "vani") -> Change:
    items = (WorkItem(PROJECT, iid, closes, f"{URL}/issues/{iid}"),) if closes else ()
    return Change(
        kind=ChangeKind.MERGE_REQUEST,
        project=PROJECT,
        iid=iid,
        sha=sha(f"!{iid}"),
        title=title,
        url=f"{URL}/merge_requests/{iid}",
        author=person(author),
        author_name=author.title(),
        merged_at=None,
        files=files,
        work_items=items,
    )


def deployment(
    number: int,
    finished: datetime | None,
    *,
    version: str = "",
    pipeline: int | None = None,
) -> Deployment:
    """Started two minutes before it finished; ``finished`` None: running since one minute before the alert."""
    started = finished - timedelta(minutes=2) if finished else before(1)
    state = DeploymentStatus.SUCCESS if finished else DeploymentStatus.RUNNING
    page = f"{URL}/jobs/{number + 1000}"
    job = Job(number + 1000, "deploy", pipeline or number + 500, state.value, page, "main")
    return Deployment(
        id=number,
        iid=number,
        project=PROJECT,
        environment="production",
        sha=sha(version or f"v{number}"),
        ref="main",
        status=state,
        created_at=started,
        started_at=started,
        finished_at=finished,
        deployer=person("hal"),
        job=job,
        url=f"{URL}/environments/1/deployments/{number}",
    )


def alert(title: str, text: str = "", *, frames: tuple[Frame, ...] = (), at: datetime = T0) -> Alert:
    return Alert(
        sender="test",
        status=AlertStatus.FIRING,
        title=title,
        text=f"{title}\n{text}",
        received_at=at,
        onset=Onset(at - timedelta(minutes=15), at),
        fingerprint="f",
        service="web",
        frames=frames,
    )


Shipped = tuple[Deployment, tuple[Change, ...]]


def harvest(*shipped: Shipped, gaps: tuple[Gap, ...] = (), at: datetime = T0) -> Harvest:
    deployments = tuple(d for d, _ in shipped)
    onset = Onset(at - timedelta(minutes=15), at)
    return Harvest(
        scope=Scope(WEB, "production", onset, onset.earliest - WINDOW),
        environment=Environment(1, "production", "production", f"{URL}/environments/1"),
        deployments=tuple(sorted(deployments, key=lambda d: d.finished_at or at + WINDOW, reverse=True)),
        changes=tuple({c.key: c for _, changes in shipped for c in changes}.values()),
        facts=tuple(fact for pair in shipped for fact in facts(*pair)),
        gaps=gaps,
        harvested_at=at,
    )


def facts(of: Deployment, changes: Iterable[Change]) -> list[Fact]:
    place = environment_node(PROJECT, "production")
    found = [Fact(deployment_node(of), Relation.IN_ENVIRONMENT, place, "GitLab", of.url)]
    for each in changes:
        node = change_node(each)
        found.append(Fact(node, Relation.DEPLOYED_TO, deployment_node(of), "GitLab", of.url))
        found += [Fact(node, Relation.HAS_FILE, file_node(PROJECT, f.path), "GitLab", each.url) for f in each.files]
        found += [Fact(node, Relation.CLOSES, work_item_node(i), "GitLab", i.url) for i in each.work_items]
        if each.author is not None:
            found.append(Fact(person_node(each.author), Relation.AUTHORED, node, "GitLab", each.url))
    return found


def lineage(*shipped: Shipped) -> Lineage:
    """What git would say of a straight history in which each pair builds on those that finished before it."""
    done = sorted((p for p in shipped if p[0].finished_at), key=lambda p: p[0].finished_at or T0)
    under_way = [p for p in shipped if not p[0].finished_at]
    contains, undone = set(), []
    for index, (target, _) in enumerate(done):
        contains |= {(target.id, c.key) for _, changes in done[: index + 1] for c in changes}
        later = [c.key for _, changes in (*done[index + 1 :], *under_way) for c in changes]
        undone.append((target.id, tuple(later)))
    return Lineage(frozenset(contains), frozenset(), tuple(undone))


def chosen(found: Harvest, suspects: tuple[Suspect, ...], git: Lineage) -> RollbackPlan:
    """The plan, where git was asked all that is to be asked and answered ``git``."""
    return choose_rollback(found, suspects, git, what_to_ask(found, suspects))


def set_of(
    harvests: Iterable[Harvest], suspects: tuple[Suspect, ...], git: Lineage
) -> tuple[tuple[RollbackLeg, ...], RollbackPlan]:
    """The legs and the set as one plan, where git answers each question by ``git`` and knows nothing else."""
    legs = []
    for line in lines_of(tuple(harvests), suspects):
        first = first_question(line)
        asking = Asking(line, first.asked, git)
        further = further_question(asking)
        leg = leg_of(with_answer(asking, further, git) if further is not None else asking)
        if leg is not None:
            legs.append(leg)
    return labelled(legs), summed_up(labelled(legs), suspects)
