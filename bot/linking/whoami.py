"""Whose token this is, as GitLab tells (docs.gitlab.com/api/users: the current user)."""

from __future__ import annotations

from bot.gitlab.client import GitLabClient, GitLabUnavailable
from bot.gitlab.paths import api_path
from bot.gitlab.shapes import MALFORMED, person_of
from bot.linking.pair import GitLabPerson


async def whoami(client: GitLabClient) -> GitLabPerson:
    """:raises GitLabError: when GitLab does not tell."""
    row = await client.get(api_path("user"))
    try:
        person = person_of(row)
    except MALFORMED:
        person = None
    if person is None or not person.username:
        raise GitLabUnavailable("GitLab does not say whose token this is")
    # An address that nobody has confirmed proves nothing; old servers don't tell.
    is_confirmed = row.get("confirmed_at", True) is not None
    email = row.get("email") if is_confirmed else ""
    return GitLabPerson(
        id=person.id,
        username=person.username,
        name=person.name,
        email=email if isinstance(email, str) else "",
        state=person.state,
        bot=person.bot,
    )
