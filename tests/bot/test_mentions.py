"""Who is mentioned without having been asked for."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time

import pytest

from backtrace_core.model import Environment, Verdict
from backtrace_core.scope import Catalog
from bot.calm import Calm
from bot.mentions import may_mention
from bot.settings import BotSettings, GitLabSettings, Secrets, Settings, SlackSettings
from tests.bot.slack.stories import NAMED, NOT_ENOUGH

NIGHT = datetime(2026, 11, 20, 2, 6, tzinfo=UTC)


def settings(mention_from: float | None, calm: Calm | None = None) -> Settings:
    return Settings(
        GitLabSettings(url="https://gitlab.acme.test"),
        SlackSettings(channels=("C0ALERTS01",), mention_from=mention_from),
        BotSettings(),
        Catalog(()),
        {},
        Secrets("", ""),
        {NAMED.scope.service.name: calm} if calm else {},
    )


def test_nobody_is_mentioned_without_the_setting() -> None:
    """Silence is the default; with it the confidence counts."""
    sure = NAMED.named[0].probability

    assert not may_mention(NAMED, settings(None), NIGHT)
    assert may_mention(NAMED, settings(sure), NIGHT)
    assert sure >= 1 or not may_mention(NAMED, settings(min(1.0, sure + 0.01)), NIGHT)
    assert not may_mention(NOT_ENOUGH, settings(0.01), NIGHT)


@pytest.mark.parametrize(
    ("name", "tier", "expected"),
    [
        ("production", "production", True),
        ("eu-west", "production", True),
        ("staging", "staging", False),
        ("production", "staging", False),
    ],
)
def test_only_for_production(name: str, tier: str, *, expected: bool) -> None:
    """GitLab's tier says what is production, whatever its name."""
    environment = Environment(1, name, tier, "")
    verdict = replace(NAMED, environment=environment, scope=replace(NAMED.scope, environment=name))

    assert may_mention(verdict, settings(0.01), NIGHT) is expected


@pytest.mark.parametrize(("name", "expected"), [("prod", True), ("production/eu", True), ("qa", False)])
def test_where_gitlab_does_not_tell_the_name_counts(name: str, *, expected: bool) -> None:
    """Short forms and folders too."""
    verdict: Verdict = replace(NAMED, environment=None, scope=replace(NAMED.scope, environment=name))

    assert may_mention(verdict, settings(0.01), NIGHT) is expected


def test_quiet_hours_are_quiet() -> None:
    """A span over midnight ends in the morning."""
    night = Calm(quiet=(time(22), time(7)))

    assert not may_mention(NAMED, settings(0.01, night), NIGHT)
    assert may_mention(NAMED, settings(0.01, night), NIGHT.replace(hour=7))
