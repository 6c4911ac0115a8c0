"""Whether what has joined an incident is another trouble, and what it becomes then.

What GitLab did not answer is looked at again (:mod:`bot.taking_up`): until then nobody knows.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

from backtrace_core.hidden import hides_candidates
from backtrace_core.joining import Relation, better_told, is_another, tells_more, together, told_by
from backtrace_core.model import Alert, Outcome, Verdict
from backtrace_core.others import scopes_beside
from backtrace_core.scope import scope_of
from bot.gitlab.client import GitLabError
from bot.sources.reading import is_lasting, lasts
from bot.store import Incident, Message, NewIncident
from bot.workflows.house import House
from bot.workflows.scoping import catalog_for
from bot.workflows.tracing import may_show, most_telling, trace_turn, traced

MOST_TRACED = 3
"""How many messages that may be another trouble are traced at once; a storm of them is no reason to read GitLab empty.
The others stay joined, and people can part them."""

log = logging.getLogger(__name__)


class UnansweredError(Exception):
    """GitLab did not answer, but may do so later."""


async def part(house: House, incident: Incident, looked: Sequence[Message]) -> list[Message]:
    """Trace what may be another trouble, and part it where its suspects are others. Returns what has to be looked at
    again."""
    perhaps = [one for one in looked if one.relation is Relation.PERHAPS_ANOTHER and one.resolved_at is None]
    parts = groups(house, perhaps)[:MOST_TRACED]
    for nth, group in enumerate(parts):
        try:
            verdict = await _traced(house, incident, telling_of(group))
        except UnansweredError:
            # The others would only wait for the same answer.
            return [one for rest in parts[nth:] for one in rest]
        if verdict is not None and is_another(verdict, incident.verdict):
            await house.store.messages.split(group, own_incident(incident, group, house))
    return []


async def trace_better(house: House, incident: Incident) -> bool:
    """Trace again by what tells more, where the last trace ended without enough evidence. False where it has to be done
    again."""
    async with trace_turn(incident.id):
        return await _trace_better(house, await house.store.incidents.existing(incident.id))


async def _trace_better(house: House, incident: Incident) -> bool:
    if incident.verdict is not None and incident.verdict.outcome is not Outcome.NOT_ENOUGH:
        return True
    alert = await most_telling(house, incident)
    known = incident.verdict.alert if incident.verdict is not None else incident.alert
    if known is None or not tells_more(alert, known):
        return True
    try:
        verdict = await _traced(house, incident, alert)
    except UnansweredError:
        return False
    if verdict is not None:
        await house.store.incidents.save_verdict(incident.id, verdict)
    return True


async def _traced(house: House, incident: Incident, alert: Alert) -> Verdict | None:
    """The trace of another message; None where it can't be made, or may not be shown in this channel.

    :raises UnansweredError: also where what is missing may hide whom it would have named.
    """
    try:
        scope = scope_of(alert, await catalog_for(house, alert))
        if scope is None or not may_show(scope.service, incident.channel):
            return None
        shown = (service for service in house.settings.catalog.services if may_show(service, incident.channel))
        verdict = await traced(house, incident, (alert, scope), scopes_beside(scope, shown))
    except GitLabError as error:
        # The card that stands is no worse for it.
        log.warning("a message of incident %s could not be traced: %s", incident.id, error)
        if lasts(error):
            return None
        raise UnansweredError from error
    if not verdict.named and any(hides_candidates(gap) and not is_lasting(gap) for gap in verdict.gaps):
        raise UnansweredError
    return verdict


def groups(house: House, perhaps: Sequence[Message]) -> list[list[Message]]:
    """Several senders may tell of the other trouble too: together they are one."""
    told = [told_by(one.alert, house.settings.catalog) for one in perhaps]
    return [[perhaps[nth] for nth in group] for group in together(told)]


def own_incident(incident: Incident, group: Sequence[Message], house: House) -> NewIncident:
    """What the messages become: the card stands in the first one's thread, and is traced by what tells most."""
    message = group[0]
    name, thread = f"{incident.team}-{message.channel}-{message.ts}", message.ts if is_slacks(message.ts) else None
    # Parted later than it came: what is late about it is not the answer.
    return NewIncident(name, incident.team, message.channel, thread, house.clock(), alert=telling_of(group))


def telling_of(group: Sequence[Message]) -> Alert:
    return better_told(group[0].alert, (one.alert for one in group)) or group[0].alert


def is_slacks(ts: str) -> bool:
    return ts.replace(".", "", 1).isdigit()
