"""A rollback of several legs: which go back, how each of them stands, and what a submit may say."""

from dataclasses import replace
from pathlib import Path

import pytest

from sandbox.gitlab import Fault
from sandbox.gitlab.records import Access, Deployment
from sandbox.player import eventually, facts_of
from sandbox.slack import payloads
from sandbox.slack.transport import Delivery
from tests.scenarios.looking import (
    alert_card,
    buttons_of,
    card_says,
    confirm,
    has_submit,
    id_of,
    modal_says,
    press,
    ready_to_submit,
    roll_back,
)
from tests.scenarios.stage import QUICK, Scene, scene
from tests.scenarios.test_following import held_by_another

EU, US = "production/eu", "production/us"
UNMOVED = replace(QUICK, gitlab=replace(QUICK.gitlab, run_after=3600.0, success_after=3600.0))


def retried(play: Scene) -> dict[str, Deployment]:
    """The deployments that retries made, by environment."""
    state = play.stage.gitlab.state
    rows = (state.deployments[retry.deployment_id] for retry in state.retries)
    return {row.environment: row for row in rows}


async def both_retried(play: Scene) -> dict[str, Deployment]:
    async def look() -> dict[str, Deployment] | None:
        return retried(play) if len(retried(play)) > 1 else None

    return await eventually("two retries", look, 10)


async def test_the_modal_lists_the_legs_with_a_tick_each(tmp_path: Path) -> None:
    """What each goes back to, and from what."""
    async with scene("regions", tmp_path) as play:
        await alert_card(play)
        await ready_to_submit(play, "mara")

        said = await modal_says(play, "mara", "These go back together", f"[x] {EU}, to deployment", f"[x] {US}, to")
        assert f"{EU} to deployment" in said
        assert said.count("live now: deployment") == 2


async def test_what_is_unticked_stays_and_can_go_back_later(tmp_path: Path) -> None:
    """Only eu is retried; the card says who left us as it is, and still offers it."""
    async with scene("regions", tmp_path) as play:
        await alert_card(play)
        await ready_to_submit(play, "mara")
        await confirm(play, "mara", ticks=(EU,))

        await card_says(play, "Partly rolled back.", f"Rolled {EU} back", f"Left {US} as it is")
        assert retried(play).keys() == {EU}
        assert buttons_of(await play.player.card())["roll_back"]["text"]["text"].startswith("Roll back the rest")
        await play.stage.slack.close(play.stage.slack_id("mara"))
        await roll_back(play, "kim")
        await card_says(play, "Rolled back.", f"kim rolled {US} back")
        assert retried(play).keys() == {EU, US}


async def test_each_leg_says_how_it_stands(tmp_path: Path) -> None:
    """One runs, the other waits for its environment: a line each, edited as they move; done means both."""
    async with scene("regions", tmp_path, UNMOVED) as play:
        state = play.stage.gitlab.state
        await alert_card(play)
        await roll_back(play, "mara")
        rows = await both_retried(play)
        await card_says(play, "Rolling back…", f"mara started a rollback of {EU} and {US}")
        held_by_another(play, state.jobs[rows[US].job_id or 0])
        rows[EU].starts_at = play.clock()

        await card_says(play, f"Started a rollback of {US} to", "It waits until another job lets go", "It runs.")
        rows[EU].ends_at = play.clock()
        await card_says(play, "Rolling back…", f"Rolled {EU} back: deployment {rows[EU].id} is live")
        rows[US].starts_at = rows[US].ends_at = play.clock()
        await card_says(play, "Rolled back.", f"mara rolled {EU} and {US} back", f"Rolled {US} back")


async def test_a_leg_that_fails_holds_the_other_not_up(tmp_path: Path) -> None:
    """us fails: eu is back, and the card says that it is a part, why, and offers the rest."""
    async with scene("regions", tmp_path, UNMOVED) as play:
        await alert_card(play)
        await roll_back(play, "mara")
        rows = await both_retried(play)
        for row in rows.values():
            row.starts_at = row.ends_at = play.clock()
        rows[US].ends_as = "failed"

        said = await card_says(play, "Partly rolled back.", "1 of 2 went back", f"Rolled {EU} back")
        assert f"Tried a rollback of {US}; its deployment ended as failed: the job's script failed" in said
        card = await play.player.card()
        assert facts_of(card)["state"] == "partly_rolled_back"
        assert "Roll back the rest" in buttons_of(card)["roll_back"]["text"]["text"]


async def test_a_leg_that_gitlab_refuses_is_told_beside_the_one_that_goes(tmp_path: Path) -> None:
    """One retry gets a 403: the other goes on."""
    async with scene("regions", tmp_path) as play:
        play.stage.gitlab.faults.add(Fault("POST", "/projects/*/jobs/*/retry", "403"))
        await alert_card(play)
        await roll_back(play, "mara")

        await card_says(play, "Partly rolled back.", "without success: GitLab refused to retry the job")
        assert len(play.stage.gitlab.state.retries) == 1


async def test_an_environment_where_the_person_may_not_deploy_has_no_tick(tmp_path: Path) -> None:
    """us is protected against Developers: eu is offered, and the modal says why us stays."""
    premium = replace(QUICK, gitlab=replace(QUICK.gitlab, tier="premium"))
    async with scene("regions", tmp_path, premium) as play:
        play.stage.gitlab.state.protected_environments[US] = (Access(level=40),)
        await alert_card(play)
        await press(play, "tomas", "roll_back")

        said = await modal_says(play, "tomas", f"{US} stays as it is: {US} is protected in GitLab, and tomas")
        assert "[x]" not in said
        await confirm(play, "tomas")
        await card_says(play, "Rolled back.")
        assert retried(play).keys() == {EU}


@pytest.mark.parametrize("edit", ["an unknown leg", "nothing ticked", "another state", "another incident"])
async def test_a_submit_says_nothing_that_was_not_offered(edit: str, tmp_path: Path) -> None:
    """What comes back is held against what the modal offered, on the server: an edited submit starts nothing."""
    async with scene("regions", tmp_path) as play:
        await alert_card(play)
        await ready_to_submit(play, "mara")
        view = await play.stage.slack.view_of(id_of(play, "mara"))
        assert view is not None
        chosen = {"type": "checkboxes", "selected_options": [{"value": "0123456789abcdef"}]}
        if edit == "an unknown leg":
            view["state"] = {"values": {"legs-0": {"backtrace:legs": chosen}}}
        elif edit == "another state":
            view["private_metadata"] = view["private_metadata"].replace('"seen": "', '"seen": "0')
        elif edit == "another incident":
            view["private_metadata"] = view["private_metadata"].replace('"incident": "', '"incident": "0')
        user = play.stage.team.user(id_of(play, "mara"))
        assert user is not None
        occasion = payloads.Occasion(play.stage.team, user, play.stage.slack.state.next_trigger(user.id))
        answer = await play.stage.slack.courier.ask(Delivery("interactive", payloads.view_submission(occasion, view)))

        assert answer.failure == ""
        assert "did not start a rollback" in str(answer.body)
        assert play.stage.gitlab.state.retries == []
        assert await has_submit(play, "mara")
