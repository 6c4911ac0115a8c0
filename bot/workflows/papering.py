"""The paper on a GitLab incident, kept in step with the card: labels, assignee, timeline, and the one note.

All of it is Backtrace's own doing, whoever pressed. What this GitLab, or the token, does not allow becomes a line in
the note (``limit``). Every write looks first, so that any of it may be done again.
"""

from __future__ import annotations

import logging
from contextlib import suppress

from backtrace_core.model import Outcome, Verdict
from backtrace_core.person_to_ask import person_to_ask
from bot.cards import Buttons, IncidentState
from bot.gitlab import incident as gitlab_incident
from bot.gitlab.assigning import assign_somebody, assigned_note
from bot.gitlab.client import GitLabError, GitLabRefused
from bot.gitlab.paper_note import keep_note
from bot.gitlab.paper_text import Deed, PaperText, happened, paper_note
from bot.gitlab.revert import revert_command
from bot.gitlab.timeline import add_events
from bot.slack.client import SlackError
from bot.store import Incident, Paper
from bot.workflows.card_view import gone_back_of
from bot.workflows.durable import step
from bot.workflows.house import House
from bot.workflows.names import usernames
from bot.workflows.opening import open_paper, opens_by_itself, paper_of, paper_turn, read_paper
from bot.workflows.records import StepFailedError
from bot.workflows.showing import ANSWERING_TRIES, worth_another_try

log = logging.getLogger(__name__)


async def keep_paper(incident_id: str) -> bool:
    """Bring the paper up to date; in a workflow. Returns whether there is one. It fails no run: the card stands."""
    try:
        if not await find_paper(incident_id):
            return False
    except StepFailedError as error:
        log.warning("incident %s has no paper in GitLab: %s", incident_id, error.why)
        return False
    for write in (label_paper, assign_paper, keep_timeline, write_note):
        # What failed for good has left a limit; what GitLab did not answer is written with the next change.
        with suppress(StepFailedError):
            await write(incident_id)
    return True


@step(tries=3, retry_if=worth_another_try)
async def find_paper(house: House, incident_id: str) -> bool:
    """Whether there is a GitLab incident to write on. One is opened where the settings want it for such an alert."""
    if house.buttons is Buttons.LINKS:
        return False
    incident = await house.store.incidents.existing(incident_id)
    if incident.gitlab_incident is None and opens_by_itself(house, incident) and incident.verdict is not None:
        await open_paper(house, incident, incident.verdict, assigns=True)
        incident = await house.store.incidents.existing(incident_id)
    return await paper_of(house, incident) is not None


async def _both(house: House, incident_id: str) -> tuple[Incident, Paper]:
    incident = await house.store.incidents.existing(incident_id)
    paper = await paper_of(house, incident)
    if paper is None:
        raise GitLabError("the incident that was just opened can't be found")
    return incident, paper


@step(tries=3, retry_if=worth_another_try)
async def label_paper(house: House, incident_id: str) -> None:
    incident, paper = await _both(house, incident_id)
    async with paper_turn(incident_id):
        await set_labels(house, incident, paper)


async def set_labels(house: House, incident: Incident, paper: Paper) -> None:
    """Those of the settings, and that of the outcome. Of the latter GitLab lets scoped ones replace each other, on paid
    tiers; here they always do."""
    chosen = house.settings.gitlab
    of_outcome = chosen.outcome_labels.get(incident.verdict.outcome, "") if incident.verdict else ""
    wanted = [*chosen.incident_labels, *filter(None, (of_outcome,))]
    try:
        found = await read_paper(house, paper.label)
        missing = [label for label in wanted if label not in found.labels]
        stale = [label for label in found.labels if label in chosen.outcome_labels.values() and label not in wanted]
        await gitlab_incident.add_labels(house.gitlab, found, missing, stale)
    except GitLabRefused as error:
        await house.store.papers.limit(paper.id, "labels", str(error))
        return
    await house.store.papers.limit(paper.id, "labels", "")


