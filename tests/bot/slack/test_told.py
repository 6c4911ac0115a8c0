"""What a card says of deployments past GitLab, and of a sender that no reader knows."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from backtrace_core.alerts.notices import DeployNotice
from backtrace_core.model import Verdict
from backtrace_core.told_deployments import not_in_gitlab
from bot.slack.card import render_card
from tests.bot.slack import stories
from tests.bot.slack.test_card_limits import mrkdwn

GITLAB = "https://gitlab.test"
NOTICE = DeployNotice(
    stories.T0 - timedelta(hours=3), "web", "prod", "<!here> web was deployed", "https://argo.acme.test/web"
)


def drawn(verdict: Verdict, *notices: DeployNotice) -> str:
    card = render_card(stories.view(verdict, told_deployments=notices))
    return "\n".join(text["text"] for text in mrkdwn(card.blocks))


def test_where_no_change_explains_it_the_deployment_is_to_be_looked_at() -> None:
    """“No change” is said of GitLab's changes alone, and the card says so; the notice's words do nothing."""
    says = drawn(stories.NO_CHANGE, NOTICE)

    assert "The channel was told of a deployment of web to prod at" in says
    assert "<https://argo.acme.test/web|&lt;!here&gt; web was deployed>" in says
    assert "its changes were not looked at: look there" in says
    assert "look there" not in drawn(stories.NAMED, NOTICE)


def test_of_many_the_newest_are_told() -> None:
    """A card is no log of deployments."""
    assert "… and of 3 more" in drawn(stories.NAMED, *[NOTICE] * 5)


def test_what_gitlab_has_is_left_out() -> None:
    """By the time of its end, by the link; another environment's and what came after the onset too."""
    near = replace(NOTICE, at=stories.T0 - timedelta(minutes=10))
    told = (
        NOTICE,
        near,
        replace(NOTICE, url=f"{GITLAB}/shop/web"),
        replace(NOTICE, environment="staging"),
        replace(NOTICE, at=stories.T0 + timedelta(minutes=1)),
    )

    assert not_in_gitlab(stories.NAMED, told, GITLAB) == (NOTICE,)


def test_a_sender_that_no_reader_knows_is_called_so() -> None:
    """And how to see what was read of it."""
    unknown = replace(stories.NAMED, alert=replace(stories.alert(), sender="generic"))

    assert "`backtrace parse --explain`" in drawn(unknown)
    assert "parse --explain" not in drawn(stories.NAMED)
