"""Who in Slack acts as whom in GitLab. All tokens in here are sealed: :mod:`bot.linking.vault` has the keys."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import ColumnElement, Update, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.database import Database
from bot.store.tables import gitlab_links, link_changes, token_revocations

LINKED, UNLINKED = "linked", "unlinked"
"""What is kept of a link's changes."""
Why = Literal["asked", "gone", "replaced"]
"""Why a link ended: its person wanted that, is gone from Slack, or linked another user."""


@dataclass(frozen=True, slots=True)
class Link:
    """``sealed`` are the tokens, encrypted; ``broken`` is why it is of no use any more, in words, or empty."""

    slack_user: str
    team: str
    gitlab_user_id: int
    username: str
    sealed: str
    expires_at: datetime
    scopes: str
    linked_at: datetime
    version: int = 0
    broken: str = ""


@dataclass(frozen=True, slots=True)
class Sealed:
    """New tokens, encrypted, and when the access token ends."""

    sealed: str
    expires_at: datetime
    scopes: str


class LinkStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, slack_user: str) -> Link | None:
        async with self._database.reading() as connection:
            return await _link(connection, slack_user)

    async def all(self) -> tuple[Link, ...]:
        async with self._database.reading() as connection:
            rows = (await connection.execute(select(gitlab_links).order_by(gitlab_links.c.username))).mappings()
            return tuple(Link(**row) for row in rows)

    async def keep(self, link: Link, held: int, way: str = "") -> str:
        """Keep a new link instead of this Slack member's old one, whose tokens are to be revoked; its own, which wait
        for that as number ``held``, are not any more. ``way``: how it was made, for the record.

        :returns: the Slack member who is linked to this GitLab user already, and then nothing is kept; else nothing.
        """
        row = {name: getattr(link, name) for name in Link.__slots__}
        taken = select(gitlab_links.c.slack_user).where(
            gitlab_links.c.gitlab_user_id == link.gitlab_user_id, gitlab_links.c.slack_user != link.slack_user
        )
        async with self._database.writing() as connection:
            other = (await connection.execute(taken)).scalar_one_or_none()
            if other is not None:
                return str(other)
            before = await _end(connection, link.slack_user, link.linked_at)
            if before is not None:
                row["version"] = before.version + 1
                if before.gitlab_user_id != link.gitlab_user_id:
                    await _note(connection, before, (UNLINKED, "replaced"), link.linked_at)
            await connection.execute(insert(gitlab_links).values(row))
            await _note(connection, link, (LINKED, way), link.linked_at)
            await connection.execute(delete(token_revocations).where(token_revocations.c.id == held))
        return ""

    async def renew(self, link: Link, tokens: Sealed) -> bool:
        """Keep refreshed tokens. False where the link has ended or was made anew since ``link`` was read."""
        values = {"sealed": tokens.sealed, "expires_at": tokens.expires_at, "scopes": tokens.scopes}
        statement = update(gitlab_links).where(_same(link)).values(**values, version=link.version + 1)
        async with self._database.writing() as connection:
            return bool((await connection.execute(statement)).rowcount)

    async def dead(self, link: Link, why: str) -> None:
        """Keep that its tokens are dead, unless it was made anew since; the tokens themselves are forgotten."""
        async with self._database.writing() as connection:
            await connection.execute(_broken(link, why))

    async def break_off(self, link: Link, why: str, at: datetime) -> None:
        """The same where they may live on in GitLab: they wait to be revoked."""
        async with self._database.writing() as connection:
            if (await connection.execute(_broken(link, why))).rowcount:
                await connection.execute(insert(token_revocations).values(sealed=link.sealed, at=at))

    async def end(self, slack_user: str, at: datetime, why: Why = "asked") -> Link | None:
        """Forget a link; its tokens wait to be revoked. Returns what it was."""
        async with self._database.writing() as connection:
            link = await _end(connection, slack_user, at)
            if link is not None:
                await _note(connection, link, (UNLINKED, why), at)
            return link

    async def revoke_later(self, sealed: str, at: datetime) -> int:
        """Have tokens revoked from ``at`` on; the number under which they wait."""
        async with self._database.writing() as connection:
            row = insert(token_revocations).values(sealed=sealed, at=at).returning(token_revocations.c.id)
            return int((await connection.execute(row)).scalar_one())

    async def revoke_from(self, number: int, at: datetime) -> None:
        """The same of those that wait already."""
        async with self._database.writing() as connection:
            await connection.execute(update(token_revocations).where(token_revocations.c.id == number).values(at=at))

    async def to_revoke(self, now: datetime) -> tuple[tuple[int, str], ...]:
        """What GitLab is to be told now: number, sealed tokens."""
        query = select(token_revocations).where(token_revocations.c.at <= now).order_by(token_revocations.c.id)
        async with self._database.reading() as connection:
            rows = (await connection.execute(query)).all()
        return tuple((row.id, row.sealed) for row in rows)

    async def revoked(self, number: int) -> None:
        async with self._database.writing() as connection:
            await connection.execute(delete(token_revocations).where(token_revocations.c.id == number))

    async def seal_anew(self, seal: Callable[[str], str]) -> None:
        """Seal all tokens with the newest key; ``seal`` gives back what it can't open as it is."""
        async with self._database.writing() as connection:
            for table, key in ((gitlab_links, gitlab_links.c.slack_user), (token_revocations, token_revocations.c.id)):
                for name, sealed in (await connection.execute(select(key, table.c.sealed))).all():
                    if sealed:
                        await connection.execute(update(table).where(key == name).values(sealed=seal(sealed)))


def _broken(link: Link, why: str) -> Update:
    return update(gitlab_links).where(_same(link)).values(broken=why, sealed="")


def _same(link: Link) -> ColumnElement[bool]:
    return (gitlab_links.c.slack_user == link.slack_user) & (gitlab_links.c.version == link.version)


async def _link(connection: AsyncConnection, slack_user: str) -> Link | None:
    query = select(gitlab_links).where(gitlab_links.c.slack_user == slack_user)
    row = (await connection.execute(query)).mappings().one_or_none()
    return Link(**row) if row else None


async def _end(connection: AsyncConnection, slack_user: str, at: datetime) -> Link | None:
    link = await _link(connection, slack_user)
    if link is None:
        return None
    if link.sealed:
        await connection.execute(insert(token_revocations).values(sealed=link.sealed, at=at))
    await connection.execute(delete(gitlab_links).where(gitlab_links.c.slack_user == slack_user))
    return link


async def _note(connection: AsyncConnection, link: Link, what: tuple[str, str], at: datetime) -> None:
    did, how = what
    whose = {"slack_user": link.slack_user, "gitlab_user_id": link.gitlab_user_id, "username": link.username}
    await connection.execute(insert(link_changes).values(did=did, how=how, at=at, **whose))
