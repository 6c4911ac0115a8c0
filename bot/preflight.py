"""What speaks against a rollback at this moment, asked of GitLab just before somebody confirms it.

What can't be read is a caution of its own: a freeze that nobody could ask about is not "no freeze".
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable
from datetime import datetime

from backtrace_core.flags import flag_cautions
from backtrace_core.model import Caution, Change, Deployment, Environment
from bot.gitlab.client import GitLabClient, GitLabRefused
from bot.gitlab.flags import flags_of
from bot.gitlab.freezes import freeze_cautions, freeze_periods
from bot.gitlab.paths import in_project
from bot.gitlab.shapes import is_stopped
from bot.gitlab.waits import approval_cautions, resource_group_cautions
from bot.sources.reading import UNANSWERED, why_unanswered

TIMEOUT_S = 10.0


async def against_now(
    client: GitLabClient, target: Deployment, environment: Environment | None, now: datetime
) -> tuple[Caution, ...]:
    """Freezes, approvals, resource groups, a stopped environment. Never raises."""
    page = target.url.partition("/-/")[0]
    tier = environment.tier if environment is not None else ""
    found = await asyncio.gather(
        _or_unread("deploy freezes", _freezes(client, target, now, f"{page}/-/settings/ci_cd")),
        _or_unread("which approvals are needed", approval_cautions(client, target, tier)),
        _or_unread("resource groups", _groups(client, target)),
        _or_unread("whether the environment is stopped", _stopped(client, target)),
    )
    return tuple(caution for several in found for caution in several)


async def flags_now(
    client: GitLabClient, project: str, changes: Iterable[Change], environments: Iterable[str]
) -> tuple[Caution, ...]:
    """The flags that ``changes`` name, with their state in each environment. Never raises."""
    named = tuple(changes)
    if not named:
        return ()
    return await _or_unread("feature flags", _flags(client, project, named, tuple(environments)))


async def _or_unread(what: str, ask: Awaitable[tuple[Caution, ...]]) -> tuple[Caution, ...]:
    try:
        async with asyncio.timeout(TIMEOUT_S):
            return await ask
    except UNANSWERED as error:
        return (Caution(f"Backtrace could not read {what}: {why_unanswered(error)}"),)


async def _freezes(client: GitLabClient, target: Deployment, now: datetime, url: str) -> tuple[Caution, ...]:
    return tuple(freeze_cautions(await freeze_periods(client, target.project), now, url))


async def _groups(client: GitLabClient, target: Deployment) -> tuple[Caution, ...]:
    try:
        return await resource_group_cautions(client, target)
    except GitLabRefused as error:
        # Where the project runs no jobs by groups, or they are hidden from this role.
        if error.is_missing:
            return ()
        raise


async def _stopped(client: GitLabClient, target: Deployment) -> tuple[Caution, ...]:
    rows = await client.list_all(in_project(target.project, "environments"), limit=1, name=target.environment)
    if not any(is_stopped(row) for row in rows):
        return ()
    return (Caution(f"{target.environment} is stopped in GitLab: going back starts it again", target.url),)


async def _flags(
    client: GitLabClient, project: str, changes: tuple[Change, ...], environments: tuple[str, ...]
) -> tuple[Caution, ...]:
    try:
        flags = await flags_of(client, project)
    except GitLabRefused as error:
        if error.is_hidden:
            return ()
        raise
    page = f"{client.url.rstrip('/')}/{project}/-/feature_flags"
    return tuple(flag_cautions(changes, flags, environments, page))
