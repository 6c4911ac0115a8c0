"""Assigning an incident to the person to ask: who can't be assigned is passed over, and it is said why."""

from __future__ import annotations

from backtrace_core.model import Candidate, Person
from backtrace_core.person_to_ask import PersonToAsk, person_to_ask
from bot.gitlab.client import GitLabClient, GitLabRefused
from bot.gitlab.incident import Incident, assign
from bot.gitlab.people import access_level
from bot.gitlab.text import inline

MOST_TRIED = 5


async def assign_somebody(client: GitLabClient, incident: Incident, candidate: Candidate) -> PersonToAsk:
    """Assign the first person to ask whom GitLab takes; returns whom, or that there was nobody.

    :raises GitLabError: as ``assign`` does.
    """
    unfit: dict[int, str] = {}
    while True:
        asked = person_to_ask(candidate.change, candidate.deployer, unfit)
        if asked.person is None or len(unfit) >= MOST_TRIED:
            return PersonToAsk(None, None, asked.why)
        why_not = await _why_not(client, incident, asked.person)
        if not why_not:
            return asked
        unfit[asked.person.id] = why_not


async def _why_not(client: GitLabClient, incident: Incident, person: Person) -> str:
    """Assigns them; why that is not possible, else empty."""
    if await _is_no_member(client, incident.project, person):
        return f"is no member of {incident.project}"
    return "" if await assign(client, incident, (person.id,)) else "can't be assigned in GitLab"


async def _is_no_member(client: GitLabClient, project: str, person: Person) -> bool:
    try:
        return await access_level(client, project, person.id) is None
    except GitLabRefused:
        # Who may not list members learns from the assignment itself.
        return False


def assigned_says(asked: PersonToAsk, incident: str) -> str:
    """What was done, for the card."""
    if asked.person is None:
        return f"asked to assign in {incident}: nobody in GitLab could be assigned ({asked.why or 'nobody is known'})"
    done = f"assigned {asked.person.name} (@{asked.person.username}) to {incident}"
    return done if asked.is_author else f"{done}, not the author: {asked.why}"


def assigned_note(asked: PersonToAsk) -> str:
    """The same for the incident's note, with the reason where the assignee is not the author."""
    if asked.person is None:
        return f"Nobody could be assigned: {inline(asked.why or 'nobody is known')}"
    who = inline(asked.person.name)
    if asked.is_author:
        return f"Assigned to {who}, the change's author."
    return f"Assigned to {who} instead of the change's author: {inline(asked.why)}"
