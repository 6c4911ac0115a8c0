"""Not the culprit: the card moves on to the next suspect, with its own target and its own paper, and remembers."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

from backtrace_core.model import Alert, Harvest, Scope
from bot.sources import FactSource
from bot.store import Action
from bot.workflows.answering import trace_incident
from sandbox.gitlab import Fault
from sandbox.player import eventually, facts_of
from sandbox.worlds.model import World
from sandbox.worlds.senders import alertmanager
from tests.scenarios.gitlab_side import the_note
from tests.scenarios.looking import (
    WAIT_S,
    alert_card,
    buttons_of,
    card_says,
    confirm,
    id_of,
    modal_says,
    press,
    press_on,
    ready_to_submit,
    shown_only_to,
)
from tests.scenarios.stage import Scene, scene

TWO_SUSPECTS = """session expiry checks at sign-in fail, and the export of orders
```  File "/srv/web/shop/export.py", line 18, in write_for_warehouse
  File "/srv/web/auth/session.py", line 42, in is_expired```"""


def with_two_suspects(world: World) -> World:
    """An alert that names !45 of the latest deployment, and !41 of the one before."""
    return replace(world, alert=alertmanager("LoginErrorRateHigh web", "production critical", TWO_SUSPECTS))


class SlowAtFirst:
    """A source whose first harvest is handed over some seconds after it was read."""

    def __init__(self, source: FactSource) -> None:
        self._source = source
        self.has_read = asyncio.Event()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._source, name)

    async def harvest(self, scope: Scope, alert: Alert | None = None) -> Harvest:
        found = await self._source.harvest(scope, alert)
        if not self.has_read.is_set():
            self.has_read.set()
            await asyncio.sleep(3)
        return found


async def excluded(play: Scene) -> frozenset[str]:
    return (await play.bot.house.store.incidents.existing(await key_of(play))).excluded


async def key_of(play: Scene) -> str:
    key: str = (await play.player.card())["metadata"]["event_payload"]["incident"]
    return key


async def presses_of(play: Scene) -> tuple[Action, ...]:
    """All presses, once each has ended."""
    key = await key_of(play)

    async def look() -> tuple[Action, ...]:
        found = await play.bot.house.store.actions.of(key)
        return found if all(one.result for one in found) else ()

    return await eventually("all presses to end", look, WAIT_S)


async def note_that_says(play: Scene, *words: str) -> str:
    """The one note of the only GitLab incident, once all these words stand in it."""

    async def look() -> str:
        bodies = [note.body for incident in play.stage.gitlab.state.incidents for note in incident.notes]
        return bodies[0] if len(bodies) == 1 and all(word in bodies[0] for word in words) else ""

    return await eventually(f"a note that says {words}", look, WAIT_S)


async def test_the_card_moves_on_to_the_next_suspect(tmp_path: Path) -> None:
    """Another change is named, the target lies before its deployment, and going back goes there."""
    async with scene("login", tmp_path, change=with_two_suspects) as play:
        first = await alert_card(play)
        assert (facts_of(first)["culprit"], facts_of(first)["target"]) == ("!45", "49519")
        await press(play, "kim", "not_culprit")

        await card_says(play, "Likely culprit: !41 Export orders", "kim said that !45 is not the culprit")
        second = await play.player.card()
        assert second["ts"] == first["ts"]
        assert facts_of(second)["target"] == "49451"
        await ready_to_submit(play, "mara")
        await confirm(play, "mara")
        await card_says(play, "Rolled back.")
        (retry,) = play.stage.gitlab.state.retries
        assert retry.job_id == play.stage.gitlab.state.deployments[49451].job_id


async def test_a_second_press_on_the_same_suspect_clears_no_other(tmp_path: Path) -> None:
    """Two people at once, and one on a card that still showed !45: only !45 is taken out."""
    async with scene("login", tmp_path, change=with_two_suspects) as play:
        first = await alert_card(play)
        await asyncio.gather(press_on(play, first, "kim", "not_culprit"), press_on(play, first, "mara", "not_culprit"))
        await card_says(play, "Likely culprit: !41", "kim said that !45", "mara said that !45")

        await press_on(play, first, "tomas", "not_culprit")

        await card_says(play, "Likely culprit: !41", "tomas said that !45 is not the culprit")
        assert await excluded(play) == {"shop/web!45"}


async def test_with_no_suspect_left_nobody_is_named(tmp_path: Path) -> None:
    """One after the other: then the card says that there is not enough evidence, and names nobody."""
    async with scene("login", tmp_path, change=with_two_suspects) as play:
        await alert_card(play)
        await press(play, "kim", "not_culprit")
        await card_says(play, "Likely culprit: !41")
        await press(play, "kim", "not_culprit")

        await card_says(play, "said that !45 is not", "said that !41 is not")
        card = await play.player.card()
        assert facts_of(card)["culprit"] == "-"
        assert not buttons_of(card).keys() & {"roll_back", "assign", "not_culprit"}


async def test_the_paper_follows_the_card(tmp_path: Path) -> None:
    """Assigned before and after: the same incident, now with the other author and the other verdict in its note."""
    async with scene("login", tmp_path, change=with_two_suspects) as play:
        await alert_card(play)
        await press(play, "kim", "assign")
        await card_says(play, "assigned Vani Raghavan")
        await press(play, "kim", "not_culprit")
        await card_says(play, "Likely culprit: !41")
        await press(play, "kim", "assign")

        await card_says(play, "assigned Jonas Brandt")
        (incident,) = play.stage.gitlab.state.incidents
        assert incident.assignees == ["jonas"]
        (note,) = incident.notes
        assert "Export orders for the warehouse" in note.body.partition("Less likely")[0]
        assert "Tighten session expiry" not in note.body.partition("Less likely")[0]


async def test_without_gitlab_the_card_stays_and_says_what_went_wrong(tmp_path: Path) -> None:
    """The verdict that stands is not lost, and a press that could not be followed is told."""
    async with scene("login", tmp_path, change=with_two_suspects) as play:
        await alert_card(play)
        play.stage.gitlab.faults.add(Fault("*", "*", "502", times=100_000))
        await press(play, "kim", "not_culprit")

        why = f"GitLab ({play.stage.gitlab.url}) does not answer"
        await card_says(play, "Likely culprit: !45", f"Something went wrong since: {why}")


async def test_the_card_says_who_ruled_out_what_and_not_that_nothing_fits(tmp_path: Path) -> None:
    """The only change that fitted is ruled out: that is said with who did it, and of the others only that none is
    shown to be the cause. Neither the modal nor the paper claims that no change explains it."""
    async with scene("login", tmp_path) as play:
        await alert_card(play)
        await press(play, "kim", "assign")
        await card_says(play, "assigned Vani Raghavan")
        await press(play, "kim", "not_culprit")

        ruled_out = "Ruled out by kim: !45 Tighten session expiry"
        says = await card_says(play, "Not enough evidence for another change", ruled_out, "none shown to be the cause")
        await press(play, "mara", "why")
        why = await modal_says(play, "mara", "Nobody is named", "Ruled out by people: !45 Tighten session expiry")
        note = await note_that_says(play, "Not enough evidence to name another change", "Tighten session expiry")
        assert not any("o change explains this" in text.partition("not from")[0] for text in (says, why, note))


async def test_who_ruled_a_change_out_may_be_wrong_and_puts_it_back(tmp_path: Path) -> None:
    """It is traced again with that change, on the same card, on record like every press; once more does nothing."""
    async with scene("login", tmp_path) as play:
        first = await alert_card(play)
        await press(play, "kim", "not_culprit")
        await card_says(play, "Ruled out by kim: !45")
        second = await play.player.card()
        await press(play, "mara", "put_back")

        says = await card_says(play, "Likely culprit: !45", "mara put !45 back")
        third = await play.player.card()
        assert third["ts"] == first["ts"]
        assert facts_of(third)["target"] == facts_of(first)["target"]
        assert "Ruled out by" not in says
        assert await excluded(play) == frozenset()

        await press_on(play, second, "tomas", "put_back")
        await shown_only_to(play, id_of(play, "tomas"), "!45 is not ruled out now, so there is nothing to put back")
        record = [(one.slack_user, one.kind, one.result) for one in await presses_of(play)]
        assert record == [
            (id_of(play, "kim"), "not_culprit", "done"),
            (id_of(play, "mara"), "put_back", "done"),
            (id_of(play, "tomas"), "put_back", "refused"),
        ]


async def test_of_two_that_are_ruled_out_each_is_put_back_by_itself(tmp_path: Path) -> None:
    """By two people: each has its line and its button, and the other one stays out."""
    async with scene("login", tmp_path, change=with_two_suspects) as play:
        await alert_card(play)
        await press(play, "kim", "not_culprit")
        await card_says(play, "Likely culprit: !41", "Ruled out by kim: !45")
        await press(play, "tomas", "not_culprit")
        await card_says(play, "Ruled out by kim: !45", "Ruled out by tomas: !41")
        await press(play, "kim", "put_back", f"{await key_of(play)} shop/web!41")

        await card_says(play, "Likely culprit: !41", "Ruled out by kim: !45", "kim put !41 back")
        assert await excluded(play) == {"shop/web!45"}


async def test_what_gitlab_did_not_answer_is_put_back_at_the_next_press(tmp_path: Path) -> None:
    """The trace that was to follow failed: the button stays."""
    async with scene("login", tmp_path) as play:
        await alert_card(play)
        await press(play, "kim", "not_culprit")
        await card_says(play, "Ruled out by kim: !45")
        play.stage.gitlab.faults.add(Fault("*", "*", "502", times=100_000))
        await press(play, "kim", "put_back")
        await card_says(play, "Ruled out by kim: !45", "Something went wrong since")
        play.stage.gitlab.faults.clear()
        await press(play, "kim", "put_back")

        await card_says(play, "Likely culprit: !45")


async def test_a_trace_that_began_before_somebody_ruled_it_out_is_not_kept_last(tmp_path: Path) -> None:
    """Such as the one that follows when a deployment has ended: it knows less than the press."""
    async with scene("login", tmp_path) as play:
        await alert_card(play)
        key = await key_of(play)
        slow = SlowAtFirst(play.bot.house.source)
        object.__setattr__(play.bot.house, "source", slow)
        under_way = asyncio.ensure_future(trace_incident(key))
        await slow.has_read.wait()
        await press(play, "kim", "not_culprit")
        await presses_of(play)
        await under_way

        verdict = (await play.bot.house.store.incidents.existing(key)).verdict
        assert verdict is not None
        assert [ref.label for ref in verdict.ruled_out] == ["!45"]


async def test_who_stays_assigned_without_a_named_change_is_said(tmp_path: Path) -> None:
    """Their change was ruled out and no other is named: the note does not go on as if it were theirs."""
    async with scene("login", tmp_path) as play:
        await alert_card(play)
        await press(play, "kim", "assign")
        await card_says(play, "assigned Vani Raghavan")
        (incident,) = play.stage.gitlab.state.incidents
        await the_note(play, incident, "assigned Vani Raghavan")
        await press(play, "kim", "not_culprit")

        await the_note(play, incident, "No change is named any more, so whether they stay assigned is up to you.")
        assert incident.assignees == ["vani"]
