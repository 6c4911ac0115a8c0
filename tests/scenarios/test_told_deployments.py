"""Deployments that a channel is told of, and that GitLab does not have: they are looked at too."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from sandbox.slack.draw import render_text
from tests.scenarios.looking import card_says, cards_in
from tests.scenarios.stage import Scene, scene

SYNCED = "Application web has been synced to production <https://argo.acme.test/web|open>"


async def tell(play: Scene, text: str) -> None:
    await play.stage.slack.post_webhook(play.stage.alerts, {"text": text, "username": "Argo CD"})
    await play.stage.slack.courier.settled()


async def test_a_deployment_past_gitlab_stands_on_the_card(tmp_path: Path) -> None:
    """One quiet line with its link; the notice itself gets no card."""
    async with scene("login", tmp_path) as play:
        play.clock.forward(-timedelta(hours=1))
        await tell(play, SYNCED)
        assert await cards_in(play, play.stage.alerts) == []
        play.clock.forward(timedelta(hours=1))
        await play.player.fire()

        drawn = await card_says(play, "The channel was told of a deployment of web to production at")
        assert "Application web has been synced" in drawn


async def test_of_other_places_and_gitlabs_own_nothing_is_said(tmp_path: Path) -> None:
    """Another environment's, another service's, and what links to GitLab: GitLab's own list has that."""
    async with scene("login", tmp_path) as play:
        play.clock.forward(-timedelta(hours=1))
        await tell(play, "Application web has been synced to staging")
        await tell(play, "Application unheard-of has been synced to production")
        await tell(play, f"Application web has been deployed to production <{play.stage.gitlab.url}/shop/web|open>")
        play.clock.forward(timedelta(hours=1))
        await play.player.fire()

        card = await play.player.card()
        assert "was told of" not in render_text(card)