@step(tries=3, retry_if=worth_another_try)
async def assign_paper(house: House, incident_id: str) -> None:
    """Assign the person to ask, where one change is named. Whom people assigned stays assigned."""
    incident, paper = await _both(house, incident_id)
    verdict = incident.verdict
    settled = verdict is None or verdict.outcome is not Outcome.NAMED or incident.state is IncidentState.RESOLVED
    if not paper.assigns or settled or verdict is None:
        return
    candidate = verdict.named[0].candidate
    if paper.assigned_for == candidate.change.key:
        return
    async with paper_turn(incident_id):
        try:
            found = await read_paper(house, paper.label)
            # A step that begins anew finds whom it has assigned itself.
            first = person_to_ask(candidate.change, candidate.deployer).person
            if set(found.assignees) - {paper.assigned, first.id if first else None}:
                says = "Somebody is assigned already, so Backtrace assigned nobody."
                await house.store.papers.save(paper.id, assigned_says=says)
                return
            asked = await assign_somebody(house.gitlab, found, candidate)
        except GitLabRefused as error:
            await house.store.papers.limit(paper.id, "assignee", str(error))
            return
        values = {"assigned": asked.person.id if asked.person else None, "assigned_for": candidate.change.key}
        await house.store.papers.save(paper.id, assigned_says=assigned_note(asked), **values)
        await house.store.papers.limit(paper.id, "assignee", "")


@step(tries=3, retry_if=worth_another_try)
async def keep_timeline(house: House, incident_id: str) -> None:
    """An event for each thing that happened."""
    incident, paper = await _both(house, incident_id)
    async with paper_turn(incident_id):
        try:
            await add_events(house.gitlab, _place(paper), happened(await _text(house, incident, paper)))
        except GitLabRefused as error:
            await house.store.papers.limit(paper.id, "timeline", str(error))
            return
        await house.store.papers.limit(paper.id, "timeline", "")


@step(tries=ANSWERING_TRIES, retry_if=worth_another_try)
async def write_note(house: House, incident_id: str) -> None:
    incident, paper = await _both(house, incident_id)
    async with paper_turn(incident_id):
        await put_note(house, incident, paper)


async def put_note(house: House, incident: Incident, paper: Paper) -> None:
    """The one note, as everything stands now."""
    body = paper_note(await _text(house, incident, paper, await _revert(house, incident)))
    await keep_note(house.gitlab, _place(paper), incident.id, body, await house.own.id())


def _place(paper: Paper) -> gitlab_incident.Incident:
    return gitlab_incident.Incident(paper.project, paper.iid, "", paper.url, id=paper.issue_id)


async def _text(house: House, incident: Incident, paper: Paper, revert: str = "") -> PaperText:
    current = await house.store.papers.get(paper.id) or paper
    return PaperText(
        verdict=incident.verdict,
        state=incident.state,
        failure=incident.failure,
        revert=revert,
        assigned=_assigned(current, incident.verdict),
        deeds=await _deeds(house, incident),
        card_url=await _card_url(house, incident),
        resolved_at=incident.resolved_at,
        gone_back=gone_back_of(await house.store.proofs.of(incident.id), incident.excluded),
        limits=current.limits,
    )


def _assigned(paper: Paper, verdict: Verdict | None) -> str:
    """How the assignment went. Backtrace takes nobody off: where nobody is named any more, that is said."""
    if paper.assigned is None or verdict is None or verdict.named:
        return paper.assigned_says
    return f"{paper.assigned_says} No change is named any more, so whether they stay assigned is up to you."


async def _deeds(house: House, incident: Incident) -> tuple[Deed, ...]:
    people = await usernames(house)
    actions = [one for one in await house.store.actions.of(incident.id) if one.result in ("done", "failed")]
    told = [(one.slack_user, one.says, one.finished_at or one.at) for one in actions]
    rollbacks = await house.store.rollbacks.of(incident.id)
    told += [(one.slack_user, one.says, one.finished_at) for one in rollbacks if one.finished_at is not None]
    deeds = (Deed(people.get(user, ""), says, at) for user, says, at in told if says)
    return tuple(sorted(deeds, key=lambda deed: deed.at))


async def _revert(house: House, incident: Incident) -> str:
    verdict = incident.verdict
    if verdict is None or verdict.outcome is not Outcome.NAMED:
        return ""
    try:
        return await revert_command(house.gitlab, verdict.named[0].candidate.shipped)
    except GitLabError as error:
        log.warning("the merge request of incident %s could not be read for its revert: %s", incident.id, error)
        return ""


async def _card_url(house: House, incident: Incident) -> str:
    if incident.card_ts is None or not incident.channel:
        return ""
    try:
        return await house.poster.permalink(incident.channel, incident.card_ts)
    except SlackError as error:
        log.warning("Slack gave no link to the card of %s: %s", incident.id, error)
        return ""
