"""What protects an environment or a ref: who may deploy there, push there, create it.

None stands for "can't be read" and is never the same as an empty tuple, which says that nothing protects it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import chain
from typing import Any

from bot.gitlab.client import GitLabClient, GitLabRefused, GitLabUnavailable
from bot.gitlab.paths import api_path, in_project
from bot.gitlab.people import inherited_group_level

MOST_RULES = 500
MAINTAINER = 40

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Access:
    """One who is let through: everybody from a role on (``level``; 0 is nobody), one person, or one group."""

    level: int | None = None
    user_id: int | None = None
    group_id: int | None = None


@dataclass(frozen=True, slots=True)
class Protection:
    """One rule; whoever fits any of its ``accesses`` passes. ``group``: the one whose rule it is, empty: the project's.

    A level in a group's rule is one in that group (docs.gitlab.com/ci/environments/protected_environments).
    """

    name: str
    accesses: tuple[Access, ...]
    group: str = ""


@dataclass(frozen=True, slots=True)
class Bot:
    """The bot's own user, and its level in the project."""

    id: int
    level: int


async def environment_protection(
    client: GitLabClient, project: str, environment: str, bot: Bot
) -> tuple[Protection, ...] | None:
    """The rules for an environment (Premium): the project's, and those of all groups above it.

    Only a Maintainer may read a list, and GitLab hides with a 404 what it does not have as well as what it does not
    show: a 404 means "there is none" for a bot from Maintainer on, and nothing at all below. Where the project has no
    list by the tier, its groups have none either.

    :raises GitLabError: when GitLab can't be asked.
    """
    answer = await rules(client, in_project(project, "protected_environments"))
    if not answer.readable:
        return () if answer.is_missing and bot.level >= MAINTAINER else None
    named = [row for row in answer.rows if row.get("name") == environment]
    own = tuple(Protection(environment, _accesses(row, "deploy_access_levels")) for row in named)
    groups = await _groups_above(client, project)
    if not groups:
        return own
    tier = await _tier(client, project, environment)
    inherited = await asyncio.gather(*(_of_group(client, group, tier, bot) for group in groups))
    read = [rules for rules in inherited if rules is not None]
    return (*own, *chain.from_iterable(read)) if len(read) == len(groups) else None


async def _groups_above(client: GitLabClient, project: str) -> tuple[str, ...]:
    """:raises GitLabError: where GitLab does not say which they are."""
    groups = groups_above(await client.get(in_project(project)))
    if groups is None:
        raise GitLabUnavailable(f"the project {project} does not say which group it is in")
    return groups


def groups_above(project: Row) -> tuple[str, ...] | None:
    """A project's group and all that this one is in; none for a person's own project, None where it is not said."""
    namespace = project.get("namespace")
    if not isinstance(namespace, Mapping) or not namespace.get("full_path"):
        return None
    if namespace.get("kind") == "user":
        return ()
    parts = str(namespace["full_path"]).split("/")
    return tuple("/".join(parts[:depth]) for depth in range(1, len(parts) + 1))


async def _tier(client: GitLabClient, project: str, environment: str) -> str:
    rows = await client.list_all(in_project(project, "environments"), limit=1, name=environment)
    tier = rows[0].get("tier") if rows else None
    if not tier:
        raise GitLabUnavailable(f"the tier of {environment} is not known")
    return str(tier)


async def _of_group(client: GitLabClient, group: str, tier: str, bot: Bot) -> tuple[Protection, ...] | None:
    """The rules of one group for a tier: there a rule is named by the tier of the environments that it protects."""
    answer = await rules(client, api_path("groups", group, "protected_environments"))
    if answer.readable:
        named = [row for row in answer.rows if row.get("name") == tier]
        return tuple(Protection(tier, _accesses(row, "deploy_access_levels"), group) for row in named)
    if not answer.is_missing:
        return None
    level = await inherited_group_level(client, group, bot.id)
    return () if (level or 0) >= MAINTAINER else None


async def ref_protection(client: GitLabClient, project: str, ref: str) -> tuple[Protection, ...] | None:
    """The rule for a branch, else for a tag, of that name: retrying a job needs the right to push or merge there.

    Where several names match, the most permissive one counts (GitLab's docs, protected branches): so they are one here.

    :raises GitLabError: when GitLab can't be asked.
    """
    branches = await _matching(client, in_project(project, "protected_branches"), ref)
    if branches is None:
        return None
    if branches:
        return _as_one(ref, branches, "push_access_levels", "merge_access_levels")
    tags = await _matching(client, in_project(project, "protected_tags"), ref)
    return None if tags is None else _as_one(ref, tags, "create_access_levels")


def _as_one(ref: str, rows: Sequence[Row], *lists: str) -> tuple[Protection, ...]:
    accesses = tuple(access for row in rows for access in _accesses(row, *lists))
    return (Protection(ref, accesses),) if rows else ()


async def _matching(client: GitLabClient, path: str, ref: str) -> tuple[Row, ...] | None:
    answer = await rules(client, path)
    if not answer.readable:
        return None
    # The only wildcard of GitLab's names is the star; fnmatch knows more, so the rest is made literal.
    return tuple(row for row in answer.rows if fnmatchcase(ref, _literal(str(row.get("name") or ""))))


def _literal(name: str) -> str:
    return name.replace("[", "[[]").replace("?", "[?]")


@dataclass(frozen=True, slots=True)
class Listed:
    """The rows of a list of rules; none where GitLab does not show it, with what it said instead."""

    rows: Sequence[Row]
    refused: GitLabRefused | None = None

    @property
    def readable(self) -> bool:
        return self.refused is None

    @property
    def is_missing(self) -> bool:
        return self.refused is not None and self.refused.is_missing


async def rules(client: GitLabClient, path: str) -> Listed:
    """:raises GitLabError: when GitLab can't be asked."""
    try:
        return Listed(await client.list_all(path, limit=MOST_RULES))
    except GitLabRefused as error:
        if not error.is_hidden:
            raise
        return Listed((), error)


def _accesses(row: Row, *lists: str) -> tuple[Access, ...]:
    return tuple(_access(entry) for name in lists for entry in row.get(name) or ())


def _access(entry: Row) -> Access:
    # Entries for a person or a group may carry a level as well, which then means nothing.
    if entry.get("user_id"):
        return Access(user_id=int(entry["user_id"]))
    if entry.get("group_id"):
        return Access(group_id=int(entry["group_id"]))
    level = entry.get("access_level")
    # A deploy key, or something that is not known yet: lets nobody through.
    return Access(level=level if isinstance(level, int) else 0)
