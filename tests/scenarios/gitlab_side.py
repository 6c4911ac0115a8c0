"""What the tests of GitLab's own incidents do and look at on GitLab's side."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp

from sandbox.gitlab.records import Hook, Issue, Note
from sandbox.player import eventually
from sandbox.slack.draw import render_text
from sandbox.stage import HOOK_SECRET, BotOptions, StageOptions
from sandbox.worlds.model import World
from tests.scenarios.looking import cards_in, one_line
from tests.scenarios.stage import PROMPT, Scene, as_told, scene
from tests.scenarios.town import ALERTS, GENERAL, TOWN

EVENTS = ("issues_events", "confidential_issues_events", "deployment_events", "pipeline_events", "feature_flag_events")
WAIT_S = 15
IN_GENERAL = replace(PROMPT, channels=(ALERTS, GENERAL), service=f'incident_channel = "{GENERAL}"')
NO_POLL = replace(IN_GENERAL, gitlab="poll_s = 0")
IN_ALERTS = replace(PROMPT, gitlab="poll_s = 0")
TITLE = "Login errors: five times as many as usual"
TEXT = "login error rate jumped 5x on web production\n\nSession expired: auth/session.py"


@asynccontextmanager
async def play(
    folder: Path,
    stage: StageOptions = TOWN,
    bot: BotOptions = NO_POLL,
    *,
    hooked: bool = True,
    change: Callable[[World], World] = as_told,
) -> AsyncIterator[Scene]:
    """The login world with a webhook that leads to the bot."""
    async with scene("login", folder, stage, bot, change) as opened:
        if hooked:
            state = opened.stage.gitlab.state
            url = f"{opened.bot.url}/gitlab/webhook"
            state.hooks[1] = Hook(1, url, frozenset(EVENTS), HOOK_SECRET, "", opened.clock())
        yield opened


async def gitlab(play: Scene, method: str, path: str, body: dict[str, Any], who: str = "kim") -> dict[str, Any]:
    """What a person does in GitLab."""
    url = f"{play.stage.gitlab.url}/api/v4/projects/shop%2Fweb/{path}"
    async with aiohttp.ClientSession() as session:
        sent = session.request(method, url, json=body, headers={"PRIVATE-TOKEN": f"glpat-{who}"})
        async with sent as answer:
            assert answer.status < 300, await answer.text()
            return dict(await answer.json())


async def open_incident(play: Scene, **more: Any) -> Issue:
    row = await gitlab(play, "POST", "issues", {"title": TITLE, "description": TEXT, "issue_type": "incident", **more})
    return play.stage.gitlab.state.issues[row["iid"]]


async def the_note(play: Scene, issue: Issue, *words: str) -> Note:
    """The only note, once it has these words."""

    async def look() -> Note | None:
        fits = len(issue.notes) == 1 and all(word in issue.notes[0].body for word in words)
        return issue.notes[0] if fits else None

    return await eventually(f"one note that says {words}", look, WAIT_S)


async def the_card(play: Scene, *words: str, channel: str = GENERAL) -> dict[str, Any]:
    async def look() -> dict[str, Any] | None:
        cards = await cards_in(play, channel)
        fits = len(cards) == 1 and all(word in one_line(render_text(cards[0])) for word in words)
        return cards[0] if fits else None

    return await eventually(f"one card that says {words}", look, WAIT_S)


async def first_note(issue: Issue) -> Note | None:
    return issue.notes[0] if issue.notes else None
