"""The alert says in which version the trouble was seen, and the answer turns on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from sandbox.player import facts_of
from sandbox.slack.draw import render_text
from sandbox.worlds.model import Deployment, World
from sandbox.worlds.senders import alertmanager
from tests.scenarios.looking import alert_card, modal_says, one_line, press
from tests.scenarios.stage import scene

TEXT = "sessions expire; orders for the warehouse are not exported"
"""It fits !45 of the latest deployment and !41 of the one before alike."""
BEFORE, OLDER, NEWER = 49451, 49519, 49558
"""The deployment before, and those that brought !41 and !45."""
TAGS = {OLDER: "v1.4.1", NEWER: "v1.4.2"}


def deployed(world: World, number: int) -> Deployment:
    return next(row for row in world.deployments if row.id == number)


def tagged(world: World) -> World:
    """Deployed from tags, as releases are."""
    rows = (replace(row, ref=TAGS.get(row.id, row.ref)) for row in world.deployments)
    return replace(world, deployments=tuple(rows))


def saying(version_of: Callable[[World], str]) -> Callable[[World], World]:
    """The alert, with a line about a version."""

    def change(world: World) -> World:
        text = f"{TEXT}\n{version_of(world)}"
        return replace(tagged(world), alert=alertmanager("LoginErrorRateHigh web", "production critical", text))

    return change


@pytest.mark.parametrize(
    "version_of",
    [
        lambda _: "version: 1.4.1",
        lambda _: "image: registry.lindenshop.example/shop/web:v1.4.1",
        lambda _: "release: web@1.4.1, first seen 2 minutes ago",
        lambda _: "versions 1.4.1 and 1.4.2",
        lambda world: f"release {deployed(world, OLDER).sha[:7]}",
    ],
)
async def test_the_older_version_decides_between_two_deployments(
    version_of: Callable[[World], str], tmp_path: Path
) -> None:
    """It clears what only the newer one has: the other change is named, and going back leads one step farther."""
    async with scene("login", tmp_path, change=saying(version_of)) as play:
        card = await alert_card(play)
        facts = facts_of(card)

        assert "Likely culprit: !41 Export orders" in one_line(render_text(card))
        assert (facts["culprit"], facts["target"]) == ("!41", "49451")
        assert play.stage.gitlab.unplanned == []


@pytest.mark.parametrize("said", ["no version", "version: 1.4.2", "previous version: 1.4.1", "version: 9.9.9"])
async def test_what_runs_anyway_decides_nothing(said: str, tmp_path: Path) -> None:
    """Nor does another one's version, or one that nobody knows: both stay on the card."""
    async with scene("login", tmp_path, change=saying(lambda _: said)) as play:
        card = await alert_card(play)
        drawn = one_line(render_text(card))

        assert facts_of(card)["outcome"] == "shortlist"
        assert "!45 Tighten session expiry" in drawn
        assert "!41 Export orders" in drawn


async def test_why_says_what_cleared_the_other(tmp_path: Path) -> None:
    """For everybody to check: the version, as the alert writes it."""
    async with scene("login", tmp_path, change=saying(lambda _: "version: 1.4.1")) as play:
        await alert_card(play)
        await press(play, "kim", "why")

        await modal_says(play, "kim", "The alert is of version 1.4.1, which does not have it")


def gone_back_past(world: World) -> World:
    """An hour before the alert somebody went back from !45's deployment past !41's, in the old pipeline."""
    newest, target = deployed(world, NEWER), deployed(world, BEFORE)
    earlier = replace(newest, started_at=ago(world, 100), finished_at=ago(world, 90))
    back = replace(target, id=49999, iid=999, created_at=ago(world, 62), started_at=ago(world, 61))
    rows = (earlier if row is newest else row for row in world.deployments)
    return replace(saying(lambda _: "")(world), deployments=(*rows, replace(back, finished_at=ago(world, 60))))


async def test_what_somebody_went_back_past_is_not_named(tmp_path: Path) -> None:
    """Neither the change of the deployment that was left nor that of the one before: both were gone."""
    async with scene("login", tmp_path, change=gone_back_past) as play:
        card = await alert_card(play)
        await press(play, "kim", "why")

        assert facts_of(card)["culprit"] == "-"
        await modal_says(play, "kim", f"Was gone when the alert fired: {deployed(play.world, BEFORE).sha[:8]}")


def ago(world: World, minutes: float) -> datetime:
    return world.t0 - timedelta(minutes=minutes)
