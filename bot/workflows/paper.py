"""The paper: the GitLab incident, its assignment and labels, a note with the verdict, and paging."""

from __future__ import annotations

from typing import Literal

from dbos import DBOS

from backtrace_core.model import Person, Verdict
from bot.cards import IncidentLink
from bot.gitlab import incident as gitlab_incident
from bot.gitlab.client import GitLabError
from bot.gitlab.note import incident_text, note_of
from bot.store import Action, Ending, Incident
from bot.workflows.durable import step
from bot.workflows.house import House
from bot.workflows.pressing import may_press
from bot.workflows.showing import refresh_card, worth_another_try

Result = Literal["done", "failed"]


@DBOS.workflow(name="assign_author")
async def assign_author(action_id: str) -> str:
    """Open an incident if there is none, assign the author, label it, leave the verdict there as a note."""
    if not await may_press(action_id):
        return "refused"
    try:
        await open_incident(action_id)
        says = await assign(action_id)
        await label_and_note(action_id)
    except Exception as error:  # noqa: BLE001 - whatever it was, the card has to say how the press ended
        return await _failed(action_id, "tried to assign", error)
    return await _finished(action_id, "done", says)


@DBOS.workflow(name="page_on_call")
async def page_on_call(action_id: str) -> str:
    """The same paper, and GitLab's own paging where the instance has it; a mention where it has not."""
    if not await may_press(action_id):
        return "refused"
    try:
        await open_incident(action_id)
        await label_and_note(action_id)
        says = await page(action_id)
    except Exception as error:  # noqa: BLE001 - whatever it was, the card has to say how the press ended
        return await _failed(action_id, "tried to page", error)
    return await _finished(action_id, "done", says)


async def _finished(action_id: str, result: Result, says: str) -> str:
    incident_id = await finish_action(action_id, result, says)
    await refresh_card(incident_id)
    return says


async def _failed(action_id: str, tried: str, error: Exception) -> str:
    # GitLab's own words are worth showing; the text of other errors may hold what must not be shown.
    why = str(error) if isinstance(error, GitLabError) else type(error).__name__
    return await _finished(action_id, "failed", f"{tried}, without success: {why}")


@step(tries=3, retry_if=worth_another_try)
async def open_incident(house: House, action_id: str) -> None:
    """Open the GitLab incident, unless it exists: it carries our incident's id from the moment of its creation."""
    _, incident, verdict = await _pressed(house, action_id)
    project = verdict.scope.service.incident_project or verdict.scope.service.project
    found = await gitlab_incident.find_incident(house.gitlab, project, incident.id)
    if found is None:
        title, description = incident_text(verdict, incident.id)
        found = await gitlab_incident.open_incident(house.gitlab, project, title, description)
    link = IncidentLink(f"{found.project}#{found.iid}", found.url)
    await house.store.incidents.save_gitlab_incident(incident.id, link)


@step(tries=3, retry_if=worth_another_try)
async def assign(house: House, action_id: str) -> str:
    """Assign the author of the first suspect, or whom there is to ask instead. Says who it was."""
    _, incident, verdict = await _pressed(house, action_id)
    paper = await _paper(house, incident, verdict)
    person = _to_ask(verdict)
    if person is None:
        return (
            f"opened {_label(incident)}; nobody in GitLab could be assigned, as the change's author is not known there"
        )
    await gitlab_incident.assign(house.gitlab, paper, (person.id,))
    return f"assigned {person.name} (@{person.username}) to {_label(incident)}"


@step(tries=3, retry_if=worth_another_try)
async def label_and_note(house: House, action_id: str) -> None:
    _, incident, verdict = await _pressed(house, action_id)
    paper = await _paper(house, incident, verdict)
    await gitlab_incident.add_labels(house.gitlab, paper, house.settings.gitlab.incident_labels)
    await gitlab_incident.note_once(house.gitlab, paper, f"verdict:{incident.id}", note_of(verdict))


@step(tries=3, retry_if=worth_another_try)
async def page(house: House, action_id: str) -> str:
    """Page by GitLab's escalation policy where there is one, else mention those on call. Says what was done."""
    _, incident, verdict = await _pressed(house, action_id)
    paper = await _paper(house, incident, verdict)
    paged = await gitlab_incident.page(house.gitlab, paper)
    if paged.done:
        return f"paged {paged.says} by {_label(incident)}"
    on_call = verdict.scope.service.on_call
    if not on_call:
        return (
            f"opened {_label(incident)}, but nobody was paged: {paged.says}, and on_call is empty for"
            f" {verdict.scope.service.name} in Backtrace's settings"
        )
    names = " ".join(f"@{name}" for name in on_call)
    body = f"{names} please look: Backtrace was asked to page those on call for {verdict.scope.service.name}."
    await gitlab_incident.note_once(house.gitlab, paper, f"page:{incident.id}", body)
    slack_ids = tuple(house.settings.slack_ids[name] for name in on_call if name in house.settings.slack_ids)
    await house.poster.mention_once(incident.channel, incident.thread_ts or incident.card_ts, slack_ids, action_id)
    return f"mentioned {names} in {_label(incident)} ({paged.says})"


@step()
async def finish_action(house: House, action_id: str, result: Result, says: str) -> str:
    action = await house.store.actions.existing(action_id)
    incident = await house.store.incidents.existing(action.incident_id)
    url = incident.gitlab_incident.url if incident.gitlab_incident else ""
    await house.store.actions.finish(action_id, Ending(result, says, url), house.clock())
    return action.incident_id


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


def _to_ask(verdict: Verdict) -> Person | None:
    """Whom to assign: the author; for a bot's or a blocked person's change the one who merged it."""
    for suspect in verdict.suspects[:1]:
        change = suspect.candidate.change
        for person in (change.author, change.merged_by):
            if person is not None and person.state == "active" and not person.bot:
                return person
    return None


def _label(incident: Incident) -> str:
    return incident.gitlab_incident.label if incident.gitlab_incident else "the incident"
