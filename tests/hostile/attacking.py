"""What an attacker can send to a bot on a stage, and what must come of it: words, and nothing else."""

from __future__ import annotations

import copy
import io
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from sandbox.player import eventually
from sandbox.slack import SlackUser, payloads
from sandbox.slack.draw import render_text
from sandbox.slack.presses import action_of, find_element
from sandbox.slack.transport import Delivery, HttpTransport
from sandbox.stage import BotOptions, StageOptions
from tests.scenarios.looking import alert_card, id_of
from tests.scenarios.rows import is_quiet
from tests.scenarios.stage import PROMPT, QUICK, Clock, Scene, scene

Json = dict[str, Any]
Attack = Callable[[], Awaitable[str]]
Body = bytes | io.BytesIO | AsyncIterator[bytes]

WAIT_S = 20
_ONLY_SHOWN = ("views.open", "views.update", "chat.postEphemeral", "response_url")
_DRAWN_ANEW = "chat.update"


@asynccontextmanager
async def target(folder: Path, stage: StageOptions = QUICK, bot: BotOptions = PROMPT) -> AsyncIterator[Scene]:
    """A bot whose card stands, with all its buttons."""
    async with scene("login", folder, stage, bot) as play:
        await alert_card(play)
        await quiet(play)
        yield play


def done(play: Scene) -> Json:
    """All that the bot has had done, as the embedded parties have counted it; what one person alone sees left out.

    A card may be drawn anew, and says then what it said; how long ago something was may differ.
    """
    gitlab, slack = play.stage.gitlab.state, play.stage.slack.state
    written = {name: count for name, count in slack.written.items() if name not in (*_ONLY_SHOWN, _DRAWN_ANEW)}
    says = [re.sub(r"\d+", "0", render_text(one)) for one in slack.in_channel(play.stage.alerts)]
    return {"retries": len(gitlab.retries), "gitlab": dict(gitlab.effects), "slack": written, "says": says}


async def refused(play: Scene, attack: Attack, *words: str) -> None:
    """Carries it out: its answer has these words, and nothing was done by then, nor by what it left behind."""
    before = done(play)
    said = await attack()
    assert [word for word in words if word not in said] == [], said
    await quiet(play)
    assert done(play) == before


async def quiet(play: Scene) -> None:
    """Returns once all is handled that is kept, and no run goes on."""
    await play.stage.slack.settled()

    async def look() -> bool:
        return is_quiet(play.folder)

    await eventually("an end of what was kept", look, WAIT_S)


# --- what Slack's servers never send --------------------------------------------------------------------------------


async def sent(play: Scene, delivery: Delivery, *, secret: str = "", clock: Clock | None = None) -> str:
    """The bot's answer to a delivery that is signed with another secret, or at another time."""
    url, team = play.stage.slack.request_url, play.stage.team
    assert url is not None
    async with aiohttp.ClientSession() as session:
        transport = HttpTransport(url, session, secret or team.signing_secret, clock or play.clock, 3.0)
        answer = await transport.deliver(delivery)
    return f"{answer.status} {answer.body}"


def press_body(play: Scene, card: Json, who: SlackUser, action: str) -> Json:
    """A press as Slack tells of it."""
    team, state = play.stage.team, play.stage.slack.state
    channel = team.channel(play.stage.alerts)
    assert channel is not None
    block, element = find_element(card, f"backtrace:{action}", None)
    pressed = {**action_of(element, None), "block_id": block["block_id"], "action_ts": state.next_ts()}
    return payloads.message_press(payloads.Occasion(team, who, state.next_trigger(who.id)), channel, card, pressed)


async def submit_body(play: Scene, who: str, **changes: Any) -> Json:
    """The submit of the modal that stands on this person's screen, with some fields of its view changed."""
    user, team = play.stage.team.user(id_of(play, who)), play.stage.team
    view = await play.stage.slack.view_of(id_of(play, who))
    assert user is not None
    assert view is not None
    occasion = payloads.Occasion(team, user, play.stage.slack.state.next_trigger(user.id))
    return payloads.view_submission(occasion, {**view, **changes})


def changed(body: Json, change: Callable[[Json], object]) -> Json:
    """A copy with something in it changed."""
    made = copy.deepcopy(body)
    change(made)
    return made


async def last_view(play: Scene, user: str) -> str:
    """All words of the modal on this person's screen, once it says how it ended."""

    async def look() -> str:
        said = json.dumps(await play.stage.slack.view_of(user), ensure_ascii=False)
        return said if "Checking the rollback target" not in said and said != "null" else ""

    return await eventually("a modal with an answer", look, WAIT_S)


async def told(play: Scene, user: str) -> str:
    """What this person alone was told last."""

    async def look() -> str:
        shown = await play.stage.slack.ephemerals(user)
        return str(shown[-1]["text"]) if shown else ""

    return await eventually("words to the presser", look, WAIT_S)


# --- what GitLab never sends ----------------------------------------------------------------------------------------


async def hooked(play: Scene, body: Body, headers: Mapping[str, str]) -> str:
    """The answer to a delivery at the webhook's address."""
    return await posted(f"{play.bot.url}/gitlab/webhook", body, headers)


async def posted(url: str, body: Body, headers: Mapping[str, str]) -> str:
    """The answer to a request of any kind."""
    async with aiohttp.ClientSession() as session, session.post(url, data=body, headers=headers) as answer:
        return f"{answer.status} {await answer.text()}"
