"""Who may roll back, asked of GitLab.

Where Backtrace acts with its own token, GitLab does not ask this for us, so what can't be read refuses. Where it acts
with the person's token, GitLab does, and only what can be seen refuses beforehand.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable, Mapping
from dataclasses import dataclass, replace

from backtrace_core.model import Person
from bot.gitlab.client import GitLabClient, GitLabError, GitLabRefused, GitLabUnavailable
from bot.gitlab.people import access_level, bot_user, find_user, group_level, inherited_group_level
from bot.gitlab.protections import (
    Bot,
    Protection,
    environment_protection,
    ref_protection,
)

DEVELOPER = 30

Placed = tuple[str, str, str]
"""A project's full path, an environment, a branch or tag."""
Rules = tuple[Protection, ...]

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
    of_environment: Rules | None
    of_ref: Rules | None
    groups: frozenset[int]
    inherited: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Unprotected:
    """What an administrator says has no protection, so that not being able to read one does not refuse."""

    environments: bool = False
    refs: bool = False


async def may_roll_back(
    client: GitLabClient, username: str | None, place: Placed, unprotected: Unprotected = Unprotected()
) -> Permission:
    """Whether a person may retry a deployment: a member from Developer on, let through by environment and branch.

    ``client`` has the bot's token; ``place`` is project, environment and ref. ``username`` comes from the ``[people]``
    table alone; None: the person is not in it. Never raises: an error refuses.
    """
    if not username:
        return refused("Your Slack user is not matched to a GitLab user in Backtrace's [people] table.", None)
    try:
        person = await find_user(client, username)
        if person is None:
            return refused(f"GitLab has no user {username}.", username)
        known = await _ask(client, person, place, _environment(client, place))
    except GitLabError as error:
        return refused(f"GitLab could not be asked what {username} may do: {error}.", username)
    return _permission(_with(known, unprotected), place)


async def may_roll_back_oneself(client: GitLabClient, place: Placed) -> Permission:
    """What GitLab tells the owner of the client's token of their own right; what it does not tell is GitLab's to say
    when it is asked to act.

    :raises GitLabError: when GitLab can't be asked at all.
    """
    person = await bot_user(client)
    if person is None:
        raise GitLabUnavailable("GitLab does not say whose token this is")
    try:
        level = await access_level(client, place[0], person.id)
        own = environment_protection(client, *place[:2], Bot(person.id, level or 0))
        known = await _ask(client, person, place, own)
    except GitLabRefused as error:
        if not error.is_hidden:
            raise
        return Permission(allowed=True, why="", username=person.username)
    known = _with(known, Unprotected(environments=True, refs=True))
    return _permission(replace(known, of_environment=_seen(known.of_environment), of_ref=_seen(known.of_ref)), place)


def _seen(rules: Rules | None) -> Rules:
    """Those that can be judged from here: a person may be in a group by ways that are not shown to them."""
    return tuple(rule for rule in rules or () if all(access.group_id is None for access in rule.accesses))


def _permission(known: _Known, place: Placed) -> Permission:
    why = _refusal(known, *place[1:])
    name = known.person.username
    return refused(why, name) if why else Permission(allowed=True, why="", username=name)


def _with(known: _Known, unprotected: Unprotected) -> _Known:
    """Where something could not be read and is said not to be there, it is not there."""
    of_environment = () if known.of_environment is None and unprotected.environments else known.of_environment
    of_ref = () if known.of_ref is None and unprotected.refs else known.of_ref
    return replace(known, of_environment=of_environment, of_ref=of_ref)


def refused(why: str, username: str | None) -> Permission:
    """``why`` is a sentence for the person who asked."""
    return Permission(allowed=False, why=why, username=username)


async def _ask(
    client: GitLabClient, person: Person, place: Placed, environment: Coroutine[None, None, Rules | None]
) -> _Known:
    project, _, ref = place
    level, of_environment, of_ref = await asyncio.gather(
        access_level(client, project, person.id), environment, ref_protection(client, project, ref)
    )
    wanted = {access.group_id for rule in (*(of_environment or ()), *(of_ref or ())) for access in rule.accesses}
    groups = await _groups_of(client, person, (number for number in wanted if number is not None))
    above = sorted({rule.group for rule in of_environment or () if rule.group})
    levels = await asyncio.gather(*(inherited_group_level(client, group, person.id) for group in above))
    inherited = {group: found or 0 for group, found in zip(above, levels, strict=True)}
    return _Known(person, level, of_environment, of_ref, groups, inherited)


async def _environment(client: GitLabClient, place: Placed) -> Rules | None:
    project, environment, _ = place
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
            _unread(f"who may deploy to {environment}: its token needs {_ROLE}", "protected_environments"),
        ),
        (
            not _passes_all(known, known.of_environment),
            f"{environment} is protected in GitLab, and {name} is not among those who may deploy there.",
        ),
        (known.of_ref is None, _unread(f"how {ref} is protected", "protected_branches")),
        (
            not _passes_all(known, known.of_ref),
            f"{ref} is protected in GitLab, and {name} may not push or merge there.",
        ),
    )
    return next((why for applies, why in reasons if applies), "")


def _unread(what: str, setting: str) -> str:
    return f'Backtrace can\'t read {what}. So nobody may, unless an administrator sets {setting} = "none".'


def _passes_all(known: _Known, rules: Rules | None) -> bool:
    return rules is not None and all(_passes(known, rule) for rule in rules)


def _passes(known: _Known, rule: Protection) -> bool:
    level = known.inherited[rule.group] if rule.group else known.level or 0
    return any(
        (access.level is not None and 0 < access.level <= level)
        or access.user_id == known.person.id
        or access.group_id in known.groups
        for access in rule.accesses
    )
