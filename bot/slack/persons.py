"""Who a Slack member is, as ``users.info`` tells (docs.slack.dev, users.info; the address needs users:read.email)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.linking.pair import SlackPerson
from bot.slack.client import CALL_ERRORS, Identity, slack_error


async def read_person(client: AsyncWebClient, slack_user: str, own: Identity) -> SlackPerson:
    """:raises SlackError: when Slack does not tell."""
    try:
        answer = await client.users_info(user=slack_user)
    except CALL_ERRORS as error:
        raise slack_error(error) from error
    user = _object(answer.get("user"))
    profile = _object(user.get("profile"))
    team = _word(user, "team_id")
    return SlackPerson(
        id=slack_user,
        name=_word(profile, "real_name") or _word(user, "real_name") or _word(user, "name"),
        handle=_word(user, "name"),
        email=_word(profile, "email"),
        workspace=own.team if own.team and team in ("", own.team_id) else team or own.team_id,
        deleted=user.get("deleted") is True,
    )


def _object(found: object) -> Mapping[str, Any]:
    return found if isinstance(found, Mapping) else {}


def _word(holder: Mapping[str, Any], name: str) -> str:
    found = holder.get(name)
    return found if isinstance(found, str) else ""
