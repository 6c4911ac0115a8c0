"""Hand-made verdicts and views for the card's tests."""

from __future__ import annotations

from dataclasses import replace
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
    Environment,
    Evidence,
    FlagState,
    Gap,
    Job,
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
from backtrace_core.proof import Stage
from bot.cards import (
    ActionLine,
    Buttons,
    CardView,
    GoneBack,
    GoneTo,
    IncidentLink,
    IncidentState,
    RollbackProgress,
    RuledOut,
    WayOn,
)

T0 = datetime(2026, 11, 22, 12, 40, tzinfo=UTC)
GITLAB = "https://gitlab.test/shop/web"
INCIDENT = "T0ACME-C0ALERTS-1795351200.000100"

VANI = Person(4, "vani", "Vani Rao", "https://gitlab.test/vani")
PIET = Person(5, "piet", "Piet de Vries", "https://gitlab.test/piet")
SERVICE = Service("web", "shop/web")


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


def deployment(number: int, before: float | None, *, running: bool = False) -> Deployment:
    """Finished ``before`` minutes before the alert; a running one began so long before it."""
    at = T0 - minutes(before or 0)
    return Deployment(
        id=number,
        iid=number,
        project="shop/web",
        environment="production",
        sha=f"{number:02d}abcdef0123456789",
        ref="main",
        status=DeploymentStatus.RUNNING if running else DeploymentStatus.SUCCESS,
        created_at=at - minutes(5),
        started_at=at if running else at - minutes(4),
        finished_at=None if running else at,
        deployer=PIET,
        job=Job(900 + number, "deploy", 700 + number, "success", f"{GITLAB}/-/jobs/{900 + number}", "main"),
        url=f"{GITLAB}/-/environments/3/deployments/{number}",
    )


def change(iid: int, title: str, author: Person | None = VANI, *, item: bool = False) -> Change:
    return Change(
        kind=ChangeKind.MERGE_REQUEST,
        project="shop/web",
        iid=iid,
        sha=f"{iid}fedcba98",
        title=title,
        url=f"{GITLAB}/-/merge_requests/{iid}",
        author=author,
        author_name="Vani Rao",
        merged_at=T0 - minutes(40),
        work_items=(WorkItem("shop/web", 1, title, f"{GITLAB}/-/issues/1"),) if item else (),
    )


def suspect(what: Change, shipped: Deployment, *says: str, probability: float = 0.5) -> Suspect:
    evidence = tuple(
        Evidence("rule", 2.0 - number, words, f"{what.url}/diffs#{number}") for number, words in enumerate(says)
    )
    return Suspect(Candidate(what, shipped, ()), evidence, probability)


def alert(title: str = "login error rate jumped 5x") -> Alert:
    return Alert(
        "alertmanager", AlertStatus.FIRING, title, title, T0 + minutes(1), Onset(T0 - minutes(1), T0), "fp", "web"
    )


LATEST = deployment(57, 6)
TARGET = deployment(55, 300)
CULPRIT = suspect(
    change(45, "Tighten session expiry", item=True),
    LATEST,
    'Changes auth/session.py, and the alert says "login"',
    "Went live 6 min before the alert",
    "A stack frame lies in a line that it changed",
)
ANOTHER = suspect(change(44, "Show the basket in the header", PIET), LATEST, "Went live 6 min before the alert")
OLDER = suspect(change(41, "Retry the mail queue", None), deployment(56, 130), "Went live 2 h 10 min before the alert")


def plan(**changes: object) -> RollbackPlan:
    undoes = tuple(
        ChangeRef(f"shop/web!{iid}", f"!{iid}", title, f"{GITLAB}/-/merge_requests/{iid}", "vani")
        for iid, title in ((45, "Tighten session expiry"), (44, "Show the basket in the header"))
    )
    return replace(RollbackPlan(TARGET, LATEST, undoes), **changes)  # type: ignore[arg-type]  # any field of it


