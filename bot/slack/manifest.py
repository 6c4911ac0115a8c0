"""The Slack app's manifest, in the form for HTTP and in that for Socket Mode: one app can't be both.

Scopes and events are those that the code uses, no more (docs.slack.dev, app manifest reference).
"""

from __future__ import annotations

from typing import Any

import yaml

from bot.slack.command import COMMAND, TRACE

PATH = "/slack/events"
PLACEHOLDER = "https://backtrace.example.com"

# Reading alerts and the thread of a card; whether a channel is shared; cards; /backtrace; guests and time zones; the
# address that a Slack member and a GitLab user must have in common before one acts as the other.
SCOPES = (
    "channels:history",
    "groups:history",
    "channels:read",
    "groups:read",
    "chat:write",
    "commands",
    "users:read",
    "users:read.email",
)
EVENTS = ("message.channels", "message.groups", "user_change")


def manifest(*, socket: bool, url: str | None) -> dict[str, Any]:
    """The manifest. ``url`` is the bot's public address, with or without the path; Socket Mode needs none."""
    address = {} if socket else {"request_url": _request_url(url)}
    return {
        "_metadata": {"major_version": 2},
        "display_information": {
            "name": "Backtrace",
            "description": "Traces an alert to the merge request that caused it, and rolls it back.",
            "background_color": "#2b3a55",
        },
        "features": {
            "bot_user": {"display_name": "Backtrace", "always_online": True},
            "shortcuts": [
                {
                    "name": "Trace this alert",
                    "type": "message",
                    "callback_id": TRACE,
                    "description": "Find the change that caused what this message tells of",
                }
            ],
            "slash_commands": [_command() | ({} if socket else {"url": _request_url(url)})],
        },
        "oauth_config": {"scopes": {"bot": list(SCOPES)}},
        "settings": {
            "event_subscriptions": {**address, "bot_events": list(EVENTS)},
            "interactivity": {"is_enabled": True, **address},
            "org_deploy_enabled": False,
            "socket_mode_enabled": socket,
            "token_rotation_enabled": False,
        },
    }


def as_yaml(form: dict[str, Any]) -> str:
    """The text of ``manifest.yml``."""
    return yaml.safe_dump(form, sort_keys=False)


def _command() -> dict[str, Any]:
    return {
        "command": COMMAND,
        "description": "Find the change that caused a trouble",
        "usage_hint": "[service] [environment] [since 14:00] what is wrong",
        # People type names of services; Slack must not make mentions of them.
        "should_escape": False,
    }


def _request_url(url: str | None) -> str:
    return f"{(url or PLACEHOLDER).rstrip('/').removesuffix(PATH)}{PATH}"
