"""A bot that may only read, and presses that no card offers."""

import copy
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sandbox.gitlab import READ_TOKEN
from sandbox.player import eventually, facts_of
from sandbox.slack import payloads
from sandbox.slack.transport import Delivery
from sandbox.stage import BotOptions, StageOptions
from tests.scenarios.looking import (
    alert_card,
    buttons_of,
    card_says,
    has_submit,
    id_of,
    modal_says,
    press_on,
    shown_only_to,
)
from tests.scenarios.stage import PROMPT, QUICK, Scene, scene

READERS = [
    pytest.param(QUICK, replace(PROMPT, writes="off"), id="writes off"),
    pytest.param(replace(QUICK, token=READ_TOKEN), PROMPT, id="read_api token"),
]


def forged(card: dict[str, Any], action: str, value: str) -> dict[str, Any]:
    """The card as if it had such a button."""
    words = {"type": "plain_text", "text": "Go"}
    button = {"type": "button", "action_id": f"backtrace:{action}", "value": value, "text": words}
    message = copy.deepcopy(card)
    message["blocks"] = [{"type": "actions", "block_id": "forged", "elements": [button]}]
    return message


def key_of(card: dict[str, Any]) -> str:
    return str(card["metadata"]["event_payload"]["incident"])


async def submit_forged(play: Scene, who: str, key: str) -> dict[str, Any]:
    """Submit a modal that nobody opened; what the bot answers."""
    user = play.stage.team.user(id_of(play, who))
    assert user is not None
    occasion = payloads.Occasion(play.stage.team, user, play.stage.slack.state.next_trigger(user.id))
    carried = f'{{"incident": "{key}", "seen": "x"}}'
    view = {"id": "V0FORGED", "type": "modal", "callback_id": "backtrace:roll_back_submit", "private_metadata": carried}
    answer = await play.stage.slack.courier.ask(Delivery("interactive", payloads.view_submission(occasion, view)))
    assert isinstance(answer.body, dict)
    return answer.body


@pytest.mark.parametrize(("stage", "bot"), READERS)
async def test_a_bot_that_only_reads_offers_links(stage: StageOptions, bot: BotOptions, tmp_path: Path) -> None:
    """The same trace and the same card; each button leads into GitLab, the rollback to the target's job."""
    async with scene("login", tmp_path, stage, bot) as play:
        card = await alert_card(play)

        assert facts_of(card)["culprit"] == "!45"
        buttons = buttons_of(card)
        job_id = play.stage.gitlab.state.deployments[49519].job_id
        assert buttons["open_job"]["url"].endswith(f"/shop/web/-/jobs/{job_id}")
        assert all("url" in button for button in buttons.values())
        await card_says(play, "Backtrace does not write to GitLab here")


@pytest.mark.parametrize(("stage", "bot"), READERS)
async def test_a_bot_that_only_reads_follows_no_press(stage: StageOptions, bot: BotOptions, tmp_path: Path) -> None:
    """Neither a press that its cards don't offer, nor a submit of no modal of its own: nothing is written to GitLab."""
    async with scene("login", tmp_path, stage, bot) as play:
        card = await alert_card(play)
        key = key_of(card)

        await press_on(play, forged(card, "roll_back", key), "mara", "roll_back")
        await modal_says(play, "mara", "may only read")
        assert not await has_submit(play, "mara")
        for who, action in (("kim", "assign"), ("tomas", "page"), ("aiko", "not_culprit")):
            await press_on(play, forged(card, action, key), who, action)
            await shown_only_to(play, id_of(play, who), "may only read")
        await refused(play, key)

        assert not play.stage.gitlab.state.effects
        asked = {(exchange.request.method, exchange.request.path) for exchange in play.stage.gitlab.recorded}
        # GraphQL queries are posted as well; the effects above count its mutations.
        assert {method for method, path in asked if path != "/api/graphql"} == {"GET"}
        assert facts_of(await play.player.card())["culprit"] == "!45"


async def refused(play: Scene, key: str) -> None:
    answer = await submit_forged(play, "mara", key)
    assert "was not opened by you for this card" in str(answer["view"]["blocks"])
    assert await play.bot.house.store.rollbacks.of(key) == ()


async def test_a_submit_of_a_modal_that_offered_nothing_starts_nothing(tmp_path: Path) -> None:
    """It confirms what was offered, whoever sends it and whatever it carries; nothing is even kept."""
    async with scene("login", tmp_path) as play:
        key = key_of(await alert_card(play))
        await refused(play, key)

        assert not play.stage.gitlab.state.effects


async def test_a_submit_for_no_incident_is_answered(tmp_path: Path) -> None:
    """In words, and nothing starts."""
    async with scene("login", tmp_path) as play:
        await alert_card(play)
        await refused(play, "T-C-1")

        assert not play.stage.gitlab.state.effects


@pytest.mark.parametrize("action", ["assign", "page", "not_culprit"])
async def test_a_button_with_another_incidents_id_does_nothing(action: str, tmp_path: Path) -> None:
    """What comes back in a value counts only on the card of that incident."""
    async with scene("login", tmp_path) as play:
        first = await alert_card(play)
        text = json.dumps(dict(play.world.alert.firing)).replace("production critical", "staging critical")
        await play.stage.slack.post_webhook(play.stage.alerts, json.loads(text))
        _, second = await play.player.cards(2)
        await noted(play, key_of(second))

        await press_on(play, forged(first, action, key_of(second)), "kim", action)
        await press_on(play, forged(first, action, "T-C-1"), "kim", action)

        await shown_only_to(play, id_of(play, "kim"), "card")
        for key in (key_of(first), key_of(second)):
            assert await play.bot.house.store.actions.of(key) == ()
        assert not play.stage.gitlab.state.effects


async def noted(play: Scene, key: str) -> None:
    """Until the bot has noted where the card stands: a press before that counts on whatever card it comes from."""

    async def look() -> str | None:
        return (await play.bot.house.store.incidents.existing(key)).card_ts

    await eventually("the note of the card's place", look)
