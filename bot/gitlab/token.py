"""What GitLab tells of the client's own token: scopes, expiry, its role in each project."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from http import HTTPStatus

from backtrace_core.token_standing import REPORTER, ProjectRole, TokenFacts
from bot.gitlab.client import GitLabClient, GitLabError, GitLabRefused, GitLabUnavailable
from bot.gitlab.paths import api_path, in_project
from bot.gitlab.people import access_level
from bot.gitlab.shapes import MALFORMED, Row

LONGEST_S = 20.0
"""For all of it, roles included: a start and a check may wait that long, no longer."""
_OPEN = ("public", "internal")


async def read_token(
    client: GitLabClient, projects: Sequence[str], incident_projects: Sequence[str] = ()
) -> TokenFacts:
    """The facts about the token, with its user's role in each of the projects (full paths).

    What GitLab does not tell is unknown, which is no error: OAuth tokens have no entry of their own.

    :raises GitLabError: when GitLab can't be asked at all.
    """
    try:
        async with asyncio.timeout(LONGEST_S):
            known = await _itself(client)
            roles = {role.project: role for role in await _roles(client, (*projects, *incident_projects))}
            return replace(
                known,
                roles=tuple(roles[project] for project in projects if project in roles),
                incident_roles=tuple(roles[project] for project in incident_projects if project in roles),
            )
    except TimeoutError as error:
        raise GitLabUnavailable("timed out") from error
    except GitLabRefused as error:
        if error.status == HTTPStatus.UNAUTHORIZED:
            return TokenFacts(refused=str(error))
        raise


async def read_version(client: GitLabClient) -> str:
    """GitLab's version, ``19.4.0-ee``; empty where it does not tell."""
    try:
        return str((await client.get(api_path("version"))).get("version") or "")
    except GitLabError:
        return ""


async def _itself(client: GitLabClient) -> TokenFacts:
    try:
        return facts_of(await client.get(api_path("personal_access_tokens", "self")))
    except GitLabRefused as error:
        if error.is_hidden:
            return TokenFacts()
        raise


def facts_of(row: Row) -> TokenFacts:
    """A token of any kind that has an entry (docs.gitlab.com/api/personal_access_tokens); odd values are unknown."""
    scopes = row.get("scopes")
    return TokenFacts(
        scopes=frozenset(str(scope) for scope in scopes) if isinstance(scopes, list) else None,
        expires_on=_day(row.get("expires_at")),
        revoked=row.get("revoked") is True,
    )


def _day(value: object) -> date | None:
    try:
        # Only the date counts, should a server send a time with it.
        return date.fromisoformat(value[:10]) if isinstance(value, str) else None
    except ValueError:
        return None


async def _roles(client: GitLabClient, projects: Sequence[str]) -> tuple[ProjectRole, ...]:
    """The roles that can be found out.

    :raises GitLabRefused: when GitLab, asked who this is, does not accept the token.
    """
    try:
        user = await client.get(api_path("user"))
        user_id = int(user["id"])
    except GitLabRefused as error:
        if error.status == HTTPStatus.UNAUTHORIZED:
            raise
        return ()
    except (GitLabError, *MALFORMED):
        return ()
    if user.get("is_admin") is True:
        # An administrator may do everything, and need be a member nowhere.
        return ()
    found = await asyncio.gather(*(_role(client, project, user_id) for project in projects))
    return tuple(role for role in found if role is not None)


async def _role(client: GitLabClient, project: str, user_id: int) -> ProjectRole | None:
    """None where it can't be found out now."""
    try:
        level = await _level(client, project, user_id)
        if level >= REPORTER:
            return ProjectRole(project, level, readable=True)
        return ProjectRole(project, level, readable=await _is_open(client, project))
    except (GitLabError, *MALFORMED):
        return None


async def _level(client: GitLabClient, project: str, user_id: int) -> int:
    try:
        return await access_level(client, project, user_id) or 0
    except GitLabRefused as error:
        if error.is_hidden:
            return 0
        raise


async def _is_open(client: GitLabClient, project: str) -> bool:
    """Whether those who are no members may read it as well."""
    try:
        return (await client.get(in_project(project))).get("visibility") in _OPEN
    except GitLabRefused as error:
        if error.is_hidden:
            return False
        raise
