"""The paper: the GitLab incident, its assignment and labels, a note with the verdict, and paging."""

from __future__ import annotations

from dbos import DBOS

from backtrace_core.model import Verdict
from bot.cards import NOBODY_PAGED
from bot.gitlab import incident as gitlab_incident
from bot.gitlab.assigning import assign_somebody, assigned_note, assigned_says
from bot.gitlab.client import GitLabError
from bot.store import Action, Incident, Paper
from bot.workflows.durable import step
from bot.workflows.house import House
from bot.workflows.opening import open_paper, paper_of, paper_turn, read_paper
from bot.workflows.papering import keep_paper, put_note, set_labels
from bot.workflows.pressing import end, end_failed, may_press
from bot.workflows.records import StepFailedError
from bot.workflows.showing import worth_another_try


@DBOS.workflow(name="assign_author")
async def assign_author(action_id: str) -> str:
    """Open an incident if there is none, assign the author, label it, leave the verdict there as a note."""
    try:
        if not await may_press(action_id):
            return "refused"
        await open_incident(action_id)
        await assign(action_id)
        await label_and_note(action_id)
    except StepFailedError as error:
        return await end_failed(action_id, "tried to assign", error)
    return await _end(action_id)


@DBOS.workflow(name="page_on_call")
async def page_on_call(action_id: str) -> str:
    """The same paper, and GitLab's own paging where the instance has it; a mention where it has not."""
    try:
        if not await may_press(action_id):
            return "refused"
        await open_incident(action_id)
        await label_and_note(action_id)
        await page(action_id)
    except StepFailedError as error:
        return await end_failed(action_id, "tried to page", error)
    return await _end(action_id)


async def _end(action_id: str) -> str:
    """What was pressed is done; the paper, which has that too, comes last."""
    ended = await end(action_id, "done")
    await keep_paper(await incident_of_press(action_id))
    return ended


@step()
async def incident_of_press(house: House, action_id: str) -> str:
    return (await house.store.actions.existing(action_id)).incident_id


@step(tries=3, retry_if=worth_another_try)
async def open_incident(house: House, action_id: str) -> None:
    """Open the GitLab incident, unless there is one already."""
    _, incident, verdict = await _pressed(house, action_id)
    await open_paper(house, incident, verdict, assigns=False)


@step(tries=3, retry_if=worth_another_try)
async def assign(house: House, action_id: str) -> None:
    """Assign the author of the change that the button spoke of, or whom there is to ask instead."""
    action, incident, verdict = await _pressed(house, action_id)
    paper = await _paper(house, incident)
    suspect = next((s for s in verdict.named if s.candidate.change.key == action.detail), None)
    if suspect is None:
        says = f"assigned nobody in {_label(incident)}, since the card moved on at that moment"
    else:
        asked = await assign_somebody(house.gitlab, await read_paper(house, paper.label), suspect.candidate)
        says = assigned_says(asked, _label(incident))
        assigned = {"assigned": asked.person.id if asked.person else None, "assigned_for": action.detail}
        await house.store.papers.save(paper.id, assigned_says=assigned_note(asked), **assigned)
    await house.store.actions.say(action_id, says)


@step(tries=3, retry_if=worth_another_try)
async def label_and_note(house: House, action_id: str) -> None:
    _, incident, _ = await _pressed(house, action_id)
    paper = await _paper(house, incident)
    async with paper_turn(incident.id):
        await set_labels(house, incident, paper)
        await put_note(house, incident, paper)


@step(tries=3, retry_if=worth_another_try)
async def page(house: House, action_id: str) -> None:
    """Page by GitLab's escalation policy where there is one, else mention those on call."""
    action, incident, verdict = await _pressed(house, action_id)
    paper = await read_paper(house, (await _paper(house, incident)).label)
    # Known before it is sent: a step that begins anew may find its own page, which then was not made before.
    began = bool(action.says)
    await house.store.actions.say(action_id, "asked to page")
    async with paper_turn(incident.id):
        paged = await gitlab_incident.page(house.gitlab, paper)
    on_call = verdict.scope.service.on_call
    if paged.done and paged.before and not began:
        says = f"asked to page: GitLab had paged those on call for {_label(incident)} before, and pages nobody twice"
    elif paged.done:
        says = f"paged {paged.says} by {_label(incident)}"
    elif on_call:
        says = f"{await _mention(house, action, paper)} ({paged.says})"
    else:
        nobody = f"on_call is empty for {verdict.scope.service.name} in Backtrace's settings"
        says = f"asked to page in {_label(incident)}{NOBODY_PAGED}{paged.says}, and {nobody}"
    await house.store.actions.say(action_id, says)


async def _mention(house: House, action: Action, paper: gitlab_incident.Incident) -> str:
    """Mention those on call in the GitLab incident, and those of them who are known in Slack in the thread.

    Returns what was done. The incident mentions them once; the thread at each press.
    """
    _, incident, verdict = await _pressed(house, action.id)
    service, slack_ids = verdict.scope.service, house.settings.slack_ids
    names = " ".join(f"@{name}" for name in service.on_call)
    body = f"{names} please look: Backtrace was asked to page those on call for {service.name}."
    async with paper_turn(incident.id):
        is_new = await gitlab_incident.note_once(house.gitlab, paper, f"page:{incident.id}", body)
    known = tuple(slack_ids[name] for name in service.on_call if name in slack_ids)
    await house.poster.mention_once(incident.channel, incident.thread_ts or incident.card_ts, known, action.id)
    if is_new or action.says:
        return f"mentioned {names} in {_label(incident)}"
    again = "again in Slack only" if known else "not again now"
    return f"asked to page: {_label(incident)} mentions {names} already, {again}"


async def _pressed(house: House, action_id: str) -> tuple[Action, Incident, Verdict]:
    action = await house.store.actions.existing(action_id)
    incident = await house.store.incidents.existing(action.incident_id)
    if incident.verdict is None:
        raise GitLabError("the trace has no result that could be written down")
    return action, incident, incident.verdict


async def _paper(house: House, incident: Incident) -> Paper:
    found = await paper_of(house, incident)
    if found is None:
        raise GitLabError("the incident that was just opened can't be found")
    return found


def _label(incident: Incident) -> str:
    return incident.gitlab_incident.label if incident.gitlab_incident else "the incident"
