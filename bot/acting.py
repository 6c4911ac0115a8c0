"""With whose token GitLab is asked to change production or code, and the record of each such request."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.gitlab.bearer import Bearer
from bot.gitlab.client import GitLabClient
from bot.linking.errors import NotSetUpError
from bot.linking.tokens import PersonsToken, TokenKeeper
from bot.store import AuditStore


class ActingAs(Protocol):
    """From a Slack user id to the client that acts for this person. The bot's own paper doesn't go this way.

    ``about`` is the id of the action or rollback that it is for: what is written is kept on record under it. Who only
    reads leaves it out. Entering raises :class:`bot.linking.errors.ActingError`, a ``GitLabError``, where there is
    nobody to act as.
    """

    def __call__(self, slack_user: str, about: str = "") -> AbstractAsyncContextManager[GitLabClient]: ...


@dataclass(frozen=True, slots=True)
class Recorder:
    """Keeps what is written for one person on record, see :class:`bot.gitlab.client.WriteRecorder`."""

    audit: AuditStore
    clock: Callable[[], datetime]
    slack_user: str = ""
    about: str = ""

    async def sends(self, method: str, path: str) -> int:
        return await self.audit.sends(self.about, self.slack_user, f"{method} {path}", self.clock())

    async def answered(self, number: int, answer: str) -> None:
        await self.audit.answered(number, answer, self.clock())

    def on(self, client: GitLabClient, slack_user: str, about: str) -> GitLabClient:
        return client.recorded_by(Recorder(self.audit, self.clock, slack_user, about))


def as_bot(client: GitLabClient, record: Recorder) -> ActingAs:
    """The bot's own token for everybody. It may do more than the presser: who may press has to be asked before."""

    @asynccontextmanager
    async def acting(slack_user: str, about: str = "") -> AsyncIterator[GitLabClient]:
        yield record.on(client, slack_user, about)

    return acting


def as_person(keeper: TokenKeeper, make_client: Callable[[Bearer], GitLabClient], record: Recorder) -> ActingAs:
    """The presser's own token, so that GitLab decides. ``make_client`` makes a client of its own.

    It may be held for as long as a run takes: its token is renewed under way.
    """

    @asynccontextmanager
    async def acting(slack_user: str, about: str = "") -> AsyncIterator[GitLabClient]:
        bearer = PersonsToken(keeper, slack_user)
        await bearer.token()
        client = make_client(bearer)
        try:
            yield record.on(client, slack_user, about)
        finally:
            await client.close()

    return acting


def as_nobody() -> ActingAs:
    """Where people act, and no application is registered with which they could let Backtrace in."""

    @asynccontextmanager
    async def acting(slack_user: str, about: str = "") -> AsyncIterator[GitLabClient]:  # noqa: ARG001 - as the others
        raise NotSetUpError
        yield  # type: ignore[unreachable]  # makes it a generator

    return acting
