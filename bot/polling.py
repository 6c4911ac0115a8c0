"""What GitLab's webhook did not tell, or could not: incidents and deployments that changed, asked for now and then."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from backtrace_core.alerts.gitlab_incident import told_by_row
from bot.gitlab.client import GitLabError
from bot.gitlab.paths import in_project
from bot.gitlab.shapes import MALFORMED, arrival_of_row, moment
from bot.gitlab_inbox import GitLabInbox

FIRST_AFTER_S = 5.0
"""After a start, when most was missed."""
MOST_ROWS = 1_000
OVERLAP = timedelta(seconds=30)
"""Asked for twice: a row may become visible a moment after the time that it bears."""
_FINAL = frozenset(("success", "failed", "canceled"))

log = logging.getLogger(__name__)


class Polls:
    """``every_s`` 0: GitLab is never asked."""

    def __init__(self, inbox: GitLabInbox, every_s: float) -> None:
        self._inbox = inbox
        self._every_s = every_s
        house = inbox.house
        catalog = house.settings.catalog
        self._deploying = catalog.projects
        self._incidents = (*catalog.projects, *catalog.incident_projects)
        self._store = house.store.incidents

    async def begin(self) -> None:
        """Mark the moment from which on is asked, where none is marked yet."""
        now = self._inbox.house.clock()
        for name in self._names():
            if await self._store.last_mark(name) is None:
                await self._store.mark(name, _said(now))

    async def keep_looking(self) -> None:
        """Look again and again, until cancelled."""
        wait_s = min(FIRST_AFTER_S, self._every_s)
        while self._every_s:
            await asyncio.sleep(wait_s)
            await self.look()
            wait_s = self._every_s

    async def look(self) -> None:
        """Ask once for everything. What can't be read now is read the next time. Never raises."""
        for project in self._incidents:
            await self._logged(project, "issues")
        for project in self._deploying:
            await self._logged(project, "deployments")

    async def _logged(self, project: str, what: str) -> None:
        try:
            await self._look(project, what)
        except GitLabError as error:
            log.warning("the %s of %s could not be asked for: %s", what, project, error)
        except Exception:
            # One project must not keep the others back, and nobody waits for its error.
            log.exception("the %s of %s were not taken up", what, project)

    async def _look(self, project: str, what: str) -> None:
        name = _mark(what, project)
        since = datetime.fromisoformat(await self._store.last_mark(name) or _said(self._inbox.house.clock()))
        where = {"updated_after": _said(since - OVERLAP), "order_by": "updated_at", "sort": "asc"}
        only = {"issue_type": "incident", "scope": "all"} if what == "issues" else {}
        rows = await self._inbox.house.gitlab.list_all(in_project(project, what), limit=MOST_ROWS, **where, **only)
        for row in rows:
            try:
                await self._take(row, project, what)
            except MALFORMED as error:
                log.warning("one of the %s of %s has an unexpected form: %r", what, project, error)
        newest = max((at for row in rows if (at := moment(row.get("updated_at")))), default=None)
        if newest is not None:
            # So many in one moment, and the same would be asked for for ever.
            stuck = len(rows) >= MOST_ROWS and newest <= since
            await self._store.mark(name, _said(newest + 2 * OVERLAP if stuck else newest))

    async def _take(self, row: dict[str, object], project: str, what: str) -> None:
        if what == "deployments":
            if row.get("status") in _FINAL:
                await self._inbox.deployment_ended(row.get("id"), arrival_of_row(row, project))
            return
        told = told_by_row(row, project)
        if told is not None:
            await self._inbox.take(told)

    def _names(self) -> Iterable[str]:
        yield from (_mark("issues", project) for project in self._incidents)
        yield from (_mark("deployments", project) for project in self._deploying)


def _mark(what: str, project: str) -> str:
    return f"gitlab-{what}:{project}"


def _said(at: datetime) -> str:
    """One form for all marks, so that the later one is the greater text."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
