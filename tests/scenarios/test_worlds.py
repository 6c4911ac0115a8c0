"""Every world, end to end: the alert is posted, signed requests go through the whole bot, the steps are played."""

from pathlib import Path

import pytest

from sandbox.player import facts_of, misses
from sandbox.slack.draw import render_text
from sandbox.worlds import names
from tests.scenarios.stage import scene


@pytest.mark.parametrize("name", names())
async def test_everything_a_world_expects_comes_true(name: str, tmp_path: Path) -> None:
    """Outcome, culprit, author, work item, deployment, target, sha, final state, what the card says, how many stand."""
    async with scene(name, tmp_path) as play:
        await play.player.fire()
        await play.player.card()
        for step in play.world.script:
            await play.player.play(step)
        expect = play.world.expect
        assert expect is not None
        card = await play.player.settled(expect.state)

        assert misses(facts_of(card), render_text(card), expect) == []
        assert len(await play.player.cards(expect.cards)) == expect.cards
        assert play.stage.gitlab.unplanned == []
        assert play.stage.slack.unplanned == []
