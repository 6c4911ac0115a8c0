"""What is kept and unfinished: started, or ended where its run has ended; and nothing that came too late is begun."""

from datetime import timedelta
from pathlib import Path

from dbos import DBOS, SetWorkflowID

from bot.store import Action, Leg, NewRollback
from bot.workflows.answering import move_card_on
from sandbox.player import eventually
from tests.scenarios.looking import card_says
from tests.scenarios.stage import T0, Scene, scene


async def a_card(play: Scene) -> str:
    """The id of the incident whose card stands."""
    await play.player.fire()
    card = await play.player.card()
    return str(card["metadata"]["event_payload"]["incident"])


def confirmed(incident_id: str, minutes_ago: int) -> NewRollback:
    asked_at = T0 - timedelta(minutes=minutes_ago)
    leg = Leg("k", "shop/web", "production", "deploy-production", "production", 49519)
    return NewRollback(incident_id, "U0MARA", "V0GONE", "seen", asked_at, (leg,), frozenset({"k"}))


async def test_a_rollback_that_was_confirmed_long_ago_is_not_started(tmp_path: Path) -> None:
    """Backtrace was away for eleven minutes: who confirmed it does not expect it any more."""
    async with scene("login", tmp_path) as play:
        store = play.bot.house.store
        (row,), _ = await store.rollbacks.begin(confirmed(await a_card(play), minutes_ago=11))
        await play.bot.inbox.take_up()
        await eventually("its end", lambda: _is_over(play, row.id), 10)

        assert (await store.rollbacks.get(row.id)).status == "late"
        assert play.stage.gitlab.state.retries == []


async def test_a_rollback_whose_run_has_ended_frees_its_environment(tmp_path: Path) -> None:
    """Left open, it would refuse every other one for ever; the card says that it did not go well."""
    async with scene("login", tmp_path) as play:
        store = play.bot.house.store
        incident_id = await a_card(play)
        (row,), _ = await store.rollbacks.begin(confirmed(incident_id, minutes_ago=0))
        await an_ended_run(f"rollback-{row.press_id}")
        await play.bot.inbox.take_up()

        await card_says(play, "tried a rollback of production, without success", "See in GitLab")
        _, ours = await store.rollbacks.begin(confirmed(incident_id, minutes_ago=0))
        assert ours
        assert (await store.rollbacks.get(row.id)).finished_at is not None


async def test_a_press_whose_run_has_ended_is_told_and_not_kept_open(tmp_path: Path) -> None:
    """Its row would otherwise be taken up every minute, for ever."""
    async with scene("login", tmp_path) as play:
        store = play.bot.house.store
        action = Action("assign-lost", await a_card(play), "assign", "U0MARA", T0)
        await store.actions.keep(action)
        await an_ended_run(f"action-{action.id}")
        await play.bot.inbox.take_up()

        await card_says(play, "pressed a button, without success")
        assert await store.actions.unfinished() == ()


async def an_ended_run(workflow_id: str) -> None:
    """As after an error that no workflow could handle. What it is about does not exist, so it ends at once."""
    with SetWorkflowID(workflow_id):
        handle = await DBOS.start_workflow_async(move_card_on, "no such incident")
    await eventually("its end", lambda: _has_ended(handle.workflow_id), 10)


async def _has_ended(workflow_id: str) -> bool:
    status = await DBOS.get_workflow_status_async(workflow_id)
    return status is not None and status.status == "ERROR"


async def _is_over(play: Scene, rollback_id: str) -> bool:
    return (await play.bot.house.store.rollbacks.get(rollback_id)).finished_at is not None
