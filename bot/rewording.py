"""What a GitLab incident says now: it was edited, or tells more than GitLab's own post about it in the channel."""

from __future__ import annotations

from dataclasses import replace

from backtrace_core.alerts.gitlab_incident import SENDER, ToldIncident, alert_of_incident, label_of_url
from bot.store import Incident, Paper
from bot.workflows import House


async def reworded(house: House, paper: Paper, told: ToldIncident) -> bool:
    """Whether the incident of ours that it is about says something else now; that is kept then."""
    incident = await house.store.incidents.existing(paper.incident_id)
    old = incident.alert
    if old is None or not tells_of(incident, paper):
        return False
    new = alert_of_incident(told, house.settings.catalog)
    if incident.id != paper.id:
        # It stays the message that it is known by.
        new = replace(new, received_at=old.received_at, fingerprint=old.fingerprint)
    if replace(new, status=old.status) == old:
        return False
    await house.store.incidents.save_question(incident.id, new, incident.since)
    return True


def tells_of(incident: Incident, paper: Paper) -> bool:
    """Whether our incident is that one of GitLab's: by itself, or by GitLab's own post about it."""
    if paper.ours or incident.alert is None:
        return False
    links = {label_of_url(link.url) for link in incident.alert.links}
    return incident.id == paper.id or (incident.alert.sender == SENDER and paper.label in links)
