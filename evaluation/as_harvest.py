"""A case becomes what the bot would have: an alert, a harvest, candidates.

The clock can cheat: how old the candidates are tells lists without the culprit from those with it. So in
``same_deploy`` and ``innocent`` all candidates came by one and the same deployment, and no time of theirs is given
away. In ``timeline`` each came by its own, in the order of the history.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from backtrace_core.corpus import Corpus, corpus_of
from backtrace_core.evidence.layout import layout_of
from backtrace_core.model import (
    Alert,
    AlertStatus,
    Candidate,
    Change,
    ChangeKind,
    Deployment,
    DeploymentStatus,
    FileDiff,
    Harvest,
    Hunk,
    Onset,
    Scope,
    Service,
)
from evaluation.cases import Case

PROJECT = "project"
"""Instead of the repository's name: nothing may depend on that."""
_NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
_SENDER = "evaluation"

Row = Mapping[str, Any]


def change_of(row: Row) -> Change:
    """Without author and time. The set has the words of the changed lines, not the lines."""
    sha = str(row["sha"])
    return Change(
        kind=ChangeKind.COMMIT,
        project=PROJECT,
        iid=None,
        sha=sha,
        title=str(row["title"]),
        url=f"https://gitlab.example/{PROJECT}/-/commit/{sha}",
        author=None,
        author_name="",
        merged_at=None,
        description=str(row.get("description") or ""),
        files=tuple(_file(each) for each in row["files"]),
    )


def _file(row: Row) -> FileDiff:
    path, status = str(row["path"]), str(row.get("status") or "")
    old = str(row.get("old_path") or path)
    words = " ".join(row.get("identifiers") or ())
    hunks = tuple(
        Hunk(h["old_start"], h["old_lines"], h["new_start"], h["new_lines"], str(h.get("section") or ""))
        for h in row.get("hunks") or ()
    )
    told = _told(words, int(row.get("added") or 0), int(row.get("removed") or 0))
    return FileDiff(
        path=path,
        old_path=old,
        hunks=(*told, *hunks),
        new_file=status.startswith(("A", "a")),
        deleted_file=status.startswith(("D", "d")),
        renamed_file=old != path,
    )


def _told(words: str, added: int, removed: int) -> tuple[Hunk, ...]:
    """As many lines as there were; the first has all their words."""
    if not (words or added or removed):
        return ()
    in_added = bool(added) or not removed
    new = ((0, words), *(((0, ""),) * (added - 1))) if in_added else ()
    old = ((0, ""),) * removed if in_added else ((0, words), *(((0, ""),) * (removed - 1)))
    return (Hunk(0, 0, 0, 0, added=new, removed=old),)


def corpus_for_repository(changes: Iterable[Change]) -> Corpus:
    """What all known changes of one repository teach, without their times."""
    known = tuple(changes)
    return corpus_of(known, layout_of((), known))


def alert_of(case: Case) -> Alert:
    return Alert(
        sender=_SENDER,
        status=AlertStatus.FIRING,
        title=case.symptom,
        text="",
        received_at=_NOON,
        onset=Onset(_NOON, _NOON),
        fingerprint=case.id,
    )


def shipped(case: Case, track: str, changes: Mapping[str, Change]) -> tuple[tuple[Candidate, ...], Harvest]:
    """The candidates of one list of a case; ``changes``: by sha."""
    several = [changes[sha] for sha in getattr(case, track)]
    return shipped_one_by_one(case, several) if track == "timeline" else shipped_at_once(case, several)


def shipped_at_once(case: Case, changes: Iterable[Change]) -> tuple[tuple[Candidate, ...], Harvest]:
    """All by one deployment, in the order of their keys."""
    shipped = sorted(changes, key=lambda change: change.key)
    together = deployment(1, _NOON - timedelta(minutes=10))
    return _harvest(case, [(change, together) for change in shipped])


def shipped_one_by_one(case: Case, changes: Iterable[Change]) -> tuple[tuple[Candidate, ...], Harvest]:
    """Each by its own deployment, a minute apart; the last one of ``changes`` came last."""
    several = list(changes)
    first = _NOON - timedelta(minutes=len(several))
    rows = [(each, deployment(n + 1, first + timedelta(minutes=n))) for n, each in enumerate(several)]
    return _harvest(case, rows)


def _harvest(case: Case, shipped: list[tuple[Change, Deployment]]) -> tuple[tuple[Candidate, ...], Harvest]:
    onset = alert_of(case).onset
    scope = Scope(Service("the service", PROJECT), "production", onset, onset.earliest - timedelta(days=14))
    deployments = tuple({row.id: row for _, row in shipped}.values())
    harvest = Harvest(scope, None, deployments, tuple(change for change, _ in shipped), (), (), _NOON)
    return tuple(Candidate(change, row, ()) for change, row in shipped), harvest


def deployment(number: int, finished_at: datetime) -> Deployment:
    """One that succeeded, and of which nothing else is known."""
    return Deployment(
        id=number,
        iid=number,
        project=PROJECT,
        environment="production",
        sha=f"{number:040x}",
        ref="main",
        status=DeploymentStatus.SUCCESS,
        created_at=finished_at,
        started_at=finished_at,
        finished_at=finished_at,
        deployer=None,
        job=None,
        url="",
    )
