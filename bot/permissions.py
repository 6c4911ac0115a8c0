"""Who may roll back, asked of GitLab. Backtrace acts with its own token, so GitLab does not ask this for us.

What can't be read refuses.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from backtrace_core.model import Person
from bot.gitlab.client import GitLabClient, GitLabError
from bot.gitlab.people import access_level, bot_user, find_user, group_level, inherited_group_level
from bot.gitlab.protections import Bot, Protection, environment_protection, ref_protection

DEVELOPER = 30

_ROLE = "role Maintainer in the project and all groups above it"


@dataclass(frozen=True, slots=True)
class Permission:
    """``why`` is a sentence for the person who asked, in plain text; empty where it is allowed."""

    allowed: bool
    why: str
    username: str | None


@dataclass(frozen=True, slots=True)
class _Known:
    """What GitLab said. A protection that is None could not be read. ``groups`` are those that the person is in.

    ``inherited`` are the person's levels in the groups above the project that have rules.
    """

    person: Person
    level: int | None
    of_environment: tuple[Protection, ...] | None
    of_ref: tuple[Protection, ...] | None
    groups: frozenset[int]
    inherited: Mapping[str, int]


async def may_roll_back(
    client: GitLabClient, username: str | None, project: str, environment: str, ref: str
) -> Permission:
    """Whether a person may retry a deployment: a member from Developer on, let through by environment and branch.

    ``username`` comes from the ``[people]`` table alone; None: the person is not in it. Never raises: an error refuses.
    """
    if not username:
        return _no("Your Slack user is not matched to a GitLab user in Backtrace's [people] table.", None)
    try:
        person = await find_user(client, username)
        if person is None:
            return _no(f"GitLab has no user {username}.", username)
        known = await _ask(client, person, (project, environment, ref))
    except GitLabError as error:
        return _no(f"GitLab could not be asked what {username} may do: {error}.", username)
    why = _refusal(known, environment, ref)
    return _no(why, person.username) if why else Permission(allowed=True, why="", username=person.username)


def _no(why: str, username: str | None) -> Permission:
    return Permission(allowed=False, why=why, username=username)


async def _ask(client: GitLabClient, person: Person, place: tuple[str, str, str]) -> _Known:
    project, environment, ref = place
    level, of_environment, of_ref = await asyncio.gather(
        access_level(client, project, person.id),
        _environment(client, project, environment),
        ref_protection(client, project, ref),
    )
    wanted = {access.group_id for rule in (*(of_environment or ()), *(of_ref or ())) for access in rule.accesses}
    groups = await _groups_of(client, person, (number for number in wanted if number is not None))
    above = sorted({rule.group for rule in of_environment or () if rule.group})
    levels = await asyncio.gather(*(inherited_group_level(client, group, person.id) for group in above))
    inherited = {group: found or 0 for group, found in zip(above, levels, strict=True)}
    return _Known(person, level, of_environment, of_ref, groups, inherited)


async def _environment(client: GitLabClient, project: str, environment: str) -> tuple[Protection, ...] | None:
    user = await bot_user(client)
    if user is None:
        return None
    level = await access_level(client, project, user.id)
    return await environment_protection(client, project, environment, Bot(user.id, level or 0))


async def _groups_of(client: GitLabClient, person: Person, groups: Iterable[int]) -> frozenset[int]:
    numbers = sorted(groups)
    levels = await asyncio.gather(*(group_level(client, number, person.id) for number in numbers))
    return frozenset(number for number, level in zip(numbers, levels, strict=True) if (level or 0) >= DEVELOPER)


def _refusal(known: _Known, environment: str, ref: str) -> str:
    """Why not, or nothing."""
    name = known.person.username
    reasons = (
        (known.person.state != "active", f"The GitLab user {name} is {known.person.state}."),
        ((known.level or 0) < DEVELOPER, f"{name} needs at least the role Developer in the project."),
        (
            known.of_environment is None,
            f"Backtrace can't read who may deploy to {environment}: its token needs {_ROLE}. So nobody may.",
        ),
        (
            not _passes_all(known, known.of_environment),
            f"{environment} is protected in GitLab, and {name} is not among those who may deploy there.",
        ),
        (known.of_ref is None, f"Backtrace can't read how {ref} is protected. So nobody may."),
        (
            not _passes_all(known, known.of_ref),
            f"{ref} is protected in GitLab, and {name} may not push or merge there.",
        ),
    )
    return next((why for applies, why in reasons if applies), "")


def _passes_all(known: _Known, rules: tuple[Protection, ...] | None) -> bool:
    return rules is not None and all(_passes(known, rule) for rule in rules)


def _passes(known: _Known, rule: Protection) -> bool:
    level = known.inherited[rule.group] if rule.group else known.level or 0
    return any(
        (access.level is not None and 0 < access.level <= level)
        or access.user_id == known.person.id
        or access.group_id in known.groups
        for access in rule.accesses
    )
