"""What the tests of linking do and look at: a bot with pages, its answers to /backtrace link, browsers."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sandbox.browser import Page, browsing
from sandbox.demo import free_port
from sandbox.player import Player, eventually
from sandbox.slack.draw import render_text
from sandbox.stage import BotOptions, Stage, StageOptions, set_up
from sandbox.worlds.model import World
from tests.scenarios.looking import id_of, one_line
from tests.scenarios.stage import PROMPT, QUICK, T0, Clock, Scene, as_told, bot_on, scene
from tests.scenarios.stage import told as told_world

NO_PEOPLE = re.compile(r"^U0\w+ = .*$", re.MULTILINE)
_URL = re.compile(r"https?://\S+?/link/[0-9a-f]+")
_DEVICE = re.compile(r"https?://\S+?/oauth/device\S*")
_CODE = re.compile(r"\b[2-9A-Z]{4}-[2-9A-Z]{4}\b|\b[B-Z]{8}\b")
WAIT_S = 15


def with_page(**more: Any) -> BotOptions:
    """A bot that acts as people, with an address of its own that browsers reach."""
    port = free_port()
    return replace(PROMPT, act_as="person", port=port, public_url=f"http://127.0.0.1:{port}", **more)


@asynccontextmanager
async def own_rights(
    folder: Path,
    stage: StageOptions = QUICK,
    bot: BotOptions | None = None,
    change: Callable[[World], World] = as_told,
) -> AsyncIterator[Scene]:
    """The login world with a bot that acts as people."""
    async with scene("login", folder, stage, bot or with_page(), change) as play:
        play.stage.gitlab.state.oauth.interval = 1
        yield play


@dataclass(frozen=True, slots=True)
class Standing:
    """A stage on which one bot follows another, on the same data."""

    stage: Stage
    folder: Path
    clock: Clock

    @asynccontextmanager
    async def bot(self, options: BotOptions, **env: str) -> AsyncIterator[Scene]:
        async with bot_on(self.stage, self.folder, self.clock, options, **env) as running:
            yield Scene(self.stage, running, Player(self.stage, wait_s=20), self.folder, self.clock)


@asynccontextmanager
async def standing(
    folder: Path, options: StageOptions = QUICK, change: Callable[[World], World] = as_told
) -> AsyncIterator[Standing]:
    clock = Clock(T0)
    async with set_up(change(told_world("login")), clock, options) as stage:
        yield Standing(stage, folder, clock)


async def ask_link(play: Scene, who: str) -> tuple[str, str]:
    """Type /backtrace link; the address and the code that this person alone sees."""
    reply = await play.stage.slack.command(id_of(play, who), play.stage.alerts, "link")
    return invitation(reply.text)


def invitation(words: str) -> tuple[str, str]:
    url = _URL.search(words) or _DEVICE.search(words)
    code = _CODE.search(words.replace(url[0] if url else "", ""))
    assert url, words
    assert code, words
    return url[0].replace("&amp;", "&"), code[0]


async def link(play: Scene, who: str, gitlab: str = "") -> Page:
    """Link a person of the world, all the way; what the page says at the end."""
    url, code = await ask_link(play, who)
    async with browsing() as browser:
        return await browser.link(url, code, gitlab or who)


async def linked_as(play: Scene, who: str) -> str:
    """The GitLab username that this person is linked to, or nothing."""
    found = await play.bot.house.store.links.get(id_of(play, who))
    return found.username if found and not found.broken else ""


async def given_back(play: Scene) -> None:
    """No token of a person is alive in GitLab."""

    async def look() -> bool:
        return not play.stage.gitlab.state.oauth.pairs

    await eventually("tokens that are revoked", look, WAIT_S)


async def told(play: Scene, who: str, *words: str) -> str:
    """Something that this person alone was shown, once it has all these words."""

    async def look() -> str:
        shown = [one_line(render_text(one)) for one in await play.stage.slack.ephemerals(id_of(play, who))]
        return next((one for one in shown if all(word in one for word in words)), "")

    return await eventually(f"words to {who}: {words}", look, WAIT_S)
