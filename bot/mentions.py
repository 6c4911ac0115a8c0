"""Who is mentioned without having been asked for: at most the author of a culprit that is named with good reason."""

from __future__ import annotations

from datetime import datetime

from backtrace_core.model import Outcome, Verdict
from backtrace_core.scope import environment_name
from bot.calm import CALM
from bot.settings import Settings

_PRODUCTION = "production"


def may_mention(verdict: Verdict, settings: Settings, now: datetime) -> bool:
    """Whether the bot may mention people by itself: not below the confidence that the settings ask for (without one:
    never), not in quiet hours, and only for production. A page that somebody presses is a wish of theirs, and is not
    asked about here."""
    least = settings.slack.mention_from
    if least is None or verdict.outcome is not Outcome.NAMED or verdict.named[0].probability < least:
        return False
    return is_production(verdict) and not settings.calm.get(verdict.scope.service.name, CALM).is_quiet(now)


def is_production(verdict: Verdict) -> bool:
    """By GitLab's tier of the environment; where that is not known by its name, or its folder's."""
    if verdict.environment is not None and verdict.environment.tier:
        return verdict.environment.tier == _PRODUCTION
    return environment_name(verdict.scope.environment.partition("/")[0]) == _PRODUCTION


def authors_in_slack(verdict: Verdict, settings: Settings) -> tuple[str, ...]:
    """Slack ids of the named culprit's author; none where the settings don't know them, or GitLab has blocked them."""
    author = verdict.named[0].candidate.change.author if verdict.named else None
    if author is None or author.bot or author.state != "active":
        return ()
    slack_id = settings.slack_ids.get(author.username)
    return (slack_id,) if slack_id else ()
