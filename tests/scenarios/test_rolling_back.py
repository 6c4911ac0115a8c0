"""Rolling back: what the modal says, who may, and that it runs once."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from sandbox.gitlab.records import Access
from sandbox.gitlab.state import OWN_GROUP
from sandbox.player import facts_of
from sandbox.slack import SlackUser, payloads
from sandbox.slack.transport import Delivery
from sandbox.worlds.model import User, World
from tests.scenarios.looking import (
    alert_card,
    buttons_of,
    card_says,
    confirm,
    has_submit,
    id_of,
    modal_says,
    press,
    press_on,
    ready_to_submit,
    roll_back,
)
from tests.scenarios.stage import QUICK, Scene, scene

LONG = replace(QUICK, gitlab=replace(QUICK.gitlab, success_after=3600.0))
"""Deployments that run until a test ends them."""
PREMIUM = replace(QUICK, gitlab=replace(QUICK.gitlab, tier="premium"))
NEWCOMER = "U0NEWCOMER"
WITH_NEWCOMER = replace(QUICK, visitors=(SlackUser(id=NEWCOMER, name="mara", real_name="Mara Lindqvist"),))


def end_deployments(play: Scene) -> None:
    for deployment in play.stage.gitlab.state.deployments.values():
        if deployment.ends_at is not None and deployment.status != "success":
            deployment.ends_at = play.stage.gitlab.state.now()


async def test_the_modal_says_what_going_back_means(tmp_path: Path) -> None:
    """Target, what is live, each change that goes away, and as whom; nothing is started before the submit."""
    async with scene("login", tmp_path) as play:
        await alert_card(play)
        await ready_to_submit(play, "mara")

        said = await modal_says(play, "mara", "deployment 49519", "2e670f91", "production", "In GitLab you are mara")
        assert "Live now: deployment 49558" in said
        assert "It takes 4 changes away" in said
        for undone in ("!42 Gift wrapping", "!44", "!45 Tighten session expiry, by vani", "!46"):
            assert undone in said
        assert play.stage.gitlab.state.retries == []


async def test_what_speaks_against_it_stands_in_the_modal(tmp_path: Path) -> None:
    """A database migration among the undone changes is said before anybody confirms."""
    async with scene("checkout", tmp_path) as play:
        await alert_card(play)
        await ready_to_submit(play, "mara")

        await modal_says(play, "mara", "Before going back", "orders/migrations/0014_delivery_window.py")


async def test_the_card_follows_the_rollback_step_by_step(tmp_path: Path) -> None:
    """Started by whom, then live; the job was retried once, and the same card says all of it."""
    async with scene("login", tmp_path, LONG) as play:
        before = await alert_card(play)
        await roll_back(play, "mara")

        running = await card_says(play, "Rolling back…", "mara started a rollback of production to deployment 49519")
        assert "[Roll back]" not in running
        await modal_says(play, "mara", "You started a rollback")
        await card_says(play, "Rolling back… It runs.")
        end_deployments(play)
        (retry,) = play.stage.gitlab.state.retries
        await card_says(play, "Rolled back.", f"mara rolled production back: deployment {retry.deployment_id} is live")
        assert (await play.player.card())["ts"] == before["ts"]


async def test_a_second_press_says_who_started_it_and_when(tmp_path: Path) -> None:
    """On a card that still shows the button: no submit, and no second retry."""
    async with scene("login", tmp_path, LONG) as play:
        card = await alert_card(play)
        await roll_back(play, "mara")
        await card_says(play, "Rolling back…")

        await press_on(play, card, "kim", "roll_back")

        said = await modal_says(play, "kim", "already started this rollback")
        assert play.stage.slack_id("mara") in said
        assert "20 Nov 02:06 UTC" in said
        assert not await has_submit(play, "kim")


async def test_two_people_who_submit_at_once_start_one_rollback(tmp_path: Path) -> None:
    """The job is retried once; the other one reads who was first."""
    async with scene("login", tmp_path) as play:
        await alert_card(play)
        await asyncio.gather(ready_to_submit(play, "mara"), ready_to_submit(play, "kim"))

        await asyncio.gather(confirm(play, "mara"), confirm(play, "kim"))

        await card_says(play, "Rolled back.")
        said = [await modal_says(play, who, "started") for who in ("mara", "kim")]
        assert sum("already started this rollback" in one for one in said) == 1
        assert len(play.stage.gitlab.state.retries) == 1


async def test_a_submit_that_is_delivered_twice_starts_one_rollback(tmp_path: Path) -> None:
    """A double click, or a body that came again: the second one changes nothing."""
    async with scene("login", tmp_path) as play:
        await alert_card(play)
        await ready_to_submit(play, "mara")

        await asyncio.gather(confirm(play, "mara"), confirm(play, "mara"))

        await card_says(play, "Rolled back.")
        assert len(play.stage.gitlab.state.retries) == 1


async def refused(play: Scene, who: str, *why: str) -> None:
    """The press opens a modal that says why not, can't be confirmed, and leaves the card as it is."""
    await press(play, who, "roll_back")
    await modal_says(play, who, "did not start a rollback", *why)
    assert not await has_submit(play, who)
    assert play.stage.gitlab.state.retries == []
    assert buttons_of(await play.player.card()).keys() >= {"roll_back"}


