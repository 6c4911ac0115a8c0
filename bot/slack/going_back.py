"""What the card says of going back: before it the warnings and the target, afterwards what is left to do. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from backtrace_core.model import Change, ChangeRef, Deployment, GoingBack, RollbackPlan, Verdict
from backtrace_core.proof import Stage
from backtrace_core.under_way import to_cancel
from bot.cards import CardView, GoneBack, IncidentState
from bot.slack import blocks
from bot.slack.after_buttons import is_back
from bot.slack.blocks import Block
from bot.slack.cancel_button import offered
from bot.slack.sentences import MOST_NAME, ago, counted, deployment_link, moment
from bot.slack.text import escape, link

MOST_SAYS = 400
MOST_UNDONE = 12
MOST_LEFT = 3
MOST_PLACES = 5
MOST_WITH_IT = 5


def going_back(view: CardView, verdict: Verdict) -> list[Block]:
    """What can be done, what is being done, or what is left to do, as the incident stands."""
    plan = verdict.rollback
    if plan is None or is_back(view):
        return gone_back(view)
    if view.waiting is not None:
        # What a person has confirmed stands at the top, and may be another target than this verdict's.
        return []
    if view.state is IncidentState.ROLLING_BACK:
        return blocks.section(_under_way(view, plan), 1800)
    if plan.target is None:
        return blocks.section((_no_target(plan), *_to_cancel(view, verdict), *_cautions(plan)), 1800)
    return blocks.section(_cautions(plan), 1400) + blocks.section(_target(view, plan), 2400)


def _no_target(plan: RollbackPlan) -> str:
    return f"*No rollback target.* {escape(plan.why_none, MOST_SAYS)}"


def gone_back_or_why_not(view: CardView, verdict: Verdict) -> list[Block]:
    """Where nobody is named: what the card went back to; else why it can't, such as that somebody has gone back
    already: then what the card lists is not live any more.
    """
    plan = verdict.rollback
    done = gone_back(view)
    if done or plan is None or plan.target is not None or view.state is not IncidentState.OPEN:
        return done
    return blocks.section((_no_target(plan),), 1000)


def _to_cancel(view: CardView, verdict: Verdict) -> Iterator[str]:
    """Where no button cancels it, it is done in GitLab: without something to go back to no rollback does it first."""
    by_button = {one.id for one in offered(view)}
    for one in to_cancel(verdict):
        page = one.job.url if one.job is not None else one.url
        name = link(page, f"Deployment {one.id}")
        if one.id in view.cancelled:
            yield f"{name} was cancelled."
        else:
            yield f"{name} has not ended{'' if one.id in by_button else ': cancel it in GitLab, if it is to stop'}."


def gone_back(view: CardView) -> list[Block]:
    """What brings the trouble back: a rollback takes a change from the environment, not from its branch."""
    done = view.gone_back
    if done is None or not is_back(view):
        return []
    return blocks.section((*_gone_to(done), *_went_with(done), *_still_there(view, done)), 2900)


def _gone_to(done: GoneBack) -> Iterator[str]:
    """The version that was gone back to; not where something else is known to be live by now. Nobody looks whether it
    still is each time that the card is drawn, so that is not said."""
    if done.stage is Stage.OVERTAKEN:
        return
    for one in done.places[:MOST_PLACES]:
        where = f" in {escape(one.label, MOST_NAME)}" if one.label else ""
        name = link(one.url, f"deployment {one.deployment_id}")
        yield f"*Went back{where}* to {name} (`{escape(one.sha[:8], 8)}`), seen live {moment(one.live_at)}."
    if len(done.places) > MOST_PLACES:
        yield f"… and {len(done.places) - MOST_PLACES} more places."


def _went_with(done: GoneBack) -> Iterator[str]:
    if done.with_them:
        them = {0: "", 1: " with it"}.get(len(done.blamed), " with them")
        yield f"{_links(done.with_them, MOST_LEFT)} went back{them}."


def _still_there(view: CardView, done: GoneBack) -> Iterator[str]:
    if done.blamed:
        yield _ships_again(done.blamed, done.branch)
        yield from _reverts(view, done)
        yield from (f"• {link(one.url, one.says, MOST_SAYS)}" for one in done.ahead)


def _reverts(view: CardView, done: GoneBack) -> Iterator[str]:
    for change in done.blamed:
        opened = view.reverts.get(change.key)
        if opened is not None:
            yield f"• {link(opened.url, opened.label)} reverts {escape(change.label, MOST_NAME)}, once it is merged."


def _ships_again(left: Sequence[ChangeRef], branch: str) -> str:
    verb, them, they = ("is", "it", "it is") if len(left) == 1 else ("are", "them", "they are")
    where = escape(branch, MOST_NAME) or "their branch"
    return (
        f"{_links(left, MOST_LEFT)} {verb} still on {where}: "
        f"the next deployment ships {them} again unless {they} reverted or fixed."
    )


def _under_way(view: CardView, plan: RollbackPlan) -> Iterator[str]:
    # What a person confirmed may lead elsewhere than this verdict's plan: of that the line above tells.
    if plan.target is None or (view.progress is not None and view.progress.target_id != plan.target.id):
        return
    if plan.cancel is not None:
        yield f"First {_cancelled(view.verdict, plan.cancel)}, if it still runs."
    if plan.undoes:
        yield f"This undoes {_undone(plan, view.verdict)}."


def _target(view: CardView, plan: RollbackPlan) -> Iterator[str]:
    target = plan.target
    if target is None:
        return
    age = f", which went live {ago(target.finished_at, view.now)}" if target.finished_at else ""
    yield f"*Rollback target:* {deployment_link(target)}{age}."
    if plan.cancel is not None:
        first = "Before going back cancel" if _is_by_hand(view.verdict) else "Rolling back first cancels"
        yield f"{first} {deployment_link(plan.cancel)}, if it still runs."
    yield from _where(view.verdict)
    yield from _with_it(view.verdict)
    if plan.undoes:
        yield f"Going back undoes {_undone(plan, view.verdict)}."


def _is_by_hand(verdict: Verdict | None) -> bool:
    return verdict is not None and verdict.scope.service.rollback is GoingBack.LINK


def _cancelled(verdict: Verdict | None, running: Deployment) -> str:
    it = deployment_link(running)
    return f"cancel {it} in GitLab" if _is_by_hand(verdict) else f"{it} is cancelled"


def _where(verdict: Verdict | None) -> Iterator[str]:
    """Where people go back by hand, they do it there."""
    if _is_by_hand(verdict) and verdict is not None and verdict.environment is not None:
        page = link(verdict.environment.url, "the environment's page in GitLab")
        yield f"Go back on {page}: Backtrace starts nothing here, and follows it."


def _with_it(verdict: Verdict | None) -> Iterator[str]:
    """What goes back beside the first leg, each to its own target."""
    going = [leg for leg in verdict.legs if leg.plan.target is not None] if verdict else []
    for leg in going[1 : MOST_WITH_IT + 1]:
        target = leg.plan.target
        if target is not None:
            yield f"{escape(leg.label, MOST_NAME)} goes back with it, to {deployment_link(target)}."
    if len(going) > MOST_WITH_IT + 1:
        yield f"… and {len(going) - MOST_WITH_IT - 1} more go back with it."


def _undone(plan: RollbackPlan, verdict: Verdict | None) -> str:
    """Those that are named first; of a version bump, what it brought."""
    named = [suspect.candidate for suspect in verdict.named] if verdict else []
    first = {candidate.shipped.key for candidate in named}
    listed = sorted(plan.undoes, key=lambda change: change.key not in first)
    brought = {candidate.via.key: candidate.change.label for candidate in named if candidate.via is not None}
    return f"{counted(len(listed), 'change')}: {_links(listed, MOST_UNDONE, brought)}"


def _links(changes: Sequence[Change | ChangeRef], most: int, brought: Mapping[str, str] | None = None) -> str:
    # The label alone: the titles stand in GitLab, and in the modal.
    by = {key: f" (brings {escape(label, MOST_NAME)})" for key, label in (brought or {}).items()}
    labels = ", ".join(f"{link(change.url, change.label)}{by.get(change.key, '')}" for change in changes[:most])
    return f"{labels} and {len(changes) - most} more" if len(changes) > most else labels


def _cautions(plan: RollbackPlan) -> tuple[str, ...]:
    lines = tuple(f"• {link(caution.url, caution.says, MOST_SAYS)}" for caution in plan.cautions)
    return ("*Before going back*", *lines) if lines else ()
