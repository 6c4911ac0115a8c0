"""Rolling forward again after a rollback, with the same care: a dialog, a right, one retry, the card that follows."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from sandbox.player import eventually, facts_of
from sandbox.worlds.model import Step, World
from tests.scenarios.looking import (
    alert_card,
    buttons_of,
    card_says,
    confirm,
    has_submit,
    modal_says,
    press,
    press_on,
    ready_to_submit,
    roll_back,
)
from tests.scenarios.stage import PROMPT, Scene, scene
from tests.scenarios.test_legs import EU, US


def of_one_region(world: World) -> World:
    """An alert that names eu alone."""
    firing = json.dumps(world.alert.firing).replace("(production critical)", "(critical)")
    firing = firing.replace("shipping quotes fail", f"shipping quotes fail\\nenvironment: {EU}")
    return replace(world, alert=replace(world.alert, firing=json.loads(firing)))


async def gone_back(play: Scene) -> None:
    await alert_card(play)
    await roll_back(play, "mara")
    await card_says(play, "Rolled back.", "!45 is still on main", "Roll forward again")


async def forward_modal(play: Scene, who: str) -> str:
    await press(play, who, "roll_forward")

    async def look() -> bool:
        return await has_submit(play, who)

    await eventually("the modal with its submit button", look, 10)
    return await modal_says(play, who, "This deploys again what the rollback replaced")


async def test_it_deploys_again_what_was_gone_back_from(tmp_path: Path) -> None:
    """The dialog names the culprit that comes again; its job is retried once, and the card follows to the end."""
    async with scene("login", tmp_path) as play:
        await gone_back(play)
        said = await forward_modal(play, "kim")

        assert "!45 is in it, and is not reverted there" in said
        assert "It brings 4 changes back: • !45 Tighten session expiry, by vani: likely culprit • !" in said
        assert "production to deployment 49558" in said
        assert len(play.stage.gitlab.state.retries) == 1
        await confirm(play, "kim")
        await card_says(play, "Rolled forward again.", "kim rolled production forward: deployment")
        _, forward = play.stage.gitlab.state.retries
        assert play.stage.gitlab.state.jobs[forward.job_id].sha == play.stage.gitlab.state.deployments[49558].sha
        card = await play.player.card()
        assert facts_of(card)["state"] == "rolled_forward"
        assert "roll_forward" not in buttons_of(card)
        assert "is still on main" not in await card_says(play, "Rolled forward again.")


async def test_the_card_says_what_was_gone_back_to_and_what_went_back_with_it(tmp_path: Path) -> None:
    """The version with its deployment's page, and the changes beside the culprit; not any more once it went forward."""
    async with scene("login", tmp_path) as play:
        await gone_back(play)
        state = play.stage.gitlab.state
        (retry,) = state.retries
        live = state.deployments[retry.deployment_id]
        said = await card_says(
            play, f"Went back to deployment {live.id} (`{live.sha[:8]}`), seen live", "went back with it."
        )
        assert "!46, !44, !42 went back with it." in said
        assert f"/-/jobs/{retry.new_job_id}|deployment {live.id}>" in str((await play.player.card())["blocks"])
        # Somebody deploys something else, of which the card hears nothing.
        another = state.deployments[min(state.deployments)]
        state.deployments[99_001] = replace(live, id=99_001, sha=another.sha, finished_at=play.clock())
        await press(play, "tomas", "claim")
        assert "live since" not in (await card_says(play, "tomas is on it")).lower()
        del state.deployments[99_001]
        await forward_modal(play, "kim")
        await confirm(play, "kim")

        assert "Went back to" not in await card_says(play, "Rolled forward again.")


async def title_of(play: Scene, who: str) -> str:
    view = await play.stage.slack.view_of(play.stage.slack_id(who))
    return str(view["title"]["text"]) if view else ""


async def test_its_dialog_is_called_so_to_the_end(tmp_path: Path) -> None:
    """While it is checked, once it is confirmed, and where it was refused: it never says that something goes back."""
    async with scene("login", tmp_path) as play:
        await gone_back(play)
        await forward_modal(play, "kim")
        await confirm(play, "kim")
        await modal_says(play, "kim", "You started a roll-forward of production")
        assert await title_of(play, "kim") == "Roll forward again"

        await card_says(play, "Rolled forward again.")
        await roll_back(play, "mara")
        await card_says(play, "Rolled back.", "Roll forward again")
        play.stage.gitlab.state.levels["mara"] = 10
        await press(play, "mara", "roll_forward")
        await modal_says(play, "mara", "did not start a roll-forward")
        assert await title_of(play, "mara") == "Roll forward again"


async def test_stopping_it_is_told_as_that(tmp_path: Path) -> None:
    """The button asks about the roll-forward, and the card says afterwards that it was to be stopped."""
    async with scene("login", tmp_path) as play:
        await gone_back(play)
        state = play.stage.gitlab.state
        state.options = replace(state.options, success_after=3600)
        await forward_modal(play, "kim")
        await confirm(play, "kim")
        await card_says(play, "Rolling forward… It runs.")
        stop = buttons_of(await play.player.card())["stop"]
        await press(play, "mara", "stop")

        assert stop["confirm"]["title"]["text"] == "Stop the roll-forward?"
        await card_says(play, "which mara stopped", "mara asked to stop the roll-forward")


async def test_the_second_person_reads_what_comes_back(tmp_path: Path) -> None:
    """Who is asked to agree to going forward is told the same as the one who asked."""
    async with scene("login", tmp_path, bot_options=replace(PROMPT, service="second_person = true")) as play:
        await alert_card(play)
        await roll_back(play, "mara")
        await card_says(play, "A second person has to agree")
        await press(play, "kim", "agree")
        await card_says(play, "Rolled back.", "Roll forward again")
        await forward_modal(play, "mara")
        await confirm(play, "mara")

        await card_says(play, "A second person has to agree", "It brings back 4 changes: !45")
        agree = buttons_of(await play.player.card())["agree"]
        assert agree["confirm"]["title"]["text"] == "Let it roll forward again?"


