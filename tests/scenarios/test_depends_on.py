"""A service that depends on another one, through the whole bot."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from sandbox.slack.draw import render_text
from tests.scenarios.stage import PROMPT, scene
from tests.scenarios.town import SEVERAL, TOWN

ON_BILLING = 'depends_on = ["billing"]'
BILLING = '[[service]]\nname = "billing"\nproject = "shop/billing"\n'


async def test_what_may_not_be_shown_in_the_channel_is_not_even_looked_at(tmp_path: Path) -> None:
    """billing has a channel of its own: an alert elsewhere must not tell of it, whatever depends on it."""
    async with scene("login", tmp_path, TOWN, replace(SEVERAL, service=ON_BILLING)) as play:
        await play.player.fire()
        text = render_text(await play.player.card())

        assert not [one for one in play.stage.gitlab.recorded if "billing" in one.request.path]
        assert "billing" not in text


async def test_what_can_not_be_read_is_said_and_costs_nothing_of_the_answer(tmp_path: Path) -> None:
    """The token does not see billing: a gap on the card, and the culprit all the same."""
    async with scene("login", tmp_path, bot_options=replace(PROMPT, service=ON_BILLING, services=BILLING)) as play:
        await play.player.fire()
        text = render_text(await play.player.card())

        assert "Likely culprit: !45" in text
        assert "all that billing shipped" in text
