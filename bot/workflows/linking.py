"""A press by somebody who is not linked yet: the modal says how to link, and goes on with the wish afterwards."""

from __future__ import annotations

from bot.gitlab.client import GitLabError
from bot.linking.parties import Asker
from bot.linking.words import MINUTES, NOT_LINKED_YET
from bot.slack import modal
from bot.slack.linking import WISHES, link_modal
from bot.store import Action, Ending, Incident
from bot.ways import way_of_press
from bot.workflows.house import House
from bot.workflows.pressing import refusal_of


async def link_first(house: House, incident: Incident, action: Action) -> tuple[dict[str, object], Ending] | None:
    """What the modal shows instead of the checks; None where the checks can be made, or say themselves why not."""
    linker, user = house.linker, action.slack_user
    if linker is None or await linker.is_linked(user) or await refusal_of(house, incident, user):
        return None
    asker = Asker(user, incident.team, incident.channel, None, incident.id, action.detail)
    try:
        invitation = await linker.invite(asker)
    except GitLabError as error:
        return modal.refusal_modal((str(error),), way=way_of_press(action.kind)), Ending("refused", NOT_LINKED_YET)
    return link_modal(invitation.url, invitation.code, MINUTES, WISHES[action.kind]), Ending("refused", NOT_LINKED_YET)