async def test_after_it_one_can_go_back_again(tmp_path: Path) -> None:
    """To the same target, from where the culprit is live once more."""
    async with scene("login", tmp_path) as play:
        await gone_back(play)
        await forward_modal(play, "kim")
        await confirm(play, "kim")
        await card_says(play, "Rolled forward again.")
        await roll_back(play, "mara")

        await card_says(play, "Rolled back.", "Roll forward again")
        assert len(play.stage.gitlab.state.retries) == 3


async def test_that_the_rollback_helped_is_said_before(tmp_path: Path) -> None:
    """Whoever goes forward then brings it back."""
    async with scene("login", tmp_path) as play:
        await gone_back(play)
        play.clock.forward(timedelta(minutes=4))
        await play.player.play(Step("resolve"))
        await card_says(play, "4 min after the rollback")

        assert "It was resolved 4 min after the rollback: going forward may bring" in await forward_modal(play, "kim")


async def test_a_fix_that_went_live_since_leaves_nothing_to_do(tmp_path: Path) -> None:
    """The dialog says which deployment that is, and can't be confirmed."""
    async with scene("login", tmp_path) as play:
        await gone_back(play)
        state, now = play.stage.gitlab.state, play.clock()
        fixed = replace(state.deployments[49558], id=49900, iid=990, job_id=None, created_at=now, finished_at=now)
        state.deployments[49900] = fixed
        await press(play, "kim", "roll_forward")

        await modal_says(play, "kim", "Deployment 49900", "went live since the rollback")
        assert not await has_submit(play, "kim")


async def test_who_may_not_deploy_is_refused(tmp_path: Path) -> None:
    """The same right as for going back."""
    async with scene("login", tmp_path) as play:
        await gone_back(play)
        play.stage.gitlab.state.levels["tomas"] = 10
        await press(play, "tomas", "roll_forward")

        await modal_says(play, "tomas", "needs at least the role Developer")
        assert not await has_submit(play, "tomas")


async def test_an_old_screen_rolls_nothing_forward_twice(tmp_path: Path) -> None:
    """The button on a card that has moved on."""
    async with scene("login", tmp_path) as play:
        await gone_back(play)
        old = await play.player.card()
        await forward_modal(play, "kim")
        await confirm(play, "kim")
        await card_says(play, "Rolled forward again.")
        await press_on(play, old, "mara", "roll_forward")

        await modal_says(play, "mara", "Nothing was rolled back here")
        assert len(play.stage.gitlab.state.retries) == 2


async def test_the_proof_is_not_watched_any_more(tmp_path: Path) -> None:
    """What goes on then says nothing of the rollback."""
    async with scene("login", tmp_path) as play:
        await gone_back(play)
        await forward_modal(play, "kim")
        await confirm(play, "kim")
        await card_says(play, "Rolled forward again.")

        async def is_left() -> bool:
            return await play.bot.house.store.proofs.watched() == ()

        await eventually("nothing that is watched", is_left, 10)
        play.clock.forward(timedelta(minutes=40))
        await play.bot.inbox.take_up()
        assert facts_of(await play.player.card())["culprit"] == "!45"


async def test_each_place_goes_forward_by_itself(tmp_path: Path) -> None:
    """Of two that went back one is ticked; the other one can follow, and nothing goes twice."""
    async with scene("regions", tmp_path) as play:
        await alert_card(play)
        await roll_back(play, "mara")
        said = await card_says(play, "Rolled back.", f"mara rolled {EU} and {US} back", "Roll forward again")
        assert f"Went back in {EU} to deployment" in said
        assert f"Went back in {US} to deployment" in said
        await forward_modal(play, "kim")
        await confirm(play, "kim", ticks=(EU,))

        said = await card_says(play, f"Rolled {EU} forward", f"Left {US} as it is")
        assert f"Went back in {EU}" not in said
        await play.stage.slack.close(play.stage.slack_id("kim"))
        said = await forward_modal(play, "mara")
        assert f"{US} to deployment" in said
        assert EU not in said
        await confirm(play, "mara")
        await card_says(play, "Rolled forward again.", f"mara rolled {US} forward")
        assert len(play.stage.gitlab.state.retries) == 4


async def test_where_a_part_went_back_its_change_is_still_told(tmp_path: Path) -> None:
    """It is on its branch all the same; but what goes on says nothing against it, since it is live elsewhere."""
    async with scene("regions", tmp_path) as play:
        await alert_card(play)
        await ready_to_submit(play, "mara")
        await confirm(play, "mara", ticks=(EU,))

        await card_says(play, "Partly rolled back.", "is still on main", "Roll forward again")
        assert await play.bot.house.store.proofs.watched() == ()


async def test_a_place_beyond_the_alert_s_own_goes_forward_too(tmp_path: Path) -> None:
    """The alert told of one region, the other one went back with it: its deployments are read by themselves."""
    async with scene("regions", tmp_path, change=of_one_region) as play:
        await alert_card(play)
        await roll_back(play, "mara")
        await card_says(play, "Rolled back.", f"mara rolled {EU} and {US} back", "Roll forward again")

        said = await forward_modal(play, "kim")
        assert f"{EU} to deployment" in said
        assert f"{US} to deployment" in said
        await confirm(play, "kim")
        await card_says(play, "Rolled forward again.")
        assert len(play.stage.gitlab.state.retries) == 4
