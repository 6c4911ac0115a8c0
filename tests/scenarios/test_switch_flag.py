"""Switching a feature flag of the culprit off, in one environment, with nothing else changed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from sandbox.gitlab import Fault
from sandbox.worlds.model import FeatureFlag, World
from tests.scenarios.looking import alert_card, buttons_of, card_says, confirm, has_submit, modal_says, press
from tests.scenarios.stage import PROMPT, QUICK, T0, Scene, scene

FLAG = "seen"
"""A word that the login world's culprit has in quotes: as good a name for a flag as another."""
PUT = "/projects/*/feature_flags/*"


def with_flag(*scopes: str, apart: bool = True) -> Callable[[World], World]:
    flag = FeatureFlag(FLAG, "", T0.replace(year=2025), scopes, apart=apart)
    return lambda world: replace(world, flags=(*world.flags, flag))


ALONE = with_flag("production", "staging")


def scopes(play: Scene) -> tuple[str, ...]:
    return play.stage.gitlab.state.flags[FLAG].scopes


async def ready(play: Scene, who: str) -> None:
    await alert_card(play)
    await press(play, who, "switch_flag")
    await modal_says(play, who, "This switches seen off in production")


async def test_it_is_switched_off_here_and_stays_on_elsewhere(tmp_path: Path) -> None:
    """The modal says what stays; the card says who did it."""
    async with scene("login", tmp_path, change=ALONE) as play:
        await ready(play, "mara")
        await modal_says(play, "mara", "What stays as it is:", "on for everybody in staging", "In GitLab you are mara")
        assert scopes(play) == ("production", "staging")

        await confirm(play, "mara")

        await card_says(play, "mara switched the feature flag seen off in production")
        assert scopes(play) == ("staging",)
        assert play.stage.gitlab.state.effects["flag"] == 1


STATES = "Feature flag seen: on for everybody in production, on for everybody in staging. Read from GitLab at"


async def test_the_card_says_where_the_flag_is_on(tmp_path: Path) -> None:
    """As GitLab had it; and anew once it was switched off from there, when there is nothing left to switch."""
    async with scene("login", tmp_path, change=ALONE) as play:
        await ready(play, "mara")
        await card_says(play, STATES)
        await modal_says(play, "mara", "This switches seen off in production, where it is on for everybody now")

        await confirm(play, "mara")

        await card_says(play, "Feature flag seen: off in production, on for everybody in staging. Read from GitLab at")
        assert "switch_flag" not in buttons_of(await play.player.card())


async def test_where_gitlab_does_not_tell_how_it_is_now_the_card_says_nothing_of_it(tmp_path: Path) -> None:
    """What was read before is no longer true."""
    async with scene("login", tmp_path, change=ALONE) as play:
        await ready(play, "mara")
        play.stage.gitlab.faults.add(Fault("PUT", PUT, "took_effect_then_reset"))
        play.stage.gitlab.faults.add(Fault("GET", "/projects/*/feature_flags", "502", times=100))

        await confirm(play, "mara")

        assert "Feature flag seen" not in await card_says(play, "mara tried to switch the feature flag seen off")


@pytest.mark.parametrize(
    ("change", "states"),
    [
        (with_flag("*"), "on for everybody in production, on for everybody in staging."),
        (with_flag("staging"), "off in production, on for everybody in staging."),
    ],
)
async def test_the_state_is_said_without_a_button_too(
    change: Callable[[World], World], states: str, tmp_path: Path
) -> None:
    """Where the flag can't be switched off there alone, or is off."""
    async with scene("login", tmp_path, change=change) as play:
        await alert_card(play)

        await card_says(play, f"Feature flag seen: {states}")


async def test_of_a_flag_that_is_the_culprit_the_card_says_how_it_is_now(tmp_path: Path) -> None:
    """Somebody may have switched it back already."""
    async with scene("flag", tmp_path) as play:
        await alert_card(play)

        await card_says(
            play, "Likely culprit: flag split_tax_lines", "Feature flag split_tax_lines: on for everybody in"
        )


