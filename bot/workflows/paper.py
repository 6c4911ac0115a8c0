"""The paper: the GitLab incident, its assignment and labels, a note with the verdict, and paging."""

from __future__ import annotations

import asyncio
import hashlib

from dbos import DBOS

from backtrace_core.model import Change, Verdict
from bot.cards import NOBODY_PAGED, IncidentLink
from bot.gitlab import incident as gitlab_incident
from bot.gitlab.assigning import assign_somebody, assigned_says, instead_note
from bot.gitlab.client import GitLabError
from bot.gitlab.note import incident_text, note_of
from bot.store import Action, Incident
from bot.workflows.durable import step
from bot.workflows.house import House
from bot.workflows.pressing import end, end_failed, may_press
from bot.workflows.records import StepFailedError
from bot.workflows.showing import worth_another_try
from bot.workflows.turns import turn


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
    return await end(action_id, "done")


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
    return await end(action_id, "done")


@step(tries=3, retry_if=worth_another_try)
async def open_incident(house: House, action_id: str) -> None:
    """Open the GitLab incident, unless it exists: it carries our incident's id from the moment of its creation."""
    _, incident, verdict = await _pressed(house, action_id)
    service = verdict.scope.service
    project = service.incident_project or service.project
    async with _turn(incident):
        found = await gitlab_incident.find_incident(house.gitlab, project, incident.id)
        if found is None:
            title, description = incident_text(verdict, incident.id)
            found = await gitlab_incident.open_incident(house.gitlab, project, title, description, service.project)
    link = IncidentLink(f"{found.project}#{found.iid}", found.url)
    await house.store.incidents.save_gitlab_incident(incident.id, link)


@step(tries=3, retry_if=worth_another_try)
async def assign(house: House, action_id: str) -> None:
    """Assign the author of the change that the button spoke of, or whom there is to ask instead."""
    action, incident, verdict = await _pressed(house, action_id)
    paper = await _paper(house, incident, verdict)
    suspect = next((s for s in verdict.named if s.candidate.change.key == action.detail), None)
    if suspect is None:
        says = f"assigned nobody in {_label(incident)}, since the card moved on at that moment"
    else:
        asked = await assign_somebody(house.gitlab, paper, suspect.candidate)
        says = assigned_says(asked, _label(incident))
        if asked.person is not None and not asked.is_author:
            async with _turn(incident):
                key = f"asked:{incident.id}:{suspect.candidate.change.label[1:]}"
                await gitlab_incident.note_once(house.gitlab, paper, key, instead_note(asked))
    await house.store.actions.say(action_id, says)


@step(tries=3, retry_if=worth_another_try)
async def label_and_note(house: House, action_id: str) -> None:
    _, incident, verdict = await _pressed(house, action_id)
    paper = await _paper(house, incident, verdict)
    async with _turn(incident):
        await gitlab_incident.add_labels(house.gitlab, paper, house.settings.gitlab.incident_labels)
        await gitlab_incident.note_once(house.gitlab, paper, _note_key(incident, verdict), note_of(verdict))


def _turn(incident: Incident) -> asyncio.Lock:
    # Two people may press at the same moment, and each would find nothing there yet.
    return turn(f"paper-{incident.id}")


def _note_key(incident: Incident, verdict: Verdict) -> str:
    """One note for each verdict: a card that moved on to other suspects has something new to write down."""
    names = (_in_key(suspect.candidate.change) for suspect in verdict.named)
    return ":".join(("verdict", incident.id, *names))


def _in_key(change: Change) -> str:
    # Notes of earlier releases have the bare number or sha. Another project's may be the same as one of the service's
    # own, and a flag has neither; keys and names have signs that no comment of ours may hold.
    if change.label.startswith(("!", "@")):
        return str(change.iid or change.sha[:8])
    return hashlib.sha256(change.key.encode(errors="replace")).hexdigest()[:16]


@step(tries=3, retry_if=worth_another_try)
async def page(house: House, action_id: str) -> None:
    """Page by GitLab's escalation policy where there is one, else mention those on call."""
    action, incident, verdict = await _pressed(house, action_id)
    paper = await _paper(house, incident, verdict)
    # Known before it is sent: a step that begins anew may find its own page, which then was not made before.
    began = bool(action.says)
    await house.store.actions.say(action_id, "asked to page")
    async with _turn(incident):
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
    async with _turn(incident):
        is_new = await gitlab_incident.note_once(house.gitlab, paper, f"page:{incident.id}", body)
    known = tuple(slack_ids[name] for name in service.on_call if name in slack_ids)
    await house.poster.mention_once(incident.channel, incident.thread_ts or incident.card_ts, known, action.id)
    if is_new or action.says:
        return f"mentioned {names} in {_label(incident)}"
    again = "again in Slack only" if known else "not again now"
    return f"asked to page: {names} were mentioned in {_label(incident)} before, {again}"


async def _pressed(house: House, action_id: str) -> tuple[Action, Incident, Verdict]:
    action = await house.store.actions.existing(action_id)
    incident = await house.store.incidents.existing(action.incident_id)
    if incident.verdict is None:
        raise GitLabError("the trace has no result that could be written down")
    return action, incident, incident.verdict


async def _paper(house: House, incident: Incident, verdict: Verdict) -> gitlab_incident.Incident:
    project = verdict.scope.service.incident_project or verdict.scope.service.project
    found = await gitlab_incident.find_incident(house.gitlab, project, incident.id)
    if found is None:
        raise GitLabError("the incident that was just opened can't be found")
    return found


def _label(incident: Incident) -> str:
    return incident.gitlab_incident.label if incident.gitlab_incident else "the incident"
