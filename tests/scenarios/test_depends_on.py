"""A service that depends on another one, or has several projects, through the whole bot."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from sandbox.slack.draw import render_text
from sandbox.worlds.builder import Place as StoryPlace
from sandbox.worlds.builder import tell
from sandbox.worlds.model import World
from sandbox.worlds.scripts import roll_back
from tests.scenarios.stage import PROMPT, Scene, scene
from tests.scenarios.town import SEVERAL, TOWN

ON_BILLING = 'depends_on = ["billing"]'
PAYMENTS = '[[service]]\nname = "payments"\nproject = "shop/payments"\n'
BILLING = '[[service]]\nname = "billing"\nproject = "shop/billing"\n'


async def test_what_may_not_be_shown_in_the_channel_is_not_even_looked_at(tmp_path: Path) -> None:
    """billing has a channel of its own: an alert elsewhere must not tell of it, whatever depends on it."""
    async with scene("login", tmp_path, TOWN, replace(SEVERAL, service=ON_BILLING)) as play:
        await play.player.fire()
        text = render_text(await play.player.card())

        # That the token may read it was looked after at the start; of what was shipped there nothing is read.
        asked = [one.request.path for one in play.stage.gitlab.recorded if "billing/" in one.request.path]
        assert not [path for path in asked if "/members/" not in path]
        assert "billing" not in text


async def test_what_can_not_be_read_is_said_and_costs_nothing_of_the_answer(tmp_path: Path) -> None:
    """The token does not see billing: a gap on the card, and the culprit all the same."""
    async with scene("login", tmp_path, bot_options=replace(PROMPT, service=ON_BILLING, services=BILLING)) as play:
        await play.player.fire()
        text = render_text(await play.player.card())

        assert "Likely culprit: !45" in text
        assert "all that billing shipped" in text


def with_payments(folder: Path) -> Callable[[World], World]:
    """The world's GitLab has shop/payments too, with three merge requests deployed in the window."""
    place = StoryPlace(63, "shop/payments", "payments", "https://payments.lindenshop.example")
    return lambda world: replace(world, more=(tell("outage", place, world.t0, folder / "payments").part(),))


async def suspects_of(play: Scene) -> set[tuple[str, str | None]]:
    """Each suspect's label, and whose it is where it is another service's."""
    key = (await play.player.card())["metadata"]["event_payload"]["incident"]
    incident = await play.bot.house.store.incidents.existing(key)
    assert incident.verdict is not None
    return {(found.candidate.change.label, found.candidate.service) for found in incident.verdict.suspects}


async def test_what_a_dependency_shipped_is_listed_as_its_own(tmp_path: Path) -> None:
    """Ranked behind the culprit, with its project before the number and the service's name; going back stays in web."""
    options = replace(PROMPT, service='depends_on = ["payments"]', services=PAYMENTS)
    async with scene("login", tmp_path, bot_options=options, change=with_payments(tmp_path)) as play:
        await play.player.fire()
        text = render_text(await play.player.card())
        suspects = await suspects_of(play)
        asked = [one.request.path for one in play.stage.gitlab.recorded if "payments" in one.request.path]

        assert "Likely culprit: !45" in text
        assert {service for _, service in suspects} == {None, "payments"}
        assert all(label.startswith("shop/payments") == (service == "payments") for label, service in suspects)
        assert not [path for path in asked if path.endswith("/diffs")]
        assert play.stage.gitlab.unplanned == []


async def test_two_projects_of_one_service_are_ranked_together(tmp_path: Path) -> None:
    """Both have an environment "production"; the culprit's own goes back, and the other project's is left alone."""
    options = replace(PROMPT, service='projects = ["shop/payments"]')
    async with scene("login", tmp_path, bot_options=options, change=with_payments(tmp_path)) as play:
        await play.player.fire()
        text = render_text(await play.player.card())
        suspects = await suspects_of(play)
        expect = play.world.expect
        assert expect is not None
        for step in roll_back("mara"):
            await play.player.play(step)
        states = play.stage.gitlab.states

        assert "Likely culprit: !45" in text
        labels = {label for label, _ in suspects}
        assert "!45" in labels
        assert any(label.startswith("shop/payments!") for label in labels)
        assert f"deployment {expect.target}" in text
        assert [len(states[path].retries) for path in ("shop/web", "shop/payments")] == [1, 0]
        assert play.stage.gitlab.unplanned == []
