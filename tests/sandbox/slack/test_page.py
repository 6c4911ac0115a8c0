"""The page's files and the endpoints behind it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest

from sandbox.slack import Slack, serve_slack
from sandbox.slack.page import STATIC
from tests.sandbox.slack.bot import http_bot
from tests.sandbox.slack.conftest import ALERTS, FAST, SHARED, client_of, team_with
from tests.sandbox.slack.test_delivery import CARD

VANI, BORIS = "U0VANI0001", "U0BORIS001"


@pytest.fixture
async def slack() -> AsyncIterator[Slack]:
    """With the real time: the bot measures the age of signatures itself."""
    async with serve_slack(team_with(), lambda: datetime.now(UTC), FAST) as running:
        yield running


@pytest.fixture
async def browser(slack: Slack) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(slack.url) as session:
        yield session


async def act(browser: aiohttp.ClientSession, name: str, **asked: Any) -> tuple[int, Any]:
    async with browser.post(f"/_/{name}", json={"user": VANI, "channel": ALERTS, **asked}) as response:
        return response.status, await response.json()


async def seen(browser: aiohttp.ClientSession, user: str = VANI, channel: str = ALERTS) -> Any:
    async with browser.get("/_/channel", params={"user": user, "channel": channel}) as response:
        return await response.json()


@pytest.mark.parametrize(
    "path", ["/", "/static/slack.js", "/static/mrkdwn.js", "/static/blocks.js", "/static/slack.css"]
)
async def test_files_come_with_a_policy(browser: aiohttp.ClientSession, path: str) -> None:
    """Nothing but our own files may run: a script that slipped into a message stays text."""
    async with browser.get(path) as response:
        assert response.status == 200
        assert "script-src 'self'" in response.headers["Content-Security-Policy"]


async def test_no_other_file_is_served(browser: aiohttp.ClientSession) -> None:
    """Only the page's own files can be fetched."""
    async with browser.get("/static/..%2f__init__.py") as response:
        assert response.status == 404


def test_the_scripts_never_make_html_of_text() -> None:
    """Messages come from anybody: no script of the page parses a string as HTML."""
    for script in STATIC.glob("*.js"):
        source = script.read_text(encoding="utf-8")
        for risky in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "DOMParser", "eval("):
            assert risky not in source, f"{script.name}: {risky}"


async def test_the_page_knows_the_workspace(browser: aiohttp.ClientSession) -> None:
    """Channels and people to choose from."""
    async with browser.get("/_/team") as response:
        team = await response.json()

    assert [channel["name"] for channel in team["channels"]] == ["alerts", "other", "secret", "shared"]
    assert VANI in [user["id"] for user in team["users"]]
    assert team["bot"]["id"] == "U0BACKTRACE"


async def test_a_message_is_seen_by_all_an_ephemeral_by_one(slack: Slack, browser: aiohttp.ClientSession) -> None:
    """Everybody has the same channel, and their own ephemeral messages in it."""
    status, said = await act(browser, "say", text="hello")
    await client_of(slack).chat_postEphemeral(channel=ALERTS, user=BORIS, text="psst")
    vani, boris, elsewhere = await seen(browser), await seen(browser, BORIS), await seen(browser, BORIS, SHARED)

    assert (status, said["ts"]) == (200, vani["messages"][0]["ts"])
    assert [message["text"] for message in vani["messages"]] == ["hello"]
    assert [message["text"] for message in boris["messages"]] == ["hello", "psst"]
    assert elsewhere["messages"] == []


async def test_buttons_and_modals_work_from_the_page(slack: Slack, browser: aiohttp.ClientSession) -> None:
    """What the page posts presses, submits and closes as a person does."""
    async with http_bot(slack) as heard:
        ts = (await client_of(slack).chat_postMessage(channel=ALERTS, text="card", blocks=CARD))["ts"]
        pressed = await act(browser, "press", ts=ts, action_id="go", value="i1")
        await slack.until(lambda: slack.state.views.get(VANI))
        view = (await seen(browser))["view"]
        refused = await act(browser, "submit", view_id=view["id"], values={})
        submitted = await act(browser, "submit", view_id=view["id"], values={"reason": "x"})
        await act(browser, "press", ts=ts, action_id="go")
        await slack.until(lambda: slack.state.views.get(VANI))
        closed = await act(browser, "close")
        commanded = await act(browser, "command", text="/backtrace login")

    assert (pressed, view["title"]["text"]) == ((200, {"error": "", "url": ""}), "Roll back")
    assert refused[1]["errors"] == {"why": "Please complete this required field."}
    assert (submitted[1]["error"], submitted[1]["view"], closed) == ("", None, (200, {}))
    assert commanded[1]["message"]["text"] == "looking …"
    assert (len(heard.actions), len(heard.submissions), len(heard.closed)) == (2, 1, 1)


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("press", {"ts": "1.000000", "action_id": "x"}),
        ("say", {"user": "U0NOBODY01", "text": "x"}),
        ("say", {}),
        ("submit", {}),
    ],
)
async def test_what_cant_be_done_is_said(browser: aiohttp.ClientSession, name: str, asked: dict[str, Any]) -> None:
    """A wrong request is answered with words, not with a traceback."""
    status, answer = await act(browser, name, **asked)

    assert status == 400
    assert answer["error"]


async def test_another_site_cant_press(slack: Slack, browser: aiohttp.ClientSession) -> None:
    """A form on a foreign page can't send JSON as JSON, and is refused."""
    async with browser.post("/_/say", data='{"user": "U0VANI0001", "channel": "C0ALERTS01", "text": "x"}') as response:
        assert response.status == 415
    assert await slack.messages(ALERTS) == []


async def test_the_stream_tells_of_changes(slack: Slack, browser: aiohttp.ClientSession) -> None:
    """An event comes at once and at each change."""
    async with browser.get("/stream") as response:
        first = await response.content.readuntil(b"\n\n")
        reading = asyncio.create_task(response.content.readuntil(b"\n\n"))
        await asyncio.sleep(0)
        await slack.say(VANI, ALERTS, "x")
        second = await asyncio.wait_for(reading, 2)

    assert first.startswith(b"data: ")
    assert second.startswith(b"data: ")
    assert second != first


async def test_a_shortcut_of_a_message_reaches_the_bot(slack: Slack, browser: aiohttp.ClientSession) -> None:
    """As a message action, with the whole message; without a bot the person is told that it failed."""
    status, said = await act(browser, "say", text="login fails")
    assert status == 200
    status, done = await act(browser, "shortcut", ts=said["ts"])

    assert (status, done["error"]) == (200, "dispatch_failed")
    assert "This shortcut failed" in str(await slack.ephemerals(VANI))
