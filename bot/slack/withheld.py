"""The card of an incident that was made confidential after it was shown: all that it said is taken back. Pure."""

from __future__ import annotations

from bot.cards import IncidentLink
from bot.slack.blocks import section
from bot.slack.card import Card
from bot.slack.text import link

SAYS = "This incident is confidential in GitLab, so nothing of it is shown here."


def withheld_card(incident: IncidentLink | None) -> Card:
    where = f"{SAYS} {link(incident.url, 'Look at it there')}" if incident is not None else SAYS
    return Card(SAYS, tuple(section((where,), 1000)))
