"""The culprit is still being rolled out and there is nothing to go back to: a button of the card cancels it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from backtrace_core.model import Place, RollbackLeg
from bot.store import Action
from bot.workflows import Starter
from bot.workflows.cancelling import cancel_offered
from sandbox.browser import browsing
from sandbox.gitlab import Fault
from sandbox.gitlab.deploying import finish
from sandbox.gitlab.state import GitLabState
from sandbox.player import eventually, facts_of
from sandbox.slack.draw import render_text
from sandbox.stage import BotOptions
from tests.hostile.attacking import quiet
from tests.scenarios.linking import invitation, with_page
from tests.scenarios.looking import (
    alert_card,
    buttons_of,
    card_says,
    confirm,
    has_submit,
    modal_says,
    one_line,
    press,
    press_on,
    roll_back,
)
from tests.scenarios.stage import PROMPT, QUICK, Scene, scene

RUNS = 49156
OTHER, OTHER_JOB = 49199, 990199
CANCEL = "/projects/*/jobs/*/cancel"
CANCELLED = f"mara cancelled deployment {RUNS} in production"


def without_target(state: GitLabState) -> None:
    """None of the older deployments can be retried."""
    for row in state.deployments.values():
        if row.id != RUNS and row.job_id is not None:
            state.jobs[row.job_id].archived = True


@asynccontextmanager
async def rolling(folder: Path, bot: BotOptions = PROMPT) -> AsyncIterator[Scene]:
    """The card of a culprit that still runs, without a target."""
    async with scene("rolling", folder, QUICK, bot) as play:
        without_target(play.stage.gitlab.state)
        await alert_card(play)
        yield play


async def ready(play: Scene, who: str) -> str:
    await press(play, who, "cancel")
    return await modal_says(play, who, f"Deployment {RUNS}", "is being rolled out to production", "In GitLab you are")


def cancelled(play: Scene) -> int:
    return play.stage.gitlab.state.effects["cancel"]


async def test_it_is_cancelled_as_the_modal_says(tmp_path: Path) -> None:
    """Not before the confirmation; the card says who did it, and has no button for it any more."""
    async with rolling(tmp_path) as play:
        card = await card_says(play, "No rollback target.", f"Deployment {RUNS} has not ended.")
        assert f"Cancel deployment {RUNS}" in card
        assert "roll_back" not in buttons_of(await play.player.card())
        said = await ready(play, "mara")
        assert "This cancels its job in GitLab. What was changed by then stays" in said
        assert "Nothing is deployed instead." in said
        assert "Live now: deployment 49141" in said
        assert cancelled(play) == 0

        await confirm(play, "mara")

        await modal_says(play, "mara", "Cancelling…", "The card says how it ends")
        said = await card_says(play, CANCELLED, f"Deployment {RUNS} was cancelled.")
        assert f"[Cancel deployment {RUNS}]" not in said
        assert cancelled(play) == 1
        assert play.stage.gitlab.state.deployments[RUNS].status == "canceled"
        assert play.stage.gitlab.state.retries == []


async def test_the_modal_says_what_is_live_by_now(tmp_path: Path) -> None:
    """Not what was live when the alert was traced."""
    async with rolling(tmp_path) as play:
        state = play.stage.gitlab.state
        state.deployments[OTHER] = replace(state.deployments[49141], id=OTHER, finished_at=play.clock())

        assert f"Live now: deployment {OTHER}" in await ready(play, "mara")


async def test_two_who_confirm_at_once_cancel_it_once(tmp_path: Path) -> None:
    """The second finds it cancelled; both stand on the card."""
    async with rolling(tmp_path) as play:
        await ready(play, "mara")
        await ready(play, "kim")

        await asyncio.gather(confirm(play, "mara"), confirm(play, "kim"))

        await card_says(play, f"cancelled deployment {RUNS}", "asked to cancel deployment", "which is cancelled")
        assert cancelled(play) == 1


async def test_a_run_that_begins_anew_looks_first(tmp_path: Path) -> None:
    """After a death in between nothing is asked of GitLab twice, and it is no failure."""
    async with rolling(tmp_path) as play:
        await ready(play, "mara")
        await confirm(play, "mara")
        await card_says(play, CANCELLED)
        asked = len(play.stage.gitlab.recorded)
        (action,) = [one for one in await actions(play) if one.kind == "cancel_confirmed"]

        assert await asyncio.create_task(cancel_offered(action.id)) == "done"

        written = [one.request for one in play.stage.gitlab.recorded[asked:] if one.request.method != "GET"]
        assert written == []
        assert cancelled(play) == 1


async def actions(play: Scene) -> tuple[Action, ...]:
    card = await play.player.card()
    return await play.bot.house.store.actions.of(card["metadata"]["event_payload"]["incident"])


async def test_a_lost_answer_is_looked_after(tmp_path: Path) -> None:
    """GitLab did it and the connection broke: it is called what it is."""
    async with rolling(tmp_path) as play:
        await ready(play, "mara")
        play.stage.gitlab.faults.add(Fault("POST", CANCEL, "took_effect_then_reset"))

        await confirm(play, "mara")

        await card_says(play, CANCELLED)
        assert cancelled(play) == 1


async def test_an_outage_is_sat_out(tmp_path: Path) -> None:
    """Cancelling twice does no harm, so it is asked for again."""
    async with rolling(tmp_path) as play:
        await ready(play, "mara")
        play.stage.gitlab.faults.add(Fault("POST", CANCEL, "502"))

        await confirm(play, "mara")

        await card_says(play, CANCELLED, f"Deployment {RUNS} was cancelled.")
        assert cancelled(play) == 1


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (Fault("POST", f"/projects/*/jobs/{OTHER_JOB}/cancel", "403"), "without success: GitLab did not do it (403"),
        (Fault("GET", f"/projects/*/deployments/{OTHER}", "404", times=100), "without success: GitLab: 404"),
    ],
)
async def test_of_several_each_is_told_by_itself(fault: Fault, says: str, tmp_path: Path) -> None:
    """What was not done with one, or is not known of it, hides nothing of the other; only that is offered again."""
    async with rolling(tmp_path) as play:
        await also_runs(play)
        await press(play, "mara", "cancel")
        await modal_says(play, "mara", f"Deployment {RUNS}", f"Deployment {OTHER}", "This cancels their jobs")
        play.stage.gitlab.faults.add(fault)

        await confirm(play, "mara")

        said = await card_says(play, CANCELLED, says, f"Deployment {RUNS} was cancelled.", "tried to cancel")
        assert f"Deployment {OTHER} has not ended." in said
        assert f"[Cancel deployment {OTHER}]" in said
        assert cancelled(play) == 1


async def also_runs(play: Scene) -> None:
    """Another deployment of the suspect, which the card names too."""
    state, house = play.stage.gitlab.state, play.bot.house
    row = state.deployments[RUNS]
    job = replace(state.jobs[row.job_id or 0], id=OTHER_JOB)
    state.jobs[OTHER_JOB] = job
    state.deployments[OTHER] = replace(row, id=OTHER, job_id=OTHER_JOB)
    key = (await play.player.card())["metadata"]["event_payload"]["incident"]
    verdict = (await house.store.incidents.existing(key)).verdict
    assert verdict is not None
    assert verdict.rollback is not None
    running = verdict.rollback.cancel
    assert running is not None
    assert running.job is not None
    plan = replace(verdict.rollback, cancel=replace(running, id=OTHER, job=replace(running.job, id=OTHER_JOB)))
    leg = RollbackLeg(Place(running.project, "production"), running.job.name, "production", plan)
    await house.store.incidents.save_verdict(key, replace(verdict, legs=(leg,)))
    await Starter().card(key, "two")
    await card_says(play, "[Cancel 2 deployments]")


async def test_what_gitlab_refuses_is_said_and_can_be_tried_again(tmp_path: Path) -> None:
    """Its words stand on the card, and the button too."""
    async with rolling(tmp_path) as play:
        await ready(play, "mara")
        play.stage.gitlab.faults.add(Fault("POST", CANCEL, "403"))
        await confirm(play, "mara")
        await card_says(play, f"mara tried to cancel deployment {RUNS}", "without success: GitLab did not do it (403")
        assert "cancel" in buttons_of(await play.player.card())

        await ready(play, "kim")
        await confirm(play, "kim")

        await card_says(play, f"kim cancelled deployment {RUNS} in production")


async def test_one_that_has_ended_by_now_is_not_offered(tmp_path: Path) -> None:
    """The modal says how it ended, and has nothing to confirm."""
    async with rolling(tmp_path) as play:
        end(play)

        await press(play, "mara", "cancel")

        await modal_says(play, "mara", "cancelled nothing", f"Deployment {RUNS} has ended (success)")
        assert not await has_submit(play, "mara")
        await not_running_any_more(play)


async def not_running_any_more(play: Scene) -> None:
    """The card, without a webhook that would have told."""

    async def look() -> bool:
        card = await play.player.card()
        return "has not ended" not in render_text(card) and "cancel" not in buttons_of(card)

    await eventually("a card that knows it", look)


async def test_one_that_ended_before_the_submit_is_left_as_it_is(tmp_path: Path) -> None:
    """The card says so."""
    async with rolling(tmp_path) as play:
        await ready(play, "mara")
        end(play)

        await confirm(play, "mara")

        await card_says(play, f"mara tried to cancel deployment {RUNS}", "without success: it has ended (success)")
        assert cancelled(play) == 0
        await not_running_any_more(play)


def end(play: Scene) -> None:
    state = play.stage.gitlab.state
    row = state.deployments[RUNS]
    job = state.jobs[row.job_id or 0]
    job.status, job.finished_at = "success", play.clock()
    finish(state, row, play.clock(), "success")


async def test_who_may_not_deploy_may_not_cancel(tmp_path: Path) -> None:
    """The same right as for a rollback; what can be read before refuses before."""
    async with rolling(tmp_path) as play:
        play.stage.gitlab.state.levels["tomas"] = 10

        await press(play, "tomas", "cancel")

        await modal_says(play, "tomas", "cancelled nothing", "tomas needs at least the role Developer")
        assert not await has_submit(play, "tomas")


async def test_a_right_that_was_taken_away_before_the_submit_refuses(tmp_path: Path) -> None:
    """The step asks again."""
    async with rolling(tmp_path) as play:
        await ready(play, "tomas")
        play.stage.gitlab.state.levels["tomas"] = 10

        await confirm(play, "tomas")

        await card_says(play, "without success: tomas needs at least the role Developer")
        assert cancelled(play) == 0


async def test_what_was_confirmed_too_long_ago_is_not_done(tmp_path: Path) -> None:
    """Backtrace was away meanwhile."""
    async with rolling(tmp_path) as play:
        await ready(play, "mara")
        play.stage.gitlab.faults.add(Fault("GET", f"/projects/*/deployments/{RUNS}", "latency", seconds=1))
        await confirm(play, "mara")
        play.clock.forward(timedelta(minutes=11))

        await card_says(play, "without success: too much time has passed since it was confirmed")
        assert cancelled(play) == 0


async def test_where_a_second_person_is_asked_for_it_is_done_in_gitlab(tmp_path: Path) -> None:
    """There is no button that could not be used, only the way there."""
    async with rolling(tmp_path, replace(PROMPT, service="second_person = true")) as play:
        await card_says(play, f"Deployment {RUNS} has not ended: cancel it in GitLab, if it is to stop.")
        assert "cancel" not in buttons_of(await play.player.card())


async def test_settings_that_ask_for_two_by_now_refuse_it(tmp_path: Path) -> None:
    """On somebody's screen the button still stands."""
    async with rolling(tmp_path) as play:
        card = await play.player.card()
        service = play.bot.house.settings.catalog.find("catalog")
        assert service is not None
        object.__setattr__(service, "second_person", True)

        await press_on(play, card, "mara", "cancel")

        await modal_says(play, "mara", "cancelled nothing", "catalog asks for a second person in production")


