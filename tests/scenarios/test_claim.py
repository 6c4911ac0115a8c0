""" "I'm on it": who is at work on an incident stands on its card, until it is over."""

import asyncio
from pathlib import Path

from sandbox.player import eventually
from sandbox.worlds.model import Step
from tests.scenarios.looking import alert_card, buttons_of, card_says, press, press_on, shown_only_to
from tests.scenarios.stage import Scene, scene
from tests.scenarios.test_paper import actions, the_incident
from tests.scenarios.town import GUEST, TOWN


async def words_of_button(play: Scene) -> str:
    return str(buttons_of(await play.player.card())["claim"]["text"]["text"])


async def test_somebody_is_on_it(tmp_path: Path) -> None:
    """The card says who, on a line of its own; the button then offers to take over, and the next press does."""
    async with scene("login", tmp_path) as play:
        await alert_card(play)
        assert await words_of_button(play) == "I'm on it"
        await press(play, "mara", "claim")

        assert (await card_says(play, "mara is on it, since")).count("is on it") == 1
        assert await words_of_button(play) == "Take over"

        await press(play, "kim", "claim")
        assert "mara is on it" not in await card_says(play, "kim is on it, since", "mara was on it")
        assert [action.says for action in await actions(play)] == ["is on it", "took this over from mara"]


async def test_who_is_on_it_already_is_told_so(tmp_path: Path) -> None:
    """A second press of the same person changes nothing, and the card keeps the moment since when."""
    async with scene("login", tmp_path) as play:
        await alert_card(play)
        await press(play, "mara", "claim")
        await card_says(play, "mara is on it, since")
        await press(play, "mara", "claim")

        await shown_only_to(play, play.stage.slack_id("mara"), "You are on it already")
        assert [action.says for action in await actions(play) if action.result == "done"] == ["is on it"]


async def test_two_at_once(tmp_path: Path) -> None:
    """One of them takes it over from the other: never do both believe that they were alone."""
    async with scene("login", tmp_path) as play:
        await alert_card(play)
        await asyncio.gather(press(play, "mara", "claim"), press(play, "kim", "claim"))

        async def both() -> list[str]:
            done = [action.says for action in await actions(play) if action.finished_at]
            return sorted(done) if len(done) == 2 else []

        first, second = await eventually("two claims", both)
        assert first == "is on it"
        assert second.startswith("took this over from ")


async def test_the_paper_says_it_too(tmp_path: Path) -> None:
    """The note on the GitLab incident tells who took it on."""
    async with scene("login", tmp_path) as play:
        await alert_card(play)
        await press(play, "mara", "assign")
        await card_says(play, "mara assigned")
        await press(play, "kim", "claim")

        async def told() -> bool:
            return any("`kim` `is on it`" in note.body for note in the_incident(play).notes)

        await eventually("a note that says it", told)


async def test_once_over_nobody_has_to_be_on_it(tmp_path: Path) -> None:
    """Resolved: the line at the top and the button go; that somebody was on it stays in small print."""
    async with scene("login", tmp_path) as play:
        await alert_card(play)
        await press(play, "mara", "claim")
        await card_says(play, "mara is on it, since")
        await play.player.play(Step("resolve"))

        said = await card_says(play, "Resolved", "mara is on it,")
        assert "is on it, since" not in said
        assert "claim" not in buttons_of(await play.player.card())


async def test_a_guest_takes_nothing_on(tmp_path: Path) -> None:
    """Who may not press is told so alone; the card stays as it was."""
    async with scene("login", tmp_path, TOWN) as play:
        await press_on(play, await alert_card(play), GUEST, "claim")
        await shown_only_to(play, GUEST, "guest")
        assert await words_of_button(play) == "I'm on it"
