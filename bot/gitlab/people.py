"""People in GitLab: who is this username, what may this person do in a project."""

from __future__ import annotations

from backtrace_core.model import Person
from bot.gitlab.client import GitLabClient, GitLabRefused
from bot.gitlab.paths import api_path, in_project
from bot.gitlab.shapes import person_of


async def find_user(client: GitLabClient, username: str) -> Person | None:
    """The user of exactly that name (GitLab compares without case).

    :raises GitLabError: when it can't be asked.
    """
    rows = await client.list_all(api_path("users"), limit=1, username=username)
    person = person_of(rows[0]) if rows else None
    return person if person and person.username.casefold() == username.casefold() else None


async def bot_user(client: GitLabClient) -> Person | None:
    """The user whose token the client has."""
    return person_of(await client.get(api_path("user")))


async def access_level(client: GitLabClient, project: str, user_id: int) -> int | None:
    """The role's number, inherited ones included (30 developer, 40 maintainer); None for those who are no members.

    :raises GitLabError: when it can't be asked.
    """
    return await _level(client, in_project(project, "members", "all", user_id))


async def group_level(client: GitLabClient, group_id: int, user_id: int) -> int | None:
    """The same in a group, for its direct members only: which inherited ones count is a matter of each rule."""
    return await _level(client, api_path("groups", group_id, "members", user_id))


async def inherited_group_level(client: GitLabClient, group: str, user_id: int) -> int | None:
    """The same in a group, memberships of the groups above it included."""
    return await _level(client, api_path("groups", group, "members", "all", user_id))


async def _level(client: GitLabClient, path: str) -> int | None:
    try:
        row = await client.get(path)
    except GitLabRefused as error:
        if error.is_missing:
            return None
        raise
    # `membership_state` is "awaiting" for those who are invited and not in yet; old servers do not send it.
    if row.get("membership_state", "active") != "active":
        return None
    level = row.get("access_level")
    return level if isinstance(level, int) else None