async def test_who_is_not_linked_links_first_and_acts_as_themselves(tmp_path: Path) -> None:
    """The modal goes on by itself; GitLab is asked with the presser's own token."""
    async with rolling(tmp_path, with_page()) as play, browsing() as browser:
        play.stage.gitlab.state.oauth.interval = 1
        await press(play, "mara", "cancel")
        await modal_says(play, "mara", "Link your GitLab account first.", "Open the page")
        view = await play.stage.slack.view_of(play.stage.slack_id("mara"))
        assert view is not None
        assert view["title"]["text"] == "Cancel deployment"
        url, code = invitation(f"{view} {one_line(render_text(view))}")
        await browser.link(url, code, "mara")

        await modal_says(play, "mara", "is being rolled out to production", "In GitLab you are mara")
        await confirm(play, "mara")

        await card_says(play, CANCELLED)


async def test_who_was_refused_as_they_linked_reads_that_nothing_was_cancelled(tmp_path: Path) -> None:
    """Not that no rollback was started, which nobody asked for."""
    async with rolling(tmp_path, with_page()) as play, browsing() as browser:
        await press(play, "mara", "cancel")
        await modal_says(play, "mara", "Link your GitLab account first.")
        view = await play.stage.slack.view_of(play.stage.slack_id("mara"))
        assert view is not None
        url, code = invitation(f"{view} {one_line(render_text(view))}")
        await browser.link(url, code, "vani")

        said = await modal_says(play, "mara", "Backtrace cancelled nothing.")
        assert "rollback" not in said