def verdict(outcome: Outcome, suspects: tuple[Suspect, ...] = (), rollback: RollbackPlan | None = None) -> Verdict:
    return Verdict(
        alert=alert(),
        scope=Scope(SERVICE, "production", Onset(T0 - minutes(1), T0), T0 - timedelta(hours=72)),
        environment=Environment(3, "production", "production", f"{GITLAB}/-/environments/3"),
        outcome=outcome,
        suspects=suspects,
        probability_none=0.1,
        rollback=rollback,
        looked_at=LookedAt(14, 41, T0 - timedelta(hours=72), f"{GITLAB}/-/environments/3"),
        gaps=(),
        decided_at=T0 + minutes(1),
    )


NAMED = verdict(Outcome.NAMED, (CULPRIT, ANOTHER, OLDER), plan())
SHORTLIST = verdict(Outcome.SHORTLIST, (CULPRIT, ANOTHER, OLDER), plan())
NO_CHANGE = verdict(Outcome.NO_CHANGE, (ANOTHER, OLDER))
NOT_ENOUGH = replace(
    verdict(Outcome.NOT_ENOUGH, (ANOTHER, OLDER), plan()), advice="A stack trace, or the path that fails, would help."
)


def view(of: Verdict | None, **changes: object) -> CardView:
    base = CardView(INCIDENT, of, IncidentState.OPEN, T0 + minutes(2), slack_ids={"vani": "U0VANI", "piet": "U0PIET"})
    return replace(base, **changes)  # type: ignore[arg-type]  # any field of it


_ASKED = replace(alert("login errors"), sender="question", started_at=T0 - minutes(2))


def asked(of: Verdict, *, since: datetime | None = _ASKED.started_at) -> Verdict:
    """The same answer to what somebody asked."""
    looked = replace(of.looked_at, since=T0 - timedelta(hours=73), left_out_later=3)
    return replace(of, alert=replace(_ASKED, started_at=since), looked_at=looked)


STARTED = ActionLine(
    "U0PIET",
    "roll_back",
    "started a rollback of production to deployment 55 (55abcdef)",
    T0 + minutes(3),
    f"{GITLAB}/-/jobs/999",
)
ROLLED_BACK = replace(STARTED, says="rolled production back: deployment 59 is live", at=T0 + minutes(5))
_TOOK = tuple(
    ChangeRef(f"shop/web!{iid}", f"!{iid}", title, f"{GITLAB}/-/merge_requests/{iid}", "vani")
    for iid, title in ((45, "Tighten session expiry"), (44, "Show the basket in the header"))
)
_GONE_TO = GoneTo("", 59, "55abcdef" * 5, f"{GITLAB}/-/jobs/999", T0 + minutes(5))
BACK = GoneBack(
    T0 + minutes(5), Stage.WATCHING, T0 + minutes(5), "", _TOOK[:1], "main", places=(_GONE_TO,), with_them=_TOOK[1:]
)
BOTH_BACK = replace(BACK, blamed=_TOOK, with_them=())
WENT_ON = replace(BACK, stage=Stage.WENT_ON, stage_at=T0 + minutes(35))
ASSIGNED = ActionLine("U0OTHER", "assign", "assigned Vani Rao (@vani) to shop/web#7", T0 + minutes(4))

UNPAGED = ActionLine(
    "U0PIET",
    "page",
    "asked to page in shop/web#7, but nobody was paged: GitLab has no policy, and on_call is empty for web",
    T0 + minutes(4),
    f"{GITLAB}/-/issues/7",
)

_RUNNING = deployment(58, 2, running=True)
_RISKY = plan(
    cautions=(
        Caution(
            "!45 migrated the database (db/migrate/2_add.rb): going back does not undo that",
            f"{GITLAB}/-/blob/x/db/migrate/2_add.rb",
        ),
        Caution("Going back undoes 12 changes"),
    )
)

RULED_OUT = (
    RuledOut(
        ChangeRef("shop/web!43", "!43", "Sort the <basket>", f"{GITLAB}/-/merge_requests/43", "vani"), ("U0PIET",)
    ),
    RuledOut(ChangeRef("shop/web!42", "!42", "", "", ""), ("U0VANI", "U0OTHER")),
)

