"""A card that moved on still stands as it was on somebody's screen: its buttons do to nobody else what they said."""

import asyncio
from pathlib import Path

import pytest

from tests.scenarios.looking import Json, alert_card, card_says, id_of, press, press_on, shown_only_to
from tests.scenarios.stage import Scene, scene
from tests.scenarios.test_not_culprit import excluded, with_two_suspects


def speaking_of(card: Json, action: str, change: str) -> Json:
    """The card with a button that speaks of another change."""
    return {**card, "blocks": [_speaking_of(block, action, change) for block in card["blocks"]]}


def _speaking_of(block: Json, action: str, change: str) -> Json:
    if "accessory" in block:
        return {**block, "accessory": _with_value(block["accessory"], action, change)}
    if block["type"] != "actions":
        return block
    return {**block, "elements": [_with_value(one, action, change) for one in block["elements"]]}


def _with_value(element: Json, action: str, change: str) -> Json:
    if element["action_id"] != f"backtrace:{action}":
        return element
    return {**element, "value": f"{element['value'].partition(' ')[0]} {change}".rstrip()}


async def last_result(play: Scene) -> tuple[str, str]:
    """The newest press and how it ended; the presser is told a moment before that is on record."""
    key = (await play.player.card())["metadata"]["event_payload"]["incident"]
    async with asyncio.timeout(10):
        while not (action := (await play.bot.house.store.actions.of(key))[-1]).result:  # noqa: ASYNC110 - a row tells nobody
            await asyncio.sleep(0.01)
    return action.kind, action.result


async def test_assign_from_an_old_screen_assigns_nobody_else(tmp_path: Path) -> None:
    """The screen shows !45 and the card names !41 by now: its author is left alone, and the presser reads why."""
    async with scene("login", tmp_path, change=with_two_suspects) as play:
        old = await alert_card(play)
        await press(play, "kim", "not_culprit")
        await card_says(play, "Likely culprit: !41")

        await press_on(play, old, "mara", "assign")

        await shown_only_to(play, id_of(play, "mara"), "The card has moved on", "!45")
        assert await last_result(play) == ("assign", "refused")
        assert play.stage.gitlab.state.incidents == []


@pytest.mark.parametrize("change", ["shop/web!44", ""])
@pytest.mark.parametrize("action", ["assign", "not_culprit"])
async def test_a_button_counts_only_for_what_the_card_names(action: str, change: str, tmp_path: Path) -> None:
    """Another change in its value, or none: nothing is done."""
    async with scene("login", tmp_path) as play:
        forged = speaking_of(await alert_card(play), action, change)

        await press_on(play, forged, "mara", action)

        await shown_only_to(play, id_of(play, "mara"), "The card has moved on")
        assert await last_result(play) == (action, "refused")
        assert play.stage.gitlab.state.incidents == []
        assert await excluded(play) == frozenset()


@pytest.mark.parametrize("change", ["shop/web!44", "shop/other!1", ""])
async def test_only_what_is_ruled_out_is_put_back(change: str, tmp_path: Path) -> None:
    """A change that nobody ruled out in the button's value, or none: nothing is done."""
    async with scene("login", tmp_path) as play:
        await alert_card(play)
        await press(play, "kim", "not_culprit")
        await card_says(play, "Ruled out by kim: !45")
        forged = speaking_of(await play.player.card(), "put_back", change)

        await press_on(play, forged, "mara", "put_back")

        await shown_only_to(play, id_of(play, "mara"), "is not ruled out now, so there is nothing to put back")
        assert await last_result(play) == ("put_back", "refused")
        assert await excluded(play) == {"shop/web!45"}
