"""What people and senders do, as people do it: who sees an error, or nothing, tries again."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import aiohttp

from sandbox.browser import browsing
from sandbox.gitlab.records import Issue
from sandbox.player import NeverCameError, eventually
from sandbox.slack.draw import render_text
from tests.slow.dying import Play

Act = Callable[[Play], Awaitable[None]]
Json = dict[str, Any]

PATIENCE_S = 120.0
"""Longer than two of the half minutes in which the bot looks anew, where Slack has refused its edits."""
SOON_S = 0.25
_INVITATION = re.compile(r"(https?://\S+?/link/[0-9a-f]+)\S*.*?\b([2-9A-Z]{4}-[2-9A-Z]{4})\b", re.DOTALL)

MODAL_S = 12.0
"""How long somebody looks at "Checking…" before they close it and press again."""


async def cards(play: Play) -> list[Json]:
    """All cards of the alerts' channel, oldest first."""
    messages = await play.stage.slack.messages(play.stage.alerts)
    return [message for message in messages if message.get("metadata", {}).get("event_type") == "backtrace_card"]


async def the_card(play: Play) -> Json:
    async def look() -> Json | None:
        found = await cards(play)
        return found[0] if found else None

    return await eventually("a card", look, PATIENCE_S)


def drawn(message: Json) -> str:
    return " ".join(render_text(message).split())


def state_of(card: Json) -> str:
    return str(card["metadata"]["event_payload"].get("state"))


def sees(*words: str) -> Act:
    """Waits until the card has these words."""

    async def act(play: Play) -> None:
        async def look() -> bool:
            return any(all(word in drawn(card) for word in words) for card in await cards(play))

        await eventually(f"a card with {words}", look, PATIENCE_S)

    return act


async def fires(play: Play) -> None:
    await play.player.fire()


def posts(payload: Json) -> Act:
    """Another message of a sender."""

    async def act(play: Play) -> None:
        await play.stage.slack.post_webhook(play.stage.alerts, dict(payload))

    return act


async def is_over(play: Play) -> None:
    await play.stage.slack.post_webhook(play.stage.alerts, dict(play.stage.world.alert.resolved))


def settles(state: str) -> Act:
    """Waits until the card is in that state."""

    async def act(play: Play) -> None:
        async def look() -> bool:
            return [state_of(card) for card in await cards(play)][:1] == [state]

        await eventually(f"state {state}", look, PATIENCE_S)

    return act


def presses(who: str, action: str, done: str, failed: str) -> Act:
    """Presses until the card says that it was done; again after an error, and after the card says that it failed."""

    async def act(play: Play) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            said = drawn(await the_card(play))
            if done in said:
                return
            if await _pressed(play, who, action):
                await _either(play, done, failed, said.count(failed))
            await asyncio.sleep(SOON_S)
        raise NeverCameError(f"{who} pressed {action} for {PATIENCE_S:.0f} s, and the card never said {done!r}")

    return act


async def _pressed(play: Play, who: str, action: str) -> bool:
    """Whether Slack took the press; not, where the bot does not answer, or the button is gone."""
    card = await the_card(play)
    try:
        where = (play.stage.slack_id(who), play.stage.alerts, card["ts"], f"backtrace:{action}")
        return not (await play.stage.slack.press(*where)).error
    except LookupError:
        return False


async def _either(play: Play, done: str, failed: str, before: int) -> None:
    async def look() -> bool:
        said = drawn(await the_card(play))
        return done in said or said.count(failed) > before

    await eventually(f"a card that says {done!r} or {failed!r}", look, PATIENCE_S)


def goes(who: str, action: str, state: str, then: Mapping[str, tuple[str, str]] | None = None) -> Act:
    """Presses, confirms and waits until the card is in that state, however often that takes.

    ``then``: who presses what once the card says these words.
    """

    async def act(play: Play) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            card = await the_card(play)
            now, said = state_of(card), drawn(card)
            if now in (state, "resolved"):
                return
            following = next((press for words, press in (then or {}).items() if words in said), None)
            if following is not None:
                await _pressed(play, *following)
            elif not now.startswith("rolling") and await _pressed(play, who, action):
                await _confirms(play, who)
            await asyncio.sleep(SOON_S)
        raise NeverCameError(f"{state}: not within {PATIENCE_S:.0f} s")

    return act


async def _confirms(play: Play, who: str) -> None:
    """Submits the dialog, and closes it once it says how that went, or for too long that it checks."""
    user, deadline = play.stage.slack_id(who), time.monotonic() + MODAL_S
    while time.monotonic() < deadline:
        view = await play.stage.slack.view_of(user)
        if view is None:
            return
        if view.get("submit"):
            await play.stage.slack.submit(user)
        elif "Checking" not in drawn(view):
            break
        await asyncio.sleep(SOON_S)
    if await play.stage.slack.view_of(user) is not None:
        await play.stage.slack.close(user)


def asks(words: str) -> Act:
    """Types a question, again where Slack says that the command failed."""

    async def act(play: Play) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            reply = await play.stage.slack.command(play.stage.slack_id("tomas"), play.stage.alerts, words)
            if not reply.error:
                return
            await asyncio.sleep(SOON_S)
        raise NeverCameError("a question that is taken")

    return act


def links(who: str) -> Act:
    """Links the GitLab account, all the way, and anew where a page or the command fails."""

    async def act(play: Play) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            user = play.stage.slack_id(who)
            reply = await play.stage.slack.command(user, play.stage.alerts, "link")
            if "already linked" in reply.text:
                return
            found = _INVITATION.search(reply.text)
            if found is not None and await _linked(found[1], found[2], who):
                return
            await asyncio.sleep(SOON_S)
        raise NeverCameError("a link of the GitLab account")

    return act


async def _linked(url: str, code: str, who: str) -> bool:
    try:
        async with browsing() as browser:
            page = await browser.link(url, code, who)
    except aiohttp.ClientError:
        return False
    return "Linked" in page.text


async def opens_incident(play: Play) -> None:
    state = play.stage.gitlab.state
    text = "login error rate jumped 5x on web production\n\nSession expired: auth/session.py"
    now = state.now()
    state.issues[900] = Issue(9900, 900, "Login errors: five times as many", text, "kim", now, now, kind="incident")
    state.on_change("issue:open", 900)


async def closes_incident(play: Play) -> None:
    url = f"{play.stage.gitlab.url}/api/v4/projects/shop%2Fweb/issues/900"
    body, headers = {"state_event": "close"}, {"PRIVATE-TOKEN": "glpat-kim"}
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        try:
            async with aiohttp.ClientSession() as session, session.put(url, json=body, headers=headers) as answer:
                if answer.ok:
                    return
        except aiohttp.ClientError:
            pass
        await asyncio.sleep(SOON_S)
    raise NeverCameError("an incident that can be closed")
