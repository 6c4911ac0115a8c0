"""A service in two regions, through the whole bot."""

from __future__ import annotations

from pathlib import Path

from sandbox.slack.draw import render_text
from tests.scenarios.looking import one_line
from tests.scenarios.stage import scene


async def test_two_regions_go_back_together(tmp_path: Path) -> None:
    """An alert of "production" is about both: each goes back to its own deployment, and the card says of each how."""
    async with scene("regions", tmp_path) as play:
        await play.player.fire()
        text = render_text(await play.player.card())
        target = next(row for row in play.world.deployments if row.id == play.world.expect.target)
        for step in play.world.script:
            await play.player.play(step)
        retried = [
            play.stage.gitlab.state.deployments[retry.deployment_id] for retry in play.stage.gitlab.state.retries
        ]

        assert "shipping, production/" in text
        assert "production/eu with" in text
        assert "production/us goes back with it" in text
        assert sorted(row.environment for row in retried) == ["production/eu", "production/us"]
        assert {row.sha for row in retried} == {target.sha}
        done = one_line(render_text(await play.player.card()))
        assert "mara rolled production/eu and production/us back" in done
        for row in retried:
            assert f"• Rolled {row.environment} back: deployment {row.id} is live" in done
        assert play.stage.gitlab.unplanned == []