async def test_who_is_not_in_the_people_table_is_refused(tmp_path: Path) -> None:
    """A Slack member of the same name as somebody in GitLab is not matched by it."""
    async with scene("login", tmp_path, WITH_NEWCOMER) as play:
        await alert_card(play)

        await refused(play, NEWCOMER, "not matched to a GitLab user")


async def test_a_guest_of_the_project_is_refused(tmp_path: Path) -> None:
    """Less than a Developer in GitLab."""
    async with scene("login", tmp_path) as play:
        play.stage.gitlab.state.levels["tomas"] = 10
        await alert_card(play)

        await refused(play, "tomas", "tomas needs at least the role Developer")


@pytest.mark.parametrize("who", ["tomas", "mara"])
async def test_a_protected_environment_admits_those_whom_gitlab_admits(who: str, tmp_path: Path) -> None:
    """Where Maintainers deploy, a Developer is refused and a Maintainer is not."""
    async with scene("login", tmp_path, PREMIUM) as play:
        play.stage.gitlab.state.protected_environments["production"] = (Access(level=40),)
        await alert_card(play)

        if who == "tomas":
            await refused(play, who, "production is protected", "tomas")
        else:
            await ready_to_submit(play, who)


@pytest.mark.parametrize("who", ["tomas", "mara"])
async def test_a_tier_that_the_group_protects_admits_those_whom_gitlab_admits(who: str, tmp_path: Path) -> None:
    """The project has no rule; its group lets Maintainers alone deploy to production."""
    async with scene("login", tmp_path, PREMIUM) as play:
        play.stage.gitlab.state.protected_tiers["production"] = (Access(level=40),)
        await alert_card(play)

        if who == "tomas":
            await refused(play, who, "production is protected", "tomas")
        else:
            await roll_back(play, who)
            await card_says(play, "Rolled back.")


async def test_a_bot_outside_the_group_refuses_everybody(tmp_path: Path) -> None:
    """A project's token can't see whether the group protects the tier."""
    async with scene("login", tmp_path, PREMIUM) as play:
        state = play.stage.gitlab.state
        state.groups[OWN_GROUP] = {name: level for name, level in state.levels.items() if name != state.bot.username}
        await alert_card(play)

        await refused(play, "kim", "can't read who may deploy to production", "all groups above it")


async def test_unreadable_protections_refuse_everybody(tmp_path: Path) -> None:
    """A bot below Maintainer can't see who may deploy: then not even an owner may."""
    developer = replace(PREMIUM, gitlab=replace(PREMIUM.gitlab, bot_level=30))
    async with scene("login", tmp_path, developer) as play:
        await alert_card(play)

        await refused(play, "kim", "can't read who may deploy to production")


async def test_a_right_that_was_taken_away_before_the_submit_refuses(tmp_path: Path) -> None:
    """The submit asks again."""
    async with scene("login", tmp_path) as play:
        await alert_card(play)
        await ready_to_submit(play, "tomas")
        play.stage.gitlab.state.levels["tomas"] = 10

        await confirm(play, "tomas")

        await modal_says(play, "tomas", "did not start a rollback", "needs at least the role Developer")
        assert play.stage.gitlab.state.retries == []


