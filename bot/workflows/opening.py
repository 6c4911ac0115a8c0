"""The GitLab incident behind an incident of ours: found again, opened once, and what is known of it."""

from __future__ import annotations

import asyncio

from backtrace_core.alerts.gitlab_incident import incident_key
from backtrace_core.model import Severity, Verdict
from bot.cards import IncidentLink, IncidentState
from bot.gitlab import incident as gitlab_incident
from bot.gitlab.client import GitLabRefused
from bot.gitlab.note import incident_text
from bot.gitlab.severity import set_severity
from bot.store import Incident, Paper
from bot.workflows.house import House
from bot.workflows.turns import turn


def opens_by_itself(house: House, incident: Incident) -> bool:
    """Whether the settings want an incident for an alert that is so grave."""
    least, alert = house.settings.gitlab.open_incidents_from, incident.alert
    if least is None or alert is None or alert.severity is None or incident.state is IncidentState.RESOLVED:
        return False
    return alert.severity <= Severity[least.upper()]


async def open_paper(house: House, incident: Incident, verdict: Verdict, *, assigns: bool) -> None:
    """Open the GitLab incident, unless it exists: it carries our incident's id from the moment of its creation.

    ``assigns``: from now on its assignment follows the verdict.
    """
    service = verdict.scope.service
    project = service.incident_project or service.project
    async with paper_turn(incident.id):
        found = await _standing(house, incident) or await gitlab_incident.find_incident(
            house.gitlab, project, incident.id, await house.own.id()
        )
        if found is None:
            title, description = incident_text(verdict, incident.id)
            found = await gitlab_incident.open_incident(house.gitlab, project, title, description, service.project)
        await house.store.incidents.save_gitlab_incident(
            incident.id, IncidentLink(f"{found.project}#{found.iid}", found.url)
        )
        paper = await _keep_row(house, incident, found)
        if assigns:
            await house.store.papers.save(paper.id, assigns=True)
    await _grade(house, paper, found, verdict.alert.severity)


async def _standing(house: House, incident: Incident) -> gitlab_incident.Incident | None:
    """The incident that is known already, unless somebody has deleted it."""
    if incident.gitlab_incident is None:
        return None
    try:
        return await read_paper(house, incident.gitlab_incident.label)
    except GitLabRefused:
        return None


async def read_paper(house: House, label: str) -> gitlab_incident.Incident:
    project, _, iid = label.rpartition("#")
    return await gitlab_incident.read_incident(house.gitlab, project, int(iid))


async def paper_of(house: House, incident: Incident) -> Paper | None:
    """What is known of the paper; of one that an earlier release opened it is asked for."""
    known = await house.store.papers.of(incident.id)
    if known is not None or incident.gitlab_incident is None:
        return known
    return await _keep_row(house, incident, await read_paper(house, incident.gitlab_incident.label))


async def _keep_row(house: House, incident: Incident, found: gitlab_incident.Incident) -> Paper:
    key = incident_key(found.project_id, found.iid)
    # An incident of GitLab's own has its key for a name: the inbox may have been cut off before it wrote this row.
    paper = Paper(
        id=key,
        incident_id=incident.id,
        project=found.project,
        iid=found.iid,
        issue_id=found.id,
        url=found.url,
        updated_at=found.updated_at or house.clock(),
        ours=incident.id != key,
        assigns=incident.id == key,
    )
    await house.store.papers.keep(paper)
    return await house.store.papers.get(paper.id) or paper


async def _grade(house: House, paper: Paper, found: gitlab_incident.Incident, severity: Severity | None) -> None:
    if house.settings.gitlab.incident_severity == "untouched" or severity is None:
        return
    try:
        await set_severity(house.gitlab, found, severity)
    except GitLabRefused as error:
        await house.store.papers.limit(paper.id, "severity", str(error))


def paper_turn(incident_id: str) -> asyncio.Lock:
    # Two people may press at the same moment, and each would find nothing there yet.
    return turn(f"paper-{incident_id}")
