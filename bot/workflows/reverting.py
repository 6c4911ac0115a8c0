"""Somebody wants a merge request that takes a change back: a rollback leaves it on its branch."""

from __future__ import annotations

from dbos import DBOS

from backtrace_core.model import Candidate, Change, ChangeKind, Outcome
from backtrace_core.person_to_ask import person_to_ask
from backtrace_core.proof import AGAINST
from bot.cards import WITHOUT_SUCCESS
from bot.code_rights import why_no_merge_request
from bot.gitlab.client import GitLabError
from bot.gitlab.revert_text import RevertText, branch_of, description_of, title_of
from bot.gitlab.reverting import CannotRevertError, NewRevert, Opened, open_revert, standing_revert, way_back
from bot.linking.errors import ActingError
from bot.proof_words import proof_words
from bot.slack.client import SlackError
from bot.store import Action, Ending, Incident, Revert
from bot.workflows.card_view import gone_back_of
from bot.workflows.durable import step
from bot.workflows.house import House
from bot.workflows.names import usernames
from bot.workflows.paper import incident_of_press
from bot.workflows.papering import keep_paper
from bot.workflows.pressing import end, end_failed, may_press, tell_presser
from bot.workflows.records import StepFailedError
from bot.workflows.showing import refresh_card, worth_another_try
from bot.workflows.turns import turn

TRIED = "tried to open a revert merge request"
REFUSED = "refused"


@DBOS.workflow(name="open_revert_pressed")
async def open_revert_pressed(action_id: str) -> str:
    """Open the merge request with the presser's right, once; the button then leads there."""
    try:
        if not await may_press(action_id):
            return REFUSED
        result = await propose_revert(action_id)
    except StepFailedError as error:
        return await end_failed(action_id, TRIED, error)
    incident_id = await incident_of_press(action_id)
    if result == REFUSED:
        return result
    if result == "failed":
        await refresh_card(incident_id)
        return result
    ended = await end(action_id, "done")
    await keep_paper(incident_id)
    return ended


@step(tries=3, retry_if=worth_another_try)
async def propose_revert(house: House, action_id: str) -> str:
    """Open it, unless it stands. Returns done, failed, or refused."""
    action = await house.store.actions.existing(action_id)
    incident = await house.store.incidents.existing(action.incident_id)
    change, candidate = await _meant(house, incident, action)
    async with turn(f"revert-{incident.id}"):
        why = await _why_not(house, action, change)
        if why:
            return await _refuse(house, incident, action, why)
        try:
            opened = await _opened(house, incident, action, change, candidate)
        except ActingError as error:
            return await _refuse(house, incident, action, f"Nothing was opened: {error}.")
        except CannotRevertError as error:
            await _tell_by_hand(house, incident, action, error)
            says = f"{TRIED} for {change.label}{WITHOUT_SUCCESS}{error}"
            await house.store.actions.finish(action_id, Ending("failed", says), house.clock())
            return "failed"
        await house.store.reverts.keep(Revert(incident.id, change.key, opened.label, opened.url, house.clock()))
        await house.store.actions.say(action_id, _says(opened, change), opened.url)
    return "done"


async def _why_not(house: House, action: Action, change: Change) -> str:
    """With the presser's own token GitLab decides; the bot's would do for them what they may not."""
    if house.settings.gitlab.act_as == "person":
        return ""
    return await why_no_merge_request(house.gitlab, house.settings.people.get(action.slack_user), change.project)


async def _refuse(house: House, incident: Incident, action: Action, why: str) -> str:
    await tell_presser(house, incident, action, why)
    await house.store.actions.finish(action.id, Ending("refused", why), house.clock())
    return REFUSED


async def _meant(house: House, incident: Incident, action: Action) -> tuple[Change, Candidate | None]:
    """The change that the button spoke of; of the menu the one that is named.

    :raises GitLabError: where the card names none any more.
    """
    verdict = incident.verdict
    suspects = verdict.suspects if verdict else ()
    if not action.detail:
        named = verdict.named if verdict and verdict.outcome is Outcome.NAMED else ()
        if not named:
            raise GitLabError("the card has moved on, and names no change that could be reverted")
        return named[0].candidate.shipped, named[0].candidate
    for suspect in suspects:
        if action.detail in (suspect.candidate.shipped.key, suspect.candidate.change.key):
            return suspect.candidate.shipped, suspect.candidate
    row = await house.store.proofs.of(incident.id)
    ref = next((one for one in (row.took if row else ()) if one.key == action.detail), None)
    project, mark, number = action.detail.rpartition("!")
    if ref is None or not mark or not number.isdigit():
        raise GitLabError("the card has moved on, and does not name that change now")
    kind = ChangeKind.MERGE_REQUEST
    return Change(kind, project, int(number), "", ref.title, ref.url, None, ref.author, None), None


async def _opened(
    house: House, incident: Incident, action: Action, change: Change, candidate: Candidate | None
) -> Opened:
    text = await _text(house, incident, action, change)
    # Read with the bot's token: what stands already needs no way back, which may be gone by then.
    standing = await standing_revert(house.gitlab, change.project, branch_of(text))
    if standing is not None:
        return standing
    way = await way_back(house.gitlab, change)
    asked = person_to_ask(change, candidate.deployer).person if candidate is not None else None
    new = NewRevert(
        project=change.project,
        branch=branch_of(text),
        way=way,
        title=title_of(text),
        description=description_of(text, way.shas),
        assignee=asked.id if asked is not None else way.author,
        labels=house.settings.gitlab.revert_labels,
    )
    async with house.acting(action.slack_user, action.id) as client:
        return await open_revert(client, new)


async def _text(house: House, incident: Incident, action: Action, change: Change) -> RevertText:
    verdict = incident.verdict
    is_named = verdict is not None and verdict.outcome is Outcome.NAMED
    row = await house.store.proofs.of(incident.id)
    gone_back = gone_back_of(row, ())
    alert = verdict.alert if verdict is not None else incident.alert
    return RevertText(
        incident_id=incident.id,
        change=change,
        why="Backtrace holds for the likely culprit" if is_named else "may have caused an incident",
        service=verdict.scope.service.name if verdict is not None else "",
        alert=alert.title if alert is not None else "",
        incident=incident.gitlab_incident.label if incident.gitlab_incident else "",
        card_url=await _card_url(house, incident),
        asked_by=(await usernames(house)).get(action.slack_user, ""),
        told=proof_words(gone_back) if row is not None and row.stage in AGAINST else "",
    )


async def _card_url(house: House, incident: Incident) -> str:
    try:
        return await house.poster.permalink(incident.channel, incident.card_ts) if incident.card_ts else ""
    except SlackError:
        return ""


async def _tell_by_hand(house: House, incident: Incident, action: Action, error: CannotRevertError) -> None:
    """The command, to whoever pressed: the card has no room for it."""
    if not error.command:
        return
    where = f"git fetch && git switch {error.branch} && " if error.branch else ""
    left = f" The branch {error.branch} is there for it." if error.branch else ""
    await tell_presser(house, incident, action, f"{error}.{left} By hand: {where}{error.command}")


def _says(opened: Opened, change: Change) -> str:
    if opened.is_new:
        return f"opened {opened.label} to revert {change.label}"
    became = {
        "opened": "is open already",
        "merged": "is merged already",
        "closed": "was opened and closed again",
    }
    return f"asked to revert {change.label}: {opened.label} {became.get(opened.state, 'is there already')}"