async def test_of_an_only_strategy_the_modal_says_that_it_is_off_everywhere_then(tmp_path: Path) -> None:
    """Nothing else is on by it."""
    async with scene("login", tmp_path, change=with_flag("production")) as play:
        await ready(play, "mara")

        await modal_says(play, "mara", "It has no other strategy: then it is off everywhere.")


@pytest.mark.parametrize(
    "change",
    [
        with_flag("*"),
        with_flag("production", "staging", apart=False),
        with_flag("staging"),
        with_flag("production", "*"),
    ],
    ids=["everywhere", "one strategy for both", "not on here", "another reaches it too"],
)
async def test_there_is_no_button_where_it_can_not_be_done_alone(
    change: Callable[[World], World], tmp_path: Path
) -> None:
    """The rollback's dialog names the flag and its state all the same."""
    async with scene("login", tmp_path, change=change) as play:
        card = await alert_card(play)
        assert "switch_flag" not in buttons_of(card)

        await press(play, "mara", "roll_back")

        await modal_says(play, "mara", "!45 uses the feature flag seen, which is o")


async def test_two_who_confirm_at_once_change_it_once(tmp_path: Path) -> None:
    """The second finds it gone; both are on the card, and GitLab was asked for one change."""
    async with scene("login", tmp_path, change=ALONE) as play:
        await ready(play, "mara")
        await press(play, "kim", "switch_flag")
        await modal_says(play, "kim", "This switches seen off")

        await asyncio.gather(confirm(play, "mara"), confirm(play, "kim"))

        await card_says(play, "mara switched the feature flag seen off in production")
        await card_says(play, "kim switched the feature flag seen off in production")
        assert scopes(play) == ("staging",)


async def test_a_flag_that_changed_since_is_left_as_it_is(tmp_path: Path) -> None:
    """Somebody gave the environment another strategy meanwhile: the card says so."""
    async with scene("login", tmp_path, change=ALONE) as play:
        await ready(play, "mara")
        flags = play.stage.gitlab.state.flags
        flags[FLAG] = replace(flags[FLAG], scopes=("production", "staging", "*"))

        await confirm(play, "mara")

        await card_says(play, "tried to switch the feature flag seen off", "without success: it has changed since")
        assert scopes(play) == ("production", "staging", "*")


async def test_a_lost_answer_is_looked_after(tmp_path: Path) -> None:
    """GitLab did it and the connection broke: it is not done twice, and not called a failure."""
    async with scene("login", tmp_path, change=ALONE) as play:
        await ready(play, "mara")
        play.stage.gitlab.faults.add(Fault("PUT", PUT, "took_effect_then_reset"))

        await confirm(play, "mara")

        await card_says(play, "mara switched the feature flag seen off in production")
        assert play.stage.gitlab.state.effects["flag"] == 1


async def test_who_may_not_deploy_may_not_switch(tmp_path: Path) -> None:
    """The same right as for a rollback; the modal says so and can't be confirmed."""
    async with scene("login", tmp_path, QUICK, change=ALONE) as play:
        play.stage.gitlab.state.levels["tomas"] = 10
        await alert_card(play)

        await press(play, "tomas", "switch_flag")

        await modal_says(play, "tomas", "changed nothing", "tomas needs at least the role Developer")
        assert not await has_submit(play, "tomas")


async def test_a_right_that_was_taken_away_before_the_submit_refuses(tmp_path: Path) -> None:
    """The step asks again."""
    async with scene("login", tmp_path, change=ALONE) as play:
        await ready(play, "tomas")
        play.stage.gitlab.state.levels["tomas"] = 10

        await confirm(play, "tomas")

        await card_says(play, "without success: tomas needs at least the role Developer")
        assert scopes(play) == ("production", "staging")


async def test_where_a_second_person_is_asked_for_nobody_switches_it_from_here(tmp_path: Path) -> None:
    """One alone changes nothing in production, neither by going back nor by a flag: the modal says where to do it."""
    two = replace(PROMPT, service="second_person = true")
    async with scene("login", tmp_path, bot_options=two, change=ALONE) as play:
        await alert_card(play)

        await press(play, "mara", "switch_flag")

        await modal_says(play, "mara", "changed nothing", "asks for a second person in production", "in GitLab")
        assert not await has_submit(play, "mara")
        assert scopes(play) == ("production", "staging")
