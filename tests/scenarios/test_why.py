"""Why?: how the answer came about, for whoever presses."""

from __future__ import annotations

from pathlib import Path

from tests.scenarios.looking import alert_card, modal_says, press
from tests.scenarios.stage import scene
from tests.scenarios.town import GUEST, TOWN


async def test_the_modal_has_each_fact_with_its_odds(tmp_path: Path) -> None:
    """The named change with its probability, its facts and their odds; then what else was likely, and "none"."""
    async with scene("login", tmp_path) as play:
        await alert_card(play)
        await press(play, "kim", "why")
        says = await modal_says(
            play, "kim", "One change is named", "!45 Tighten session expiry", "where the trace passes"
        )

        assert "\N{MULTIPLICATION SIGN}" in says
        assert "That none of these changes explains it:" in says
        assert not play.stage.gitlab.state.retries


async def test_no_change_is_explained_too(tmp_path: Path) -> None:
    """Where nobody is named, the modal shows what the changes scored, and that none is likelier."""
    async with scene("outage", tmp_path) as play:
        await alert_card(play)
        await press(play, "kim", "why")

        await modal_says(play, "kim", "No change explains this", "That none of these changes explains it")


async def test_a_guest_is_told_nothing(tmp_path: Path) -> None:
    """What a guest may not ask, a guest may not look at either."""
    async with scene("login", tmp_path, TOWN) as play:
        await alert_card(play)
        await press(play, GUEST, "why")
        says = await modal_says(play, GUEST, "does not answer guests")

        assert "!45" not in says
