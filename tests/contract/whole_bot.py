"""The whole bot on a stage, world by world: what it asked GitLab on the way from alert to rollback."""

from __future__ import annotations

from pathlib import Path

from sandbox.gitlab import Exchange
from sandbox.worlds import names
from tests.scenarios.stage import scene


async def bot_exchanges(folder: Path) -> list[Exchange]:
    return [exchange for name in names() for exchange in await _played(name, _room(folder, name))]


def _room(folder: Path, name: str) -> Path:
    room = folder / name
    room.mkdir()
    return room


async def _played(name: str, folder: Path) -> list[Exchange]:
    async with scene(name, folder) as play:
        await play.player.fire()
        await play.player.card()
        for step in play.world.script:
            await play.player.play(step)
        if play.world.expect is not None:
            await play.player.settled(play.world.expect.state)
        return list(play.stage.gitlab.recorded)