CARDS = {
    "named": view(NAMED),
    "named_waiting": view(
        NAMED,
        state=IncidentState.ROLLING_BACK,
        actions=(STARTED,),
        progress=RollbackProgress("blocked", f"{GITLAB}/-/jobs/1071", TARGET.id),
    ),
    "named_rolling_back": view(NAMED, state=IncidentState.ROLLING_BACK, actions=(STARTED,)),
    "named_rolled_back": view(
        NAMED,
        state=IncidentState.ROLLED_BACK,
        rolled_back=True,
        actions=(ROLLED_BACK, ASSIGNED),
        gone_back=BACK,
        incident=IncidentLink("shop/web#7", f"{GITLAB}/-/issues/7"),
    ),
    "named_rolled_back_resolved": view(
        NAMED,
        state=IncidentState.RESOLVED,
        rolled_back=True,
        actions=(ROLLED_BACK,),
        resolved_at=T0 + minutes(9),
        gone_back=BACK,
    ),
    "shortlist_went_on": view(
        SHORTLIST, state=IncidentState.ROLLED_BACK, rolled_back=True, actions=(ROLLED_BACK,), gone_back=WENT_ON
    ),
    "named_rollback_failed": view(NAMED, state=IncidentState.ROLLBACK_FAILED, actions=(STARTED,)),
    "named_resolved": view(
        NAMED,
        state=IncidentState.RESOLVED,
        actions=(STARTED,),
        resolved_at=T0 + minutes(7),
        late_by_s=720,
    ),
    "named_resolved_assigned": view(
        NAMED, state=IncidentState.RESOLVED, actions=(ASSIGNED, UNPAGED), resolved_at=T0 + minutes(7)
    ),
    "named_joined": view(
        NAMED, told={"alertmanager": 3, "sentry": 1}, can_split=True, reopened_at=T0 + minutes(1), was_split=True
    ),
    "not_enough_joined": view(NOT_ENOUGH, told={"pagerduty": 1, "home_made <x>": 1}, can_split=True),
    "named_links": view(NAMED, buttons=Buttons.LINKS),
    "named_risky": view(replace(NAMED, rollback=_RISKY)),
    "named_unpaged": view(NAMED, actions=(UNPAGED, replace(UNPAGED, at=T0 + minutes(5)))),
    "named_running": view(
        replace(
            NAMED,
            suspects=(replace(CULPRIT, candidate=replace(CULPRIT.candidate, deployment=_RUNNING)),),
            rollback=plan(cancel=_RUNNING, target=LATEST),
        )
    ),
    "named_no_target": view(
        replace(NAMED, rollback=plan(target=None, why_none="No earlier successful deployment is known."))
    ),
    "asked_named": view(asked(NAMED), asked_by="U0VANI"),
    "asked_no_change": view(asked(NO_CHANGE, since=None), asked_by="U0OTHER"),
    "shortlist": view(SHORTLIST),
    "shortlist_links": view(SHORTLIST, buttons=Buttons.LINKS),
    "no_change": view(replace(NO_CHANGE, gaps=(Gap("GitLab", "diff of !44", "too large to show"),))),
    "no_change_links": view(NO_CHANGE, buttons=Buttons.LINKS),
    "not_enough": view(NOT_ENOUGH),
    "not_enough_ruled_out": view(NOT_ENOUGH, ruled_out=RULED_OUT),
    "not_enough_ruled_out_links": view(NOT_ENOUGH, ruled_out=RULED_OUT, buttons=Buttons.LINKS),
    "named_flag": view(
        replace(
            NAMED,
            flag="sessions_v2",
            flags=(
                FlagState(
                    "sessions_v2",
                    (("production", "on for 25 %"), ("staging", "off")),
                    T0 + minutes(1),
                    f"{GITLAB}/-/feature_flags",
                ),
            ),
        )
    ),
    "named_ruled_out": view(NAMED, ruled_out=RULED_OUT[1:]),
    "not_enough_links": view(NOT_ENOUGH, buttons=Buttons.LINKS),
    "failed": view(
        None,
        failure="GitLab (https://gitlab.test) does not answer: 503: 503 Service Unavailable",
        way_on=WayOn("web", "web production login error rate `jumped` 5x", f"{GITLAB}/-/environments"),
    ),
    "failed_unclear": view(None, failure="It is not clear which service this is about."),
}
