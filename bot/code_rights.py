"""Who may open a merge request with the bot's token: a Developer of the project. What can't be read refuses."""

from __future__ import annotations

from bot.gitlab.client import GitLabClient, GitLabError
from bot.gitlab.people import access_level, find_user
from bot.permissions import DEVELOPER


async def why_no_merge_request(client: GitLabClient, username: str | None, project: str) -> str:
    """Why this person may not, in plain words for them; empty where they may. Never raises.

    ``username`` comes from the ``[people]`` table alone; None: the person is not in it.
    """
    if not username:
        return "Your Slack user is not matched to a GitLab user in Backtrace's [people] table."
    try:
        person = await find_user(client, username)
        level = await access_level(client, project, person.id) if person is not None else None
    except GitLabError as error:
        return f"GitLab could not be asked what {username} may do: {error}."
    if person is None:
        return f"GitLab has no user {username}."
    if person.state != "active":
        return f"The GitLab user {username} is {person.state}."
    if (level or 0) < DEVELOPER:
        return f"{username} needs at least the role Developer in the project to open a merge request."
    return ""
