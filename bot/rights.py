"""Whether a person may roll back, as far as it can be seen beforehand.

With the person's own token GitLab decides when it is asked to act, so what can't be read does not refuse here. With the
bot's token GitLab would let through what the person may not do: there what can't be read refuses.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from bot.acting import ActingAs
from bot.gitlab.client import GitLabClient, GitLabError
from bot.linking.errors import ActingError
from bot.permissions import Permission, Unprotected, may_roll_back, may_roll_back_oneself, refused
from bot.store import LinkStore


@dataclass(frozen=True, slots=True)
class Place:
    """Where a job is to be retried: the project's full path, the environment, the job's branch or tag."""

    project: str
    environment: str
    ref: str


Rights = Callable[[str, Place], Awaitable[Permission]]
"""From a Slack user id and a place to what is known; never raises."""


def with_bot_token(client: GitLabClient, people: Mapping[str, str], known: Unprotected) -> Rights:
    async def rights(slack_user: str, place: Place) -> Permission:
        username = people.get(slack_user) or None
        return await may_roll_back(client, username, (place.project, place.environment, place.ref), known)

    return rights


def with_own_token(acting: ActingAs, links: LinkStore) -> Rights:
    async def rights(slack_user: str, place: Place) -> Permission:
        link = await links.get(slack_user)
        username = link.username if link else None
        try:
            async with acting(slack_user) as client:
                return await may_roll_back_oneself(client, (place.project, place.environment, place.ref))
        except ActingError as error:
            return refused(_sentence(str(error)), username)
        except GitLabError as error:
            why = f"GitLab could not be asked what {username or 'you'} may do: {error}."
            return refused(why, username)

    return rights


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:].rstrip('.')}."
