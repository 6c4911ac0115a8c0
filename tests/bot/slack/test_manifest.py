"""The manifest asks for what the code uses, no more, and the code listens for what the manifest says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest

from bot.slack.manifest import as_yaml, manifest
from sandbox.slack.web_api import METHODS
from tests.bot.slack.conftest import ALERTS, GONE, TEAM, VANI, RecordingHands

ROOT = Path(__file__).parents[3]


async def dispatch(bolt: AsyncApp, body: dict[str, Any]) -> int:
    headers = {"content-type": "application/json"}
    return (await bolt.async_dispatch(AsyncBoltRequest(body=json.dumps(body), headers=headers))).status


def test_the_file_at_the_root_is_the_http_form() -> None:
    """What people paste into Slack is what the code prints."""
    assert (ROOT / "manifest.yml").read_text(encoding="utf-8") == as_yaml(manifest(socket=False, url=None))


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (None, "https://backtrace.example.com/slack/events"),
        ("https://bot.acme.test", "https://bot.acme.test/slack/events"),
        ("https://bot.acme.test/", "https://bot.acme.test/slack/events"),
        ("https://bot.acme.test/slack/events", "https://bot.acme.test/slack/events"),
        ("https://acme.test/bot", "https://acme.test/bot/slack/events"),
    ],
)
def test_all_three_addresses_are_the_bots(url: str | None, shown: str) -> None:
    """Events, interactivity and the command go to one path."""
    form = manifest(socket=False, url=url)

    assert form["settings"]["event_subscriptions"]["request_url"] == shown
    assert form["settings"]["interactivity"]["request_url"] == shown
    assert form["features"]["slash_commands"][0]["url"] == shown


def test_the_socket_form_has_no_address() -> None:
    """Slack calls nobody there."""
    form = manifest(socket=True, url=None)

    assert form["settings"]["socket_mode_enabled"] is True
    assert "http" not in yaml.safe_dump(form)


def test_the_limits_of_a_manifest_hold() -> None:
    """docs.slack.dev, app manifest reference."""
    form = manifest(socket=False, url=None)

    assert len(form["display_information"]["name"]) <= 35
    assert len(form["display_information"]["description"]) <= 140


async def test_each_command_is_listened_for(bolt: AsyncApp, recording: RecordingHands) -> None:
    """What the manifest offers is answered."""
    for command in manifest(socket=False, url=None)["features"]["slash_commands"]:
        body = {"command": command["command"], "text": "x", "team_id": TEAM, "user_id": VANI, "channel_id": ALERTS}
        assert await dispatch(bolt, body) == 200

    assert len(recording.commands) == 1


async def test_each_shortcut_is_listened_for(bolt: AsyncApp, recording: RecordingHands) -> None:
    """What the manifest offers in a message's menu is answered."""
    (shortcut,) = manifest(socket=False, url=None)["features"]["shortcuts"]
    body = {
        "type": "message_action",
        "callback_id": shortcut["callback_id"],
        "team": {"id": TEAM},
        "user": {"id": VANI},
        "channel": {"id": ALERTS},
        "message": {"ts": "1.0", "text": "x"},
    }
    assert await dispatch(bolt, body) == 200

    assert [one.message["ts"] for one in recording.shortcuts] == ["1.0"]


async def test_each_event_is_listened_for(bolt: AsyncApp, recording: RecordingHands) -> None:
    """Each subscribed event is a message of one kind of channel, and is kept, or says that somebody has left."""
    kinds = {"message.channels": "channel", "message.groups": "group"}
    events = manifest(socket=False, url=None)["settings"]["event_subscriptions"]["bot_events"]
    assert set(events) == {*kinds, "user_change"}
    for number, name in enumerate(kinds):
        event = {"type": "message", "channel_type": kinds[name], "channel": ALERTS, "ts": f"{number}.0", "user": VANI}
        await dispatch(bolt, {"type": "event_callback", "team_id": TEAM, "event_id": f"Ev{number}", "event": event})

    assert len(recording.messages) == len(kinds)


async def test_only_a_user_who_left_is_told_of(bolt: AsyncApp, recording: RecordingHands) -> None:
    """Slack sends each change of a profile; a new picture is none of the bot's business."""
    for number, user in enumerate(({"id": VANI, "deleted": False}, {"id": VANI}, {"id": GONE, "deleted": True})):
        event = {"type": "user_change", "user": user}
        body = {"type": "event_callback", "team_id": TEAM, "event_id": f"Ev{number}", "event": event}
        assert await dispatch(bolt, body) == 200

    assert recording.gone == [GONE]


def test_the_scopes_are_those_of_the_methods_that_are_called() -> None:
    """A scope that no method and no event needs is not asked for; none is missing. ``users.info`` has two."""
    used = ["chat.postMessage", "chat.update", "conversations.history", "conversations.replies", "conversations.info"]
    methods = [METHODS[name] for name in (*used, "users.info")]
    needed = {scope for method in methods for scope in (method.scope, method.private_scope) if scope}

    assert set(manifest(socket=False, url=None)["oauth_config"]["scopes"]["bot"]) == {
        *needed,
        "commands",
        "users:read.email",
    }
