"""Two people for production: what one asks for begins only once somebody else agrees, who may deploy there too."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from bot.workflows.following import ROUND_S
from sandbox.gitlab.records import Access, FreezePeriod
from sandbox.player import eventually, facts_of
from sandbox.slack import Fault as SlackFault
from tests.hostile.attacking import quiet
from tests.scenarios.looking import (
    alert_card,
    buttons_of,
    card_says,
    id_of,
    modal_says,
    press,
    press_on,
    roll_back,
    shown_only_to,
)
from tests.scenarios.stage import PROMPT, QUICK, Scene, scene

TWO = replace(PROMPT, service="second_person = true")
PREMIUM = replace(QUICK, gitlab=replace(QUICK.gitlab, tier="premium"))
ASKED = "mara asked for a rollback of production to deployment 49519"


async def ask(play: Scene) -> str:
    """Mara confirms the rollback; the card once it waits."""
    await alert_card(play)
    await roll_back(play, "mara")
    return await card_says(play, ASKED, "A second person has to agree")


async def test_it_begins_once_somebody_else_agrees(tmp_path: Path) -> None:
    """Before that nothing is asked of GitLab; afterwards it runs as the one who asked, and the card says both."""
    async with scene("login", tmp_path, bot_options=TWO) as play:
        await ask(play)
        await modal_says(play, "mara", "A second person has to press Agree")
        card = await play.player.card()
        assert "agree" in buttons_of(card)
        assert "roll_back" not in buttons_of(card)
        assert play.stage.gitlab.state.retries == []

        await press(play, "kim", "agree")
        said = await card_says(play, "mara rolled production back", "kim agreed to the rollback")
        assert "A second person" not in said
        assert len(play.stage.gitlab.state.retries) == 1


async def test_the_button_comes_also_where_slack_refused_the_first_edit(tmp_path: Path) -> None:
    """Within half a minute: without it nobody could agree, and the rollback would wait in vain."""
    async with scene("login", tmp_path, bot_options=TWO) as play:
        await alert_card(play)
        await quiet(play)
        play.stage.slack.faults.add(SlackFault("chat.update", "500"))
        await roll_back(play, "mara")
        await modal_says(play, "mara", "A second person has to press Agree")

        async def refused() -> bool:
            return not play.stage.slack.faults.waiting

        await eventually("an edit that Slack refused", refused, 10.0)
        assert "agree" not in buttons_of(await play.player.card())

        async def button() -> bool:
            # The run may not have begun to wait yet when the time is moved for the first time.
            play.clock.forward(timedelta(seconds=ROUND_S + 1))
            await asyncio.sleep(0.5)
            return "agree" in buttons_of(await play.player.card())

        await eventually("a card with the button", button, 5.0)
        await press(play, "kim", "agree")
        await card_says(play, "mara rolled production back", "kim agreed to the rollback")


async def test_the_second_person_reads_what_the_first_was_told(tmp_path: Path) -> None:
    """Beside the button: the target, what it undoes, and the freeze that the trace knew nothing of."""
    async with scene("login", tmp_path, bot_options=TWO) as play:
        await alert_card(play)
        play.stage.gitlab.state.freeze_periods.append(FreezePeriod(1, "0 0 * * *", "0 0 31 2 *"))
        await roll_back(play, "mara")

        said = await card_says(play, ASKED, "Before it begins", "A deploy freeze is on, without an end")
        assert "It undoes 4 changes: !45" in said
        assert "Rollback target" not in said


async def test_what_is_cancelled_first_is_said_to_the_second_person(tmp_path: Path) -> None:
    """A deployment that still runs ends with the agreement."""
    async with scene("rolling", tmp_path, bot_options=TWO) as play:
        await alert_card(play)
        await roll_back(play, "mara")

        await card_says(play, "A second person has to agree", "It first cancels deployment", "if it still runs")


async def test_whoever_asked_can_not_agree(tmp_path: Path) -> None:
    """Not even with the button on their own screen; they are told, and nothing begins."""
    async with scene("login", tmp_path, bot_options=TWO) as play:
        await ask(play)
        await press(play, "mara", "agree")

        await shown_only_to(play, id_of(play, "mara"), "somebody else has to agree")
        assert play.stage.gitlab.state.retries == []
        await card_says(play, "A second person has to agree")


async def test_who_may_not_deploy_there_can_not_agree(tmp_path: Path) -> None:
    """The protection of the environment counts for the second person as for the first."""
    async with scene("login", tmp_path, PREMIUM, TWO) as play:
        play.stage.gitlab.state.protected_environments["production"] = (Access(username="mara"),)
        await ask(play)
        await press(play, "kim", "agree")

        await shown_only_to(play, id_of(play, "kim"), "kim is not among those who may deploy there")
        assert play.stage.gitlab.state.retries == []


async def test_two_who_agree_are_one_rollback(tmp_path: Path) -> None:
    """The first counts; the second is told that nothing waits any more."""
    async with scene("login", tmp_path, bot_options=TWO) as play:
        await ask(play)
        waits = await play.player.card()
        await press(play, "kim", "agree")
        await card_says(play, "mara rolled production back")
        await press_on(play, waits, "tomas", "agree")

        await shown_only_to(play, id_of(play, "tomas"), "No rollback waits")
        assert len(play.stage.gitlab.state.retries) == 1


async def test_nobody_agrees(tmp_path: Path) -> None:
    """After ten minutes it is over: the card says so, and the button to roll back is there again."""
    async with scene("login", tmp_path, bot_options=TWO) as play:
        await ask(play)
        play.clock.forward(timedelta(minutes=11))

        said = await card_says(play, "to which nobody else agreed in time. Nothing was started")
        assert "A second person" not in said
        card = await play.player.card()
        assert facts_of(card)["state"] == "open"
        assert "roll_back" in buttons_of(card)
        assert "agree" not in buttons_of(card)
        assert play.stage.gitlab.state.retries == []


async def test_the_world_changes_while_it_waits(tmp_path: Path) -> None:
    """A right that the first one has lost meanwhile: nothing is started, and the card says why."""
    async with scene("login", tmp_path, bot_options=TWO) as play:
        await ask(play)
        play.stage.gitlab.state.levels["mara"] = 20
        await press(play, "kim", "agree")

        await card_says(play, "once a second person agreed nothing was started", "needs at least the role Developer")
        assert play.stage.gitlab.state.retries == []


async def test_it_can_be_stopped_before_anybody_agrees(tmp_path: Path) -> None:
    """Stop takes the wish back."""
    async with scene("login", tmp_path, bot_options=TWO) as play:
        await ask(play)
        await press(play, "mara", "stop")

        await card_says(play, "which mara stopped before it began")
        assert play.stage.gitlab.state.retries == []


async def test_elsewhere_than_in_production_one_is_enough(tmp_path: Path) -> None:
    """Staging goes back at once."""
    async with scene("login", tmp_path, bot_options=TWO) as play:
        environments = play.stage.gitlab.state.environments
        environments["production"] = replace(environments["production"], tier="staging")
        await alert_card(play)
        await roll_back(play, "mara")

        await card_says(play, "mara rolled production back")


async def test_what_was_stopped_in_the_moment_of_agreement_does_not_begin(tmp_path: Path) -> None:
    """Both words lie there when its run looks: Stop counts, and what was to be cancelled first is not."""
    async with scene("rolling", tmp_path, bot_options=TWO) as play:
        await alert_card(play)
        await roll_back(play, "mara")
        await card_says(play, "A second person has to agree")
        store = play.bot.house.store.rollbacks
        (press_id,) = await store.unfinished()
        words = {"second_user": id_of(play, "kim"), "agreed_at": play.clock(), "stopped_by": id_of(play, "mara")}
        await store.save_all({leg.id: words for leg in await store.legs(press_id)})

        await card_says(play, "which mara stopped before it began")
        assert await store.unfinished() == ()
        state = play.stage.gitlab.state
        assert (state.effects["cancel"], state.retries) == (0, [])


async def test_several_legs_that_nobody_agrees_to_all_end(tmp_path: Path) -> None:
    """Also where only the first had ended when the bot died: neither environment stays locked."""
    async with scene("regions", tmp_path, bot_options=TWO) as play:
        await alert_card(play)
        await roll_back(play, "mara")
        await card_says(play, "A second person has to agree")
        store = play.bot.house.store.rollbacks
        (press_id,) = await store.unfinished()
        first, _ = await store.legs(press_id)
        await store.finish(first.id, "late", "", play.clock())
        play.clock.forward(timedelta(minutes=11))

        await card_says(play, "to which nobody else agreed in time. Nothing was started")
        assert await store.unfinished() == ()