async def test_a_changed_world_opens_the_modal_again(tmp_path: Path) -> None:
    """Another deployment went live since: nothing is retried, the modal shows that one, and its submit goes through."""
    async with scene("login", tmp_path) as play:
        await alert_card(play)
        await ready_to_submit(play, "mara")
        state = play.stage.gitlab.state
        late = state.now() - timedelta(seconds=1)
        state.deployments[49700] = replace(state.deployments[49558], id=49700, iid=99, job_id=None, finished_at=late)

        await confirm(play, "mara")

        await modal_says(play, "mara", "Live now: deployment 49700")
        assert await has_submit(play, "mara")
        assert state.retries == []
        await confirm(play, "mara")
        await card_says(play, "Rolled back.")
        assert len(state.retries) == 1
        assert facts_of(await play.player.card())["target"] == "49519"


PEOPLE = ("kim", "mara", "tomas", "vani", "jonas", "aiko", "luca", "fatima")


def with_two_more(world: World) -> World:
    """The shop's eight people in Slack, and two who are new."""
    more = (
        User(71, "noor", "Noor Haidari", "noor@lindenshop.example", 30, "U05NOOR0001"),
        User(72, "pavel", "Pavel Dvorak", "pavel@lindenshop.example", 30, "U05PAVEL001"),
    )
    return replace(world, users=(*world.users, *more))


async def opened_by(play: Scene, who: str) -> list[dict[str, Any]]:
    """The dialog that a press opened, once it can be confirmed, on five screens of this person."""
    await press(play, who, "roll_back")
    await modal_says(play, who, "This deploys")
    view = await play.stage.slack.view_of(id_of(play, who))
    assert view is not None
    offers = play.bot.house.store.offers
    offer = await offers.of(view["id"])
    assert offer is not None
    others = [f"{view['id']}{n}" for n in range(4)]
    for name in others:
        await offers.keep(replace(offer, view_id=name))
    return [view, *({**view, "id": name} for name in others)]


async def submitted(play: Scene, who: str, view: dict[str, Any]) -> str:
    """What the modal shows after its submit, in the words of its blocks."""
    user = play.stage.team.user(id_of(play, who))
    assert user is not None
    occasion = payloads.Occasion(play.stage.team, user, play.stage.slack.state.next_trigger(user.id))
    answer = await play.stage.slack.courier.ask(Delivery("interactive", payloads.view_submission(occasion, view)))
    assert answer.failure == ""
    assert isinstance(answer.body, dict)
    return str(answer.body["view"]["blocks"])


async def test_fifty_presses_at_once_by_ten_people_are_one_retry(tmp_path: Path) -> None:
    """Each confirms on five screens, all at once: GitLab counts one retry, 49 dialogs name who was first, and when."""
    async with scene("login", tmp_path, LONG, change=with_two_more) as play:
        await alert_card(play)
        opened = [(who, view) for who in (*PEOPLE, "noor", "pavel") for view in await opened_by(play, who)]
        assert len({view["id"] for _, view in opened}) == 50

        answers = await asyncio.gather(*(submitted(play, who, view) for who, view in opened))

        await card_says(play, "Rolling back… It runs.")
        first = await play.bot.house.store.rollbacks.of(
            (await play.player.card())["metadata"]["event_payload"]["incident"]
        )
        busy = [answer for answer in answers if f"<@{first[0].slack_user}> already started this rollback" in answer]
        assert len(busy) == 49
        assert all("20 Nov 02:06 UTC" in answer for answer in busy)
        assert len(first) == len(play.stage.gitlab.state.retries) == 1


async def test_presses_while_it_runs_are_all_told_who_was_first(tmp_path: Path) -> None:
    """On screens that still show the button: every dialog names who and when, and none can be confirmed."""
    async with scene("login", tmp_path, LONG) as play:
        card = await alert_card(play)
        await roll_back(play, "mara")
        await card_says(play, "Rolling back…")

        others = [who for who in PEOPLE if who != "mara"]
        for who in others * 7:
            await press_on(play, card, who, "roll_back")

        for who in others:
            said = await modal_says(play, who, "already started this rollback", "20 Nov 02:06 UTC")
            assert play.stage.slack_id("mara") in said
            assert not await has_submit(play, who)
        assert len(play.stage.gitlab.state.retries) == 1
