"""The bodies that Slack sends to an app: event envelopes, commands, presses, views. Pure."""

from __future__ import annotations

import copy
from dataclasses import dataclass

from sandbox.slack.team import Json, SlackChannel, SlackTeam, SlackUser

VERIFICATION_TOKEN = "deprecated-verification-token"


@dataclass(frozen=True, slots=True)
class Occasion:
    """One interaction: who, in which team, with the ids that let the app answer it."""

    team: SlackTeam
    user: SlackUser
    trigger_id: str
    response_url: str = ""

    @property
    def home_team(self) -> str:
        return self.user.team_id or self.team.team_id


def event_callback(team: SlackTeam, event: Json, event_id: str, event_time: int) -> Json:
    """The envelope of the Events API (docs.slack.dev/apis/events-api)."""
    channel = team.channel(event.get("channel", ""))
    return {
        "token": VERIFICATION_TOKEN,
        "team_id": team.team_id,
        "context_team_id": team.team_id,
        "context_enterprise_id": None,
        "api_app_id": team.app_id,
        "event": event,
        "type": "event_callback",
        "event_id": event_id,
        "event_time": event_time,
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": team.team_id,
                "user_id": team.bot_user_id,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": channel is not None and channel.is_ext_shared,
        "event_context": f"4-{event_id}",
    }


def slash_command(occasion: Occasion, channel: SlackChannel, command: str, text: str) -> Json:
    """The form fields of a slash command, before form encoding."""
    return {
        "token": VERIFICATION_TOKEN,
        "team_id": occasion.home_team,
        "team_domain": occasion.team.domain,
        "channel_id": channel.id,
        "channel_name": "privategroup" if channel.is_private else channel.name,
        "user_id": occasion.user.id,
        "user_name": occasion.user.name,
        "command": command,
        "text": text,
        "api_app_id": occasion.team.app_id,
        "is_enterprise_install": "false",
        "response_url": occasion.response_url,
        "trigger_id": occasion.trigger_id,
    }


def message_press(occasion: Occasion, channel: SlackChannel, message: Json, action: Json) -> Json:
    """``block_actions`` from a message, ephemeral or not."""
    ephemeral = bool(message.get("is_ephemeral"))
    container = {
        "type": "message",
        "message_ts": message["ts"],
        "channel_id": channel.id,
        "is_ephemeral": ephemeral,
    }
    if "thread_ts" in message:
        container["thread_ts"] = message["thread_ts"]
    body = {
        **_interaction("block_actions", occasion),
        "container": container,
        "channel": {"id": channel.id, "name": "privategroup" if channel.is_private else channel.name},
        "state": {"values": {}},
        "response_url": occasion.response_url,
        "actions": [action],
    }
    # Slack leaves the message out when it was ephemeral.
    return body if ephemeral else {**body, "message": copy.deepcopy(message)}


def message_action(occasion: Occasion, channel: SlackChannel, message: Json, callback_id: str) -> Json:
    """A message shortcut (docs.slack.dev/interactivity/implementing-shortcuts)."""
    return {
        **_interaction("message_action", occasion),
        "callback_id": callback_id,
        "message_ts": message["ts"],
        "channel": {"id": channel.id, "name": "privategroup" if channel.is_private else channel.name},
        "message": copy.deepcopy(message),
        "response_url": occasion.response_url,
    }


def view_submission(occasion: Occasion, view: Json) -> Json:
    return {**_interaction("view_submission", occasion), "view": copy.deepcopy(view), "response_urls": []}


def view_closed(occasion: Occasion, view: Json, *, is_cleared: bool) -> Json:
    """Closed by hand, or with all others (``is_cleared``). There is no trigger to answer it with."""
    body = _interaction("view_closed", occasion)
    del body["trigger_id"]
    return {**body, "view": copy.deepcopy(view), "is_cleared": is_cleared}


def _interaction(kind: str, occasion: Occasion) -> Json:
    user = occasion.user
    return {
        "type": kind,
        "user": {"id": user.id, "username": user.name, "name": user.name, "team_id": occasion.home_team},
        "api_app_id": occasion.team.app_id,
        "token": VERIFICATION_TOKEN,
        "team": {"id": occasion.team.team_id, "domain": occasion.team.domain},
        "enterprise": None,
        "is_enterprise_install": False,
        "trigger_id": occasion.trigger_id,
    }
