"""Attempts to link: each works once, for ten minutes, and only the newest of a person does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, delete, insert, select, update

from bot.store.database import Database
from bot.store.tables import link_attempts

KEPT_FOR = timedelta(days=1)
"""After its end: a message with a button may still stand on somebody's screen."""
MOST_TRIES = 5
"""Codes that may be entered: of the 32 ** 8 that there are."""

Way = Literal["page", "device"]
Outcome = Literal["linked", "refused"]


@dataclass(frozen=True, slots=True)
class LinkAttempt:
    """``sealed`` is what proves things, encrypted. ``poll_at``: when a device grant is asked about next; before it has
    begun, when it is to begin. ``says`` tells how it ended, in plain words."""

    id: str
    slack_user: str
    team: str
    channel: str
    way: Way
    asked_at: datetime
    expires_at: datetime
    reply_to: str | None = None
    incident_id: str = ""
    view_id: str = ""
    sealed: str = ""
    state_digest: str = ""
    cookie_digest: str = ""
    tries: int = 0
    confirmed_at: datetime | None = None
    poll_at: datetime | None = None
    interval_s: int = 0
    outcome: str = ""
    says: str = ""
    finished_at: datetime | None = None
    told_at: datetime | None = None

    def is_open(self, now: datetime) -> bool:
        return self.finished_at is None and now < self.expires_at


class LinkAttemptStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, attempt: LinkAttempt) -> None:
        """Keep a new attempt; an older one of this person ends, and nobody is told of that."""
        row = {name: getattr(attempt, name) for name in LinkAttempt.__slots__}
        at = attempt.asked_at
        older = (link_attempts.c.slack_user == attempt.slack_user, link_attempts.c.finished_at.is_(None))
        async with self._database.writing() as connection:
            await connection.execute(
                update(link_attempts).where(*older).values(**_ended("replaced", "", at), told_at=at, reply_to=None)
            )
            await connection.execute(delete(link_attempts).where(link_attempts.c.expires_at < at - KEPT_FOR))
            await connection.execute(insert(link_attempts).values(row))

    async def get(self, attempt_id: str) -> LinkAttempt | None:
        return await self._one(link_attempts.c.id == attempt_id)

    async def of_state(self, state_digest: str) -> LinkAttempt | None:
        return await self._one(link_attempts.c.state_digest == state_digest) if state_digest else None

    async def count_try(self, attempt_id: str) -> int:
        """Count one more code before it is looked at, so that many at once are not more tries; which it is, from 1."""
        async with self._database.writing() as connection:
            query = select(link_attempts.c.tries).where(link_attempts.c.id == attempt_id)
            tries = int((await connection.execute(query)).scalar_one()) + 1
            await connection.execute(update(link_attempts).where(link_attempts.c.id == attempt_id).values(tries=tries))
        return tries

    async def confirm(self, attempt_id: str, digests: tuple[str, str], at: datetime) -> bool:
        """The right code was entered: keep the digests of state and cookie. False where that happened before."""
        state, cookie = digests
        values = {"state_digest": state, "cookie_digest": cookie, "confirmed_at": at}
        return await self._set(_unfinished(attempt_id), link_attempts.c.confirmed_at.is_(None), **values)

    async def begin_device(
        self, attempt_id: str, sealed: str, until: datetime, poll_at: datetime, every_s: int
    ) -> bool:
        values = {"sealed": sealed, "expires_at": until, "poll_at": poll_at, "interval_s": every_s}
        return await self._set(_unfinished(attempt_id), **values)

    async def poll_later(self, attempt_id: str, poll_at: datetime, every_s: int) -> None:
        await self._set(_unfinished(attempt_id), poll_at=poll_at, interval_s=every_s)

    async def finish(self, attempt_id: str, outcome: Outcome, says: str, at: datetime) -> bool:
        """End it. False where it has ended before: then somebody else goes on with it, or went."""
        return await self._set(_unfinished(attempt_id), **_ended(outcome, says, at))

    async def take(self, attempt_id: str, at: datetime) -> bool:
        """Take it up, which happens once; :meth:`say` tells how it went. False where it has ended before."""
        return await self._set(_unfinished(attempt_id), **_ended("", "", at))

    async def say(self, attempt_id: str, outcome: Outcome, says: str) -> None:
        await self._set(link_attempts.c.id == attempt_id, outcome=outcome, says=says)

    async def expire(self, now: datetime) -> None:
        """End the pages that nobody came to in time; whoever asked for them knows."""
        late = (link_attempts.c.way == "page") & (link_attempts.c.expires_at <= now)
        ended = _ended("late", "", now)
        await self._set(late, link_attempts.c.finished_at.is_(None), **ended, told_at=now, reply_to=None)

    async def told(self, attempt_id: str, at: datetime) -> None:
        await self._set(link_attempts.c.id == attempt_id, told_at=at, reply_to=None)

    async def due(self, now: datetime) -> tuple[LinkAttempt, ...]:
        """Device grants that GitLab is to be asked about, or to be asked for, now."""
        return await self._all(
            link_attempts.c.way == "device", link_attempts.c.finished_at.is_(None), link_attempts.c.poll_at <= now
        )

    async def devices(self) -> bool:
        """Whether any device grant is under way."""
        return bool(await self._all(link_attempts.c.way == "device", link_attempts.c.finished_at.is_(None)))

    async def untold(self) -> tuple[LinkAttempt, ...]:
        """Those that have ended, of which nobody in Slack was told yet."""
        return await self._all(link_attempts.c.told_at.is_(None), link_attempts.c.outcome != "")

    async def cut_off(self, before: datetime) -> tuple[LinkAttempt, ...]:
        """Those that were taken up by then, of which nobody has said how it went."""
        is_taken = (link_attempts.c.finished_at < before) & link_attempts.c.told_at.is_(None)
        return await self._all(is_taken, link_attempts.c.outcome == "")

    async def wished(self, slack_user: str, incident_id: str) -> bool:
        """Whether this person was sent to link by a press on that card, and did."""
        theirs = (link_attempts.c.slack_user == slack_user, link_attempts.c.incident_id == incident_id)
        return bool(await self._all(*theirs, link_attempts.c.outcome == "linked"))

    async def _one(self, where: ColumnElement[bool]) -> LinkAttempt | None:
        return next(iter(await self._all(where)), None)

    async def _all(self, *where: ColumnElement[bool]) -> tuple[LinkAttempt, ...]:
        query = select(link_attempts).where(*where).order_by(link_attempts.c.asked_at)
        async with self._database.reading() as connection:
            return tuple(LinkAttempt(**row) for row in (await connection.execute(query)).mappings())

    async def _set(self, *where: ColumnElement[bool], **values: Any) -> bool:
        async with self._database.writing() as connection:
            return bool((await connection.execute(update(link_attempts).where(*where).values(values))).rowcount)


def _ended(outcome: str, says: str, at: datetime) -> dict[str, Any]:
    # What it was proved with is of no use any more, and so does not stay.
    return {"outcome": outcome, "says": says, "finished_at": at, "sealed": ""}


def _unfinished(attempt_id: str) -> ColumnElement[bool]:
    return (link_attempts.c.id == attempt_id) & link_attempts.c.finished_at.is_(None)
