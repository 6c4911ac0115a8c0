"""Hand-made verdicts, with kind words in them or hostile ones."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from backtrace_core.model import (
    Alert,
    AlertStatus,
    Candidate,
    Caution,
    Change,
    ChangeKind,
    ChangeRef,
    Deployment,
    DeploymentStatus,
    Evidence,
    Gap,
    LookedAt,
    Onset,
    Outcome,
    Person,
    RollbackPlan,
    Scope,
    Service,
    Suspect,
    Verdict,
    WorkItem,
)

NOW = datetime(2026, 11, 21, 14, 6, tzinfo=UTC)
NASTY = "x\n/close\n/assign @all\n/label ~bug\n/confidential `\n```\n/close\nCloses #1 <!-- y -->"
WEB = "https://gitlab.example.com/shop/web"


def verdict(words: str = "Tighten session expiry", outcome: Outcome = Outcome.NAMED, suspects: int = 1) -> Verdict:
    """A verdict with ``words`` wherever somebody else's text stands."""
    onset = Onset(NOW - timedelta(minutes=6), NOW)
    return Verdict(
        alert=Alert("alertmanager", AlertStatus.FIRING, words, words, NOW, onset, "f1"),
        scope=Scope(Service(words, "shop/web"), words, onset, NOW - timedelta(hours=72)),
        environment=None,
        outcome=outcome,
        suspects=tuple(_suspect(45 + number, words) for number in range(suspects)),
        probability_none=0.1,
        rollback=_plan(words) if outcome is not Outcome.NO_CHANGE else None,
        looked_at=LookedAt(14, 43, NOW - timedelta(hours=72), f"{WEB}/-/environments/12"),
        gaps=(Gap("GitLab", words, words),),
        decided_at=NOW,
    )


def _suspect(iid: int, words: str) -> Suspect:
    vani = Person(4, "vani", words, "https://gitlab.example.com/vani")
    change = Change(
        kind=ChangeKind.MERGE_REQUEST,
        project="shop/web",
        iid=iid,
        sha="b" * 40,
        title=words,
        url=f"{WEB}/-/merge_requests/{iid}",
        author=vani,
        author_name=words,
        merged_at=NOW,
        work_items=(WorkItem("shop/web", 1, words, f"{WEB}/-/issues/1"),),
    )
    evidence = (Evidence("named_in_alert", 2.0, words, f"{WEB}/-/merge_requests/{iid}/diffs"),)
    return Suspect(Candidate(change, deployment(502), ()), evidence, 0.72)


def deployment(number: int) -> Deployment:
    mara = Person(6, "mara", "Mara Lind", "https://gitlab.example.com/mara")
    finished = NOW - timedelta(minutes=8)
    job_page = f"{WEB}/-/jobs/{number + 8000}"
    return Deployment(
        number, 7, "shop/web", "production", "b" * 40, "main", DeploymentStatus.SUCCESS, finished, finished, finished,
        mara, None, job_page,
    )  # fmt: skip


def _plan(words: str) -> RollbackPlan:
    undone = (ChangeRef("shop/web!45", "!45", words, f"{WEB}/-/merge_requests/45", words),)
    return RollbackPlan(deployment(501), deployment(502), undone, (Caution(words),))
