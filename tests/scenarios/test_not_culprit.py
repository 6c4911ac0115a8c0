"""Not the culprit: the card moves on to the next suspect, with its own target and its own paper, and remembers."""

import asyncio
from dataclasses import replace
from pathlib import Path

from sandbox.gitlab import Fault
from sandbox.player import facts_of
from sandbox.worlds.model import World
from sandbox.worlds.senders import alertmanager
from tests.scenarios.looking import alert_card, buttons_of, card_says, confirm, press, press_on, ready_to_submit
from tests.scenarios.stage import Scene, scene

TWO_SUSPECTS = """session expiry checks at sign-in fail, and the export of orders
```  File "/srv/web/shop/export.py", line 18, in write_for_warehouse
  File "/srv/web/auth/session.py", line 42, in is_expired```"""


def with_two_suspects(world: World) -> World:
    """An alert that names !45 of the latest deployment, and !41 of the one before."""
    return replace(world, alert=alertmanager("LoginErrorRateHigh web", "production critical", TWO_SUSPECTS))


async def excluded(play: Scene) -> frozenset[str]:
    key = (await play.player.card())["metadata"]["event_payload"]["incident"]
    return (await play.bot.house.store.incidents.existing(key)).excluded


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
