"""What the tests look at: the cards, the modals, what people alone were shown, and the files that the bot wrote."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sandbox.player import eventually
from sandbox.slack import payloads
from sandbox.slack.draw import render_text
from sandbox.slack.presses import action_of, find_element
from sandbox.slack.transport import Delivery
from tests.scenarios.stage import Scene

Json = dict[str, Any]

WAIT_S = 10


async def cards_in(play: Scene, channel: str) -> list[Json]:
    """All cards in a channel and its threads, oldest first."""
    messages = await play.stage.slack.messages(channel)
    return [message for message in messages if message.get("metadata", {}).get("event_type") == "backtrace_card"]


async def card_says(play: Scene, *words: str, ts: str = "") -> str:
    """The card as text, once all these words stand on it; the one at ``ts``, else the alert's."""

    async def look() -> str | None:
        cards = await cards_in(play, play.stage.alerts)
        chosen = [card for card in cards if card["ts"] == ts or (not ts and card["thread_ts"] == play.player.alert_ts)]
        drawn = one_line(render_text(chosen[0])) if chosen else ""
        return drawn if chosen and all(word in drawn for word in words) else None

    return await eventually(f"a card that says {words}", look, WAIT_S)


async def shown_only_to(play: Scene, user: str, *words: str) -> Json:
    """The newest message that only this person sees, once it has all these words."""

    async def look() -> Json | None:
        shown = await play.stage.slack.ephemerals(user)
        return shown[-1] if shown and all(word in one_line(render_text(shown[-1])) for word in words) else None

    return await eventually(f"words to {user}: {words}", look, WAIT_S)


def id_of(play: Scene, who: str) -> str:
    """The Slack id of a person of the world, by username; an id stays as it is."""
    return who if who.startswith("U0") else play.stage.slack_id(who)


async def press(play: Scene, who: str, action: str, value: str | None = None) -> None:
    """Press a button of the alert's card."""
    await press_on(play, await play.player.card(), who, action, value)


async def press_on(play: Scene, message: Json, who: str, action: str, value: str | None = None) -> None:
    """Press a button of a message as it looked then: on somebody's screen it may look like that for a while."""
    team, state = play.stage.team, play.stage.slack.state
    user, channel = team.user(id_of(play, who)), team.channel(message.get("channel", play.stage.alerts))
    assert user is not None
    assert channel is not None
    block, element = find_element(message, f"backtrace:{action}", value)
    pressed = {**action_of(element, value), "block_id": block["block_id"], "action_ts": state.next_ts()}
    occasion = payloads.Occasion(team, user, state.next_trigger(user.id))
    body = payloads.message_press(occasion, channel, message, pressed)
    assert (await play.stage.slack.courier.ask(Delivery("interactive", body))).failure == ""


async def modal_says(play: Scene, username: str, *words: str) -> str:
    """The modal on this person's screen as text, once all these words stand in it."""
    user = id_of(play, username)

    async def look() -> str | None:
        view = await play.stage.slack.view_of(user)
        drawn = one_line(render_text(view)) if view else ""
        return drawn if view and all(word in drawn for word in words) else None

    return await eventually(f"a modal that says {words}", look, WAIT_S)


async def has_submit(play: Scene, username: str) -> bool:
    """Whether the modal on this person's screen can be confirmed."""
    view = await play.stage.slack.view_of(id_of(play, username))
    return bool(view and view.get("submit"))


async def ready_to_submit(play: Scene, username: str) -> None:
    """Press "Roll back", and wait until the modal can be confirmed."""
    await press(play, username, "roll_back")

    async def look() -> bool:
        return await has_submit(play, username)

    await eventually("the modal with its submit button", look, WAIT_S)


async def confirm(play: Scene, username: str, ticks: Sequence[str] | None = None) -> None:
    """Submit the modal on this person's screen, as it stands or with only these legs ticked, by their labels."""
    values = None if ticks is None else {"backtrace:legs": await _keys_of(play, username, ticks)}
    reply = await play.stage.slack.submit(id_of(play, username), values=values)
    assert (reply.error, dict(reply.errors)) == ("", {})


async def _keys_of(play: Scene, username: str, labels: Sequence[str]) -> list[str]:
    view = await play.stage.slack.view_of(id_of(play, username))
    assert view is not None
    options = [option for block in view["blocks"] if block["type"] == "input" for option in block["element"]["options"]]
    return [option["value"] for option in options if option["text"]["text"] in labels]


async def roll_back(play: Scene, username: str) -> None:
    """Press "Roll back" and confirm it."""
    await ready_to_submit(play, username)
    await confirm(play, username)


async def alert_card(play: Scene) -> Json:
    """Fire the world's alert; its card."""
    await play.player.fire()
    return await play.player.card()


def one_line(drawn: str) -> str:
    """Drawn text without its line breaks, so that words are found across them."""
    return " ".join(drawn.split())


def buttons_of(card: Json) -> dict[str, Json]:
    """The card's buttons and menus by action id, without ``backtrace:``."""
    elements = [element for block in card["blocks"] if block["type"] == "actions" for element in block["elements"]]
    return {element["action_id"].removeprefix("backtrace:"): element for element in elements}


def written_by_bot(folder: Path) -> bytes:
    """Everything in the bot's database files, their logs and journals included."""
    files = [path for path in sorted((folder / "data").rglob("*")) if path.is_file()]
    return b"\n".join(path.read_bytes() for path in files)
