""" "Trace this alert": a shortcut in the menu of any message."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from sandbox.player import eventually, facts_of
from tests.scenarios.looking import cards_in, shown_only_to
from tests.scenarios.stage import PROMPT, Scene, scene
from tests.scenarios.town import GUEST, SERVED, TOWN


async def card_below(play: Scene, ts: str) -> dict[str, Any]:
    async def look() -> dict[str, Any] | None:
        cards = await cards_in(play, play.stage.alerts)
        return next((card for card in cards if card["thread_ts"] == ts), None)

    return await eventually("a card below the message", look, 20)


async def test_what_a_person_wrote_is_traced_when_asked(tmp_path: Path) -> None:
    """Left alone until then; the card stands in the message's thread."""
    async with scene("login", tmp_path) as play:
        tomas = play.stage.slack_id("tomas")
        said = await play.stage.slack.say(tomas, play.stage.alerts, "is_expired raises TypeError since the deployment")
        await play.stage.slack.courier.settled()
        assert await cards_in(play, play.stage.alerts) == []

        assert (await play.stage.slack.shortcut(tomas, play.stage.alerts, said)).error == ""
        assert facts_of(await card_below(play, said))["culprit"] == "!45"


async def test_the_alert_of_a_sender_that_is_not_heard_is_traced_when_asked(tmp_path: Path) -> None:
    """It is read as the alert that it is; asked twice it has one card."""
    deaf = replace(PROMPT, slack='senders = ["B0OTHER001"]')
    async with scene("login", tmp_path, bot_options=deaf) as play:
        kim = play.stage.slack_id("kim")
        await play.player.fire()
        await play.stage.slack.courier.settled()
        assert await cards_in(play, play.stage.alerts) == []
        await play.stage.slack.shortcut(kim, play.stage.alerts, play.player.alert_ts)

        assert facts_of(await play.player.card())["culprit"] == "!45"
        await play.stage.slack.courier.settled()
        await eventually("the end", lambda: has_card(play), 10)
        await play.stage.slack.shortcut(kim, play.stage.alerts, play.player.alert_ts)
        await shown_only_to(play, kim, "has its card already")
        assert len(await cards_in(play, play.stage.alerts)) == 1


async def has_card(play: Scene) -> bool:
    return await play.bot.house.store.incidents.unanswered() == ()


async def test_a_guest_is_refused(tmp_path: Path) -> None:
    """The same people may ask in this way as by a press; the others are told why, alone."""
    async with scene("login", tmp_path, TOWN, SERVED) as play:
        said = await play.stage.slack.say(GUEST, play.stage.alerts, "TypeError in is_expired")
        await play.stage.slack.shortcut(GUEST, play.stage.alerts, said)

        await shown_only_to(play, GUEST, "does not answer guests")
        assert await cards_in(play, play.stage.alerts) == []