@pytest.mark.parametrize("job_status", ["manual", "created"])
async def test_one_that_waits_is_cancelled_too(job_status: str, tmp_path: Path) -> None:
    """Nobody can start it any more then."""
    async with rolling(tmp_path) as play:
        state = play.stage.gitlab.state
        row = state.deployments[RUNS]
        row.status, row.starts_at = "blocked" if job_status == "manual" else "created", None
        state.jobs[row.job_id or 0].status = job_status
        await press(play, "mara", "cancel")
        await modal_says(play, "mara", f"Deployment {RUNS}", "waits to be rolled out to production")

        await confirm(play, "mara")

        await card_says(play, CANCELLED)
        assert row.status == "canceled"


async def test_it_is_on_record(tmp_path: Path) -> None:
    """Who pressed and confirmed, and what GitLab was asked for them."""
    async with rolling(tmp_path) as play:
        await ready(play, "mara")
        await confirm(play, "mara")
        await card_says(play, CANCELLED)

        reply = await play.stage.slack.command(play.stage.slack_id("mara"), play.stage.alerts, "audit")

        assert 'mara pressed "Cancel deployment", which opened the dialog; nothing is started by that' in reply.text
        assert f"mara confirmed that a deployment is cancelled: cancelled deployment {RUNS} in production" in reply.text
        assert "GitLab, POST /projects/" in reply.text


async def test_what_a_rollback_cancelled_is_not_traced_again(tmp_path: Path) -> None:
    """The card knows of it. A new trace would find nothing to go back to any more, and take the target off the card."""
    async with scene("rolling", tmp_path) as play:
        await alert_card(play)
        await roll_back(play, "mara")
        await card_says(play, "Rolled back.")
        target = facts_of(await play.player.card())["target"]
        play.clock.forward(timedelta(minutes=1))
        await play.bot.polls.look()
        await quiet(play)

        assert target
        assert facts_of(await play.player.card())["target"] == target
