"""Who the bot itself is in GitLab: what that user does is the bot's own doing, and no news."""

from __future__ import annotations

import logging

from bot.gitlab.client import GitLabClient, GitLabError
from bot.gitlab.people import bot_user
from bot.gitlab.shapes import MALFORMED

log = logging.getLogger(__name__)


class OwnUser:
    """Asked once; while GitLab does not tell, again each time."""

    def __init__(self, client: GitLabClient) -> None:
        self._client = client
        self._id: int | None = None

    async def id(self) -> int | None:
        """The id of the token's user; None where GitLab does not tell now."""
        if self._id is None:
            try:
                found = await bot_user(self._client)
            except (GitLabError, *MALFORMED) as error:
                log.warning("GitLab does not tell whose its token is: %s", error)
                return None
            self._id = found.id if found else None
        return self._id
