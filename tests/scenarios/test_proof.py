"""After a rollback: whether it ended the trouble, and what that says of what was taken away."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from sandbox.gitlab.records import Access, Deployment
from sandbox.player import Player, eventually, facts_of
from sandbox.stage import set_up
from sandbox.worlds.model import Step
from sandbox.worlds.senders import alertmanager
from tests.scenarios.gitlab_side import the_note
from tests.scenarios.looking import alert_card, card_says, press, press_on, roll_back
from tests.scenarios.stage import PROMPT, QUICK, T0, Clock, Scene, bot_on, scene, told
from tests.scenarios.test_legs import UNMOVED, US, retried
from tests.scenarios.test_not_culprit import with_two_suspects
from tests.scenarios.test_one_card import post

SLOW = alertmanager("LoginSlow web", "production critical", "login takes 9 s")
AGAIN = alertmanager("LoginErrorsAgain web", "production critical", "login error rate jumped 5x, TypeError")
GRAVE = replace(PROMPT, gitlab='open_incidents_from = "critical"', slack="mention_from = 0.1")
TOOK_45 = "The trouble went on 30 min after the rollback took !45 away"
MENTIONS = replace(PROMPT, slack="mention_from = 0.1")


async def gone_back(play: Scene, *, tells: bool = True) -> None:
    """The alert, and a rollback that is done. ``tells``: its sender has said here of something that it is over."""
    await alert_card(play)
    if tells:
        await post(play, SLOW.firing)
        await card_says(play, "2 alert messages")
        await post(play, SLOW.resolved)
    await roll_back(play, "mara")
    await card_says(play, "Rolled back.", "is live")


async def edits_of(play: Scene) -> int:
    """How often cards were edited, once that has come to rest."""
    seen, now = -1, play.stage.slack.state.written["chat.update"]
    while seen != now:
        await asyncio.sleep(1.0)
        seen, now = now, play.stage.slack.state.written["chat.update"]
    return now


async def later(play: Scene, minutes: float) -> None:
    play.clock.forward(timedelta(minutes=minutes))
    await play.bot.inbox.take_up()


async def test_it_was_resolved_after_the_rollback(tmp_path: Path) -> None:
    """Measured from the moment when the rollback was done."""
    async with scene("login", tmp_path) as play:
        await gone_back(play)
        play.clock.forward(timedelta(minutes=4))
        await play.player.play(Step("resolve"))

        await card_says(play, "Resolved 4 min after the alert, 4 min after the rollback.", "!45 is still on main")
        await later(play, 40)
        await card_says(play, "Resolved 4 min after the alert, 4 min after the rollback.")


async def test_not_yet_then_it_speaks_against_the_suspect(tmp_path: Path) -> None:
    """Said at 10 and at 30 minutes, and not in between; then the ranking knows it, and names nobody."""
    async with scene("login", tmp_path, bot_options=MENTIONS) as play:
        await gone_back(play)
        posts = play.stage.slack.state.written["chat.postMessage"]
        await later(play, 9)
        edits = await edits_of(play)
        await later(play, 2)
        await card_says(play, "Rolled back. Not resolved yet, 10 min after the rollback.")
        await later(play, 5)
        await later(play, 10)
        assert await edits_of(play) == edits + 1

        await later(play, 5)
        said = await card_says(play, "Not resolved 30 min after the rollback: that speaks against !45.")
        await later(play, 5)
        card = await play.player.card()
        assert facts_of(card)["outcome"] == "shortlist"
        assert "Likely culprit" not in said
        assert "!45 is still on main" in said
        assert await edits_of(play) == edits + 2
        assert play.stage.slack.state.written["chat.postMessage"] == posts
        await press(play, "mara", "why")
        why = str(await play.stage.slack.view_of(play.stage.slack_id("mara")))
        assert TOOK_45 in re.sub(r"<[^|>]*\|([^>]*)>", r"\1", why)


async def test_the_silence_of_a_sender_that_never_ends_says_nothing(tmp_path: Path) -> None:
    """Many send only what fires: then the card says that nobody tells, and the suspect stays."""
    async with scene("login", tmp_path) as play:
        await gone_back(play, tells=False)
        await later(play, 15)
        await later(play, 16)

        await card_says(play, "30 min after the rollback no sender here has told whether it is over.")
        assert facts_of(await play.player.card())["culprit"] == "!45"


async def test_what_begins_after_the_rollback_counts_at_once(tmp_path: Path) -> None:
    """Another alert of the same trouble, that surely began later; a re-notification does not count."""
    async with scene("login", tmp_path) as play:
        await gone_back(play)
        await later(play, 8)
        await post(play, play.world.alert.firing)
        await play.stage.slack.courier.settled()
        await later(play, 12)
        await card_says(play, "Not resolved yet")
        await post(play, AGAIN.firing)
        await card_says(play, "4 alert messages")
        await play.bot.inbox.take_up()

        await card_says(play, "“LoginErrorsAgain", "began to fire 20 min after the rollback: that speaks against !45.")
        assert facts_of(await play.player.card())["outcome"] != "named"


async def test_a_deployment_since_takes_the_proof_away(tmp_path: Path) -> None:
    """What is live is not what was gone back to: that the trouble goes on says nothing about the suspect."""
    async with scene("login", tmp_path) as play:
        await gone_back(play)
        state = play.stage.gitlab.state
        bad, now = state.deployments[49558], state.now()
        late: Deployment = replace(bad, id=49900, iid=990, created_at=now, started_at=now, finished_at=now)
        state.deployments[49900] = late
        await later(play, 31)

        await card_says(play, "Not resolved yet when deployment 49900 went live in its place, so it shows nothing.")
        assert facts_of(await play.player.card())["culprit"] == "!45"


async def test_another_deploy_job_of_the_place_takes_no_proof_away(tmp_path: Path) -> None:
    """What another job deployed there since stands beside what was gone back to, and not in its place."""
    async with scene("login", tmp_path) as play:
        await gone_back(play)
        state = play.stage.gitlab.state
        bad, now = state.deployments[49558], state.now()
        assert bad.job_id is not None
        state.jobs[90001] = replace(state.jobs[bad.job_id], id=90001, name="deploy-assets")
        late: Deployment = replace(bad, id=49900, iid=990, job_id=90001, created_at=now, finished_at=now)
        state.deployments[49900] = late
        await later(play, 31)

        await card_says(play, "Not resolved 30 min after the rollback: that speaks against !45.")


async def test_what_the_pre_flight_chose_is_what_was_taken_away(tmp_path: Path) -> None:
    """The trace's own target could not be retried any more: all that the farther one undoes is watched."""
    async with scene("login", tmp_path) as play:
        await alert_card(play)
        job_id = play.stage.gitlab.state.deployments[49519].job_id
        assert job_id is not None
        play.stage.gitlab.state.jobs[job_id].archived = True
        await roll_back(play, "mara")
        await card_says(play, "Rolled back.", "!45 is still on main")

        (row,) = await play.bot.house.store.proofs.watched()
        assert len(row.took) == 11
        assert "shop/web!43" in {ref.key for ref in row.took}
        assert [ref.key for ref in row.blamed] == ["shop/web!45"]


