"""A service in two regions, through the whole bot."""

from __future__ import annotations

from pathlib import Path

from sandbox.slack.draw import render_text
from tests.scenarios.stage import scene


async def test_the_card_of_two_regions_names_the_place_that_goes_back_and_the_one_that_does_not(tmp_path: Path) -> None:
    """An alert of "production" is about both: eu, where it came first, goes back; us is said to keep the change."""
    async with scene("regions", tmp_path) as play:
        await play.player.fire()
        text = render_text(await play.player.card())
        other = max(row.id for row in play.world.deployments if row.environment == "production/us")
        for step in play.world.script:
            await play.player.play(step)
        retried = [
            play.stage.gitlab.state.deployments[retry.deployment_id] for retry in play.stage.gitlab.state.retries
        ]

        assert "shipping, production/" in text
        assert "production/eu with" in text
        assert f"live in production/us (deployment {other}) too: going back here leaves it there" in text
        assert [row.environment for row in retried] == ["production/eu"]
        assert play.stage.gitlab.unplanned == []
