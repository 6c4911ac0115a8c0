"""With whose token GitLab is asked to change production or code, and the record of each such request."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from bot.gitlab.client import GitLabClient
from bot.store import AuditStore

ActingAs = Callable[[str, str], AbstractAsyncContextManager[GitLabClient]]
"""From a Slack user id, and the id of the action or rollback that it is for, to the client that writes for this person.

Reads, and the bot's own paper, don't go this way.
"""


@dataclass(frozen=True, slots=True)
class Recorder:
    """Keeps what is written for one person on record, see :class:`bot.gitlab.client.WriteRecorder`."""

    audit: AuditStore
    clock: Callable[[], datetime]
    slack_user: str
    about: str

    async def sends(self, method: str, path: str) -> int:
        return await self.audit.sends(self.about, self.slack_user, f"{method} {path}", self.clock())

    async def answered(self, number: int, answer: str) -> None:
        await self.audit.answered(number, answer, self.clock())


def as_bot(client: GitLabClient, audit: AuditStore, clock: Callable[[], datetime]) -> ActingAs:
    """The bot's own token for everybody. It may do more than the presser: who may press has to be asked before."""

    @asynccontextmanager
    async def acting(slack_user: str, about: str) -> AsyncIterator[GitLabClient]:
        yield client.recorded_by(Recorder(audit, clock, slack_user, about))

    return acting