async def test_who_is_named_while_it_went_back_was_not_taken_away(tmp_path: Path) -> None:
    """Somebody clears the suspect meanwhile: the next one stayed live, so nothing is ever held against it."""
    async with scene("login", tmp_path, UNMOVED, change=with_two_suspects) as play:
        card = await alert_card(play)
        await roll_back(play, "mara")

        async def look() -> Deployment | None:
            return retried(play).get("production")

        made = await eventually("the retry", look, 10)
        await press_on(play, card, "kim", "not_culprit")
        await card_says(play, "Likely culprit: !41")
        made.starts_at = made.ends_at = play.clock()
        await card_says(play, "Rolled back.", "still on main")

        (row,) = await play.bot.house.store.proofs.watched()
        keys = {ref.key for ref in row.took}
        assert "shop/web!45" in keys
        assert "shop/web!41" not in keys
        assert row.blamed == ()


async def test_where_a_place_had_to_stay_the_trouble_says_nothing(tmp_path: Path) -> None:
    """The change is live there all the same."""
    premium = replace(QUICK, gitlab=replace(QUICK.gitlab, tier="premium"))
    async with scene("regions", tmp_path, premium) as play:
        play.stage.gitlab.state.protected_environments[US] = (Access(level=40),)
        await alert_card(play)
        await roll_back(play, "tomas")

        await card_says(play, "Rolled back.", "is still on main")
        assert await play.bot.house.store.proofs.watched() == ()


async def test_a_bot_that_was_away_waits_until_it_has_heard_all(tmp_path: Path) -> None:
    """It was resolved meanwhile: nothing is held against the suspect, though the wait was over."""
    clock = Clock(T0)
    async with set_up(told("login"), clock, QUICK) as stage:
        async with bot_on(stage, tmp_path, clock, PROMPT) as bot:
            play = Scene(stage, bot, Player(stage, wait_s=20), tmp_path, clock)
            await gone_back(play)
        clock.forward(timedelta(minutes=6))
        await play.player.play(Step("resolve"))
        clock.forward(timedelta(minutes=60))
        async with bot_on(stage, tmp_path, clock, PROMPT):
            await card_says(play, "Resolved 6 min after the alert, 6 min after the rollback.")
            assert facts_of(await play.player.card())["culprit"] == "!45"


async def test_a_restart_forgets_no_wait(tmp_path: Path) -> None:
    """The wait is over while the bot is away; the next one says so."""
    clock = Clock(T0)
    async with set_up(told("login"), clock, QUICK) as stage:
        async with bot_on(stage, tmp_path, clock, PROMPT) as bot:
            play = Scene(stage, bot, Player(stage, wait_s=20), tmp_path, clock)
            await gone_back(play)
        clock.forward(timedelta(minutes=40))
        async with bot_on(stage, tmp_path, clock, PROMPT):
            await card_says(play, "Not resolved 30 min after the rollback: that speaks against !45.")


async def test_the_incident_in_gitlab_says_the_same(tmp_path: Path) -> None:
    """In the note and in the timeline; and whoever is assigned stays so."""
    async with scene("login", tmp_path, bot_options=GRAVE) as play:
        await gone_back(play)
        (issue,) = play.stage.gitlab.state.incidents
        assigned = list(issue.assignees)
        await later(play, 31)

        await the_note(play, issue, "Since then:", "30 min after the rollback: that speaks against !\u200b45.")
        told_there = [event.note for event in issue.timeline]
        assert len([one for one in told_there if "30 min after the rollback: that speaks" in one]) == 1
        assert issue.assignees == assigned == ["vani"]


async def test_the_wait_is_a_setting(tmp_path: Path) -> None:
    """For all senders, and for one."""
    short = replace(PROMPT, bot="proof_after_minutes = 60\n[bot.proof_after]\nalertmanager = 3")
    async with scene("login", tmp_path, bot_options=short) as play:
        await gone_back(play)
        await later(play, 3.1)
        await card_says(play, "Not resolved 3 min after the rollback")
