"""Deployments that programs announced in a channel: evidence where GitLab knows nothing of them."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.dialects.sqlite import insert

from backtrace_core.alerts.notices import DeployNotice
from bot.store.database import Database
from bot.store.tables import deploy_notices

KEPT_FOR = timedelta(days=14)
"""Longer than any window that is looked at."""
MOST = 50


class NoticeStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, channel: str, ts: str, service: str, notice: DeployNotice) -> None:
        """Once a message, however often it is delivered; what is too old for any window goes."""
        row = {
            "channel": channel,
            "ts": ts,
            "service": service,
            "environment": notice.environment or "",
            "says": notice.says,
            "url": notice.url,
            "at": notice.at,
        }
        async with self._database.writing() as connection:
            await connection.execute(insert(deploy_notices).values(row).on_conflict_do_nothing())
            await connection.execute(delete(deploy_notices).where(deploy_notices.c.at < notice.at - KEPT_FOR))

    async def between(self, channel: str, service: str, since: datetime, until: datetime) -> tuple[DeployNotice, ...]:
        """Those of a service, newest first; of very many the newest."""
        table = deploy_notices.c
        theirs = (table.channel == channel) & (table.service == service) & table.at.between(since, until)
        query = select(deploy_notices).where(theirs).order_by(table.at.desc()).limit(MOST)
        async with self._database.reading() as connection:
            rows = (await connection.execute(query)).all()
        return tuple(DeployNotice(row.at, row.service, row.environment or None, row.says, row.url) for row in rows)
