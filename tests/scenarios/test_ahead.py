"""After a rollback the card says what would bring back what it took away."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from sandbox.gitlab import Fault
from sandbox.gitlab.records import Schedule
from tests.scenarios.looking import alert_card, card_says, roll_back
from tests.scenarios.stage import QUICK, Scene, as_told, scene
from tests.scenarios.test_forward import of_one_region
from tests.scenarios.test_legs import EU, US

MAY_RUN_LATE = replace(QUICK, gitlab=replace(QUICK.gitlab, forward_deployment=False))


async def gone_back(play: Scene) -> None:
    await alert_card(play)
    await roll_back(play, "mara")
    await card_says(play, "Rolled back.", "!45 is still on main")


def nightly(play: Scene, **more: object) -> None:
    at = play.clock() + timedelta(hours=1)
    made = Schedule(3, "nightly deploy", "main", "0 3 * * *", at, "kim")
    play.stage.gitlab.state.schedules[3] = replace(made, **more)  # type: ignore[arg-type]  # any field of it


async def test_a_schedule_and_jobs_that_will_be_refused_are_told(tmp_path: Path) -> None:
    """With the time, the change that comes again, and the way to ship a fix."""
    async with scene("login", tmp_path) as play:
        nightly(play)
        await gone_back(play)

        await card_says(
            play,
            "The scheduled pipeline “nightly deploy” runs on main at 20 Nov 03:06 UTC",
            "if it deploys, it ships !45 again",
            "Start a new pipeline for the fix",
            "will be refused as outdated",
        )


async def test_another_branch_and_a_schedule_that_is_off_are_no_danger(tmp_path: Path) -> None:
    """And where outdated jobs may run, nothing is said of them."""
    async with scene("login", tmp_path, MAY_RUN_LATE) as play:
        nightly(play, ref="staging")
        play.stage.gitlab.state.schedules[4] = Schedule(4, "off", "main", "", play.clock(), "kim", active=False)
        await gone_back(play)
        play.clock.forward(timedelta(minutes=31))
        await play.bot.inbox.take_up()

        said = await card_says(play, "30 min after the rollback")
        assert "scheduled pipeline" not in said
        assert "refused as outdated" not in said


async def test_a_deployment_that_waits_since_would_bring_it_back(tmp_path: Path) -> None:
    """Somebody merged something on top: its pipeline has the change, and waits for a person."""
    async with scene("login", tmp_path) as play:
        await gone_back(play)
        state, now = play.stage.gitlab.state, play.clock()
        bad = state.deployments[49558]
        state.deployments[49990] = replace(
            bad, id=49990, iid=999, status="blocked", created_at=now, started_at=None, finished_at=None
        )
        play.clock.forward(timedelta(minutes=31))
        await play.bot.inbox.take_up()

        await card_says(play, "Deployment 49990", "is waiting, and brings !45 back")


@pytest.mark.parametrize("told_of", ["both", "one"])
async def test_each_place_that_went_back_is_looked_at(told_of: str, tmp_path: Path) -> None:
    """What waits in one region is told, whichever of them went back last, and whether or not the alert named it."""
    async with scene("regions", tmp_path, change=of_one_region if told_of == "one" else as_told) as play:
        await alert_card(play)
        await roll_back(play, "mara")
        await card_says(play, "Rolled back.", "still on main")
        state, now = play.stage.gitlab.state, play.clock()
        bad = next(row for row in play.world.deployments if row.id == play.world.expect.deployment)
        for number, environment in ((99_001, EU), (99_002, US)):
            state.deployments[number] = replace(
                state.deployments[bad.id],
                id=number,
                iid=number,
                environment=environment,
                status="blocked",
                created_at=now,
                started_at=None,
                finished_at=None,
            )
        play.clock.forward(timedelta(minutes=31))
        await play.bot.inbox.take_up()

        await card_says(play, "Deployment 99001", "Deployment 99002")


async def test_schedules_that_cannot_be_read_are_said_to_be_unknown(tmp_path: Path) -> None:
    """A silence would look like an answer."""
    async with scene("login", tmp_path) as play:
        play.stage.gitlab.faults.add(Fault("GET", "/projects/*/pipeline_schedules", "403", times=9))
        await gone_back(play)

        await card_says(play, "Whether a scheduled pipeline is due on main could not be read")
