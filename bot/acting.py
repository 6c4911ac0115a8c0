"""With whose token GitLab is asked to change production or code."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from bot.gitlab.client import GitLabClient

ActingAs = Callable[[str], AbstractAsyncContextManager[GitLabClient]]
"""From a Slack user id to the client that writes for this person. Reads, and the bot's own paper, don't go this way."""


def as_bot(client: GitLabClient) -> ActingAs:
    """The bot's own token for everybody. It may do more than the presser: who may press has to be asked before."""

    @asynccontextmanager
    async def acting(_slack_user: str) -> AsyncIterator[GitLabClient]:
        yield client

    return acting
