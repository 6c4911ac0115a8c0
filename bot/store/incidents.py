"""Incidents: an alert or a question, the card that answers it, and where it stands."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import RowMapping, select, update
from sqlalchemy.dialects.sqlite import insert

from backtrace_core.alerts.gitlab_incident import SENDER, label_of_url
from backtrace_core.model import Alert, Verdict
from bot.cards import IncidentLink, IncidentState
from bot.store.database import Database
from bot.store.rows import (
    NewIncident,
    alert_from,
    alert_json,
    delivery_row,
    keep_incident,
    link_from,
    link_json,
    opening_row,
)
from bot.store.tables import incidents, marks

_VERDICT = TypeAdapter(Verdict)
_NEWEST = 100


@dataclass(frozen=True, slots=True)
class Incident:
    """One row. ``reply_to`` is the response URL of a question, forgotten once that is answered.

    ``posting_at`` is when the card was last about to be posted; with no ``card_ts`` beside it, it may stand or not.
    """

    id: str
    team: str
    channel: str
    thread_ts: str | None
    alert: Alert | None
    question: str | None
    asked_by: str | None
    reply_to: str | None
    since: datetime | None
    verdict: Verdict | None
    failure: str
    state: IncidentState
    card_ts: str | None
    posting_at: datetime | None
    excluded: frozenset[str]
    gitlab_incident: IncidentLink | None
    received_at: datetime
    answered_at: datetime | None
    resolved_at: datetime | None
    split_from: str | None
    reopened_at: datetime | None
    held_at: datetime | None


class IncidentStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, delivery: str, incident: NewIncident) -> bool:
        """Keep a delivery and its incident at once. False when that delivery, or that incident, is already kept.

        An alert is kept with :meth:`bot.store.messages.MessageStore.join`, unless it is certain that it is one apart.
        """
        async with self._database.writing() as connection:
            await connection.execute(delivery_row(delivery, incident.received_at))
            is_new = await keep_incident(connection, incident)
            if is_new and incident.alert is not None and incident.question is None:
                await connection.execute(opening_row(incident, incident.alert))
            return is_new

    async def is_new(self, delivery: str, now: datetime) -> bool:
        """Keep a delivery that makes no incident. False when it was kept before."""
        async with self._database.writing() as connection:
            return bool((await connection.execute(delivery_row(delivery, now))).rowcount)

    async def mark(self, channel: str, ts: str) -> None:
        """Remember the newest ``ts`` seen in a channel; of what people say only this is kept."""
        statement = insert(marks).values(channel=channel, ts=ts)
        newer = statement.on_conflict_do_update(
            index_elements=[marks.c.channel], set_={"ts": ts}, where=marks.c.ts < ts
        )
        async with self._database.writing() as connection:
            await connection.execute(newer)

    async def last_mark(self, channel: str) -> str | None:
        async with self._database.reading() as connection:
            query = select(marks.c.ts).where(marks.c.channel == channel)
            return (await connection.execute(query)).scalar_one_or_none()

    async def get(self, incident_id: str) -> Incident | None:
        async with self._database.reading() as connection:
            result = await connection.execute(select(incidents).where(incidents.c.id == incident_id))
            row = result.mappings().one_or_none()
        return _incident(row) if row else None

    async def existing(self, incident_id: str) -> Incident:
        """The incident that a run was started for.

        :raises LookupError: when the row is gone, as after somebody removed the database but not the steps.
        """
        incident = await self.get(incident_id)
        if incident is None:
            raise LookupError(f"incident {incident_id} is not in the store any more")
        return incident

    async def unanswered(self) -> tuple[str, ...]:
        """Ids of the incidents that have no card yet, oldest first."""
        query = select(incidents.c.id).where(incidents.c.answered_at.is_(None)).order_by(incidents.c.received_at)
        async with self._database.reading() as connection:
            return tuple((await connection.execute(query)).scalars())

    async def open_since(self, moment: datetime) -> tuple[Incident, ...]:
        """The unresolved incidents that came after ``moment`` and have a verdict."""
        query = select(incidents).where(incidents.c.resolved_at.is_(None), incidents.c.verdict.is_not(None))
        async with self._database.reading() as connection:
            rows = (await connection.execute(query.where(incidents.c.received_at >= moment))).mappings()
            return tuple(_incident(row) for row in rows)

    async def open_threads(self, channel: str, limit: int) -> tuple[str, ...]:
        """The threads that the channel's newest unresolved incidents stand in."""
        query = (
            select(incidents.c.thread_ts)
            .where(incidents.c.channel == channel, incidents.c.thread_ts.is_not(None))
            .where(incidents.c.resolved_at.is_(None))
            .order_by(incidents.c.received_at.desc())
            .limit(limit)
        )
        async with self._database.reading() as connection:
            return tuple(dict.fromkeys((await connection.execute(query)).scalars()))

    async def save_question(self, incident_id: str, alert: Alert, since: datetime | None) -> None:
        text = alert_json(alert)
        await self._set(incident_id, alert=text, fingerprint=alert.fingerprint, since=since)

    async def save_verdict(self, incident_id: str, verdict: Verdict, failure: str = "") -> None:
        """``failure``: what went wrong with a later trace, where that is still to be said."""
        await self._set(incident_id, verdict=_VERDICT.dump_json(verdict).decode(), failure=failure)

    async def save_failure(self, incident_id: str, failure: str) -> None:
        await self._set(incident_id, failure=failure)

    async def save_posting(self, incident_id: str, at: datetime) -> None:
        """A card is about to be sent: from now on one may stand of which nobody knows the place."""
        await self._set(incident_id, posting_at=at)

    async def save_card(self, incident_id: str, card_ts: str | None, at: datetime) -> None:
        """The question is answered: by the card at ``card_ts``, or (None) in words or not at all."""
        await self._set(incident_id, card_ts=card_ts, answered_at=at, reply_to=None)

    async def save_state(self, incident_id: str, state: IncidentState) -> None:
        """Move on, except from resolved: what the sender said last stands."""
        await self._set(incident_id, unless=IncidentState.RESOLVED, state=state.value)

    async def hold(self, incident_id: str, at: datetime) -> None:
        """Remember that it was not answered when it came."""
        await self._set(incident_id, held_at=at)

    async def save_gitlab_incident(self, incident_id: str, link: IncidentLink) -> None:
        await self._set(incident_id, gitlab_incident=link_json(link))

    async def is_paper_of_ours(self, urls: tuple[str, ...]) -> bool:
        """Whether one of these pages is a GitLab incident that belongs to one of our incidents."""
        labels = {label_of_url(url) for url in urls}
        query = select(incidents.c.gitlab_incident).where(incidents.c.gitlab_incident.is_not(None))
        async with self._database.reading() as connection:
            papers = [link_from(paper) for paper in (await connection.execute(query)).scalars()]
            return any(paper.url in urls or paper.label in labels for paper in papers)

    async def spoken_of(self, label: str) -> Incident | None:
        """The newest incident that GitLab's own post about a GitLab incident (``shop/web#41``) has opened, and that has
        no other. Anybody may write such a link: others' alerts do not count.
        """
        query = select(incidents).where(incidents.c.alert.is_not(None))
        query = query.where(incidents.c.resolved_at.is_(None)).order_by(incidents.c.received_at.desc()).limit(_NEWEST)
        async with self._database.reading() as connection:
            found = [_incident(row) for row in (await connection.execute(query)).mappings()]
        free = [one for one in found if one.gitlab_incident is None or one.gitlab_incident.label == label]
        links = ((one, one.alert.links) for one in free if one.alert is not None and one.alert.sender == SENDER)
        return next((one for one, theirs in links if label in {label_of_url(link.url) for link in theirs}), None)

    async def exclude(self, incident_id: str, change_key: str) -> None:
        """Remember that people say this change is not the culprit."""
        await self._exclude(incident_id, lambda known: known | {change_key})

    async def put_back(self, incident_id: str, change_key: str) -> None:
        """Forget it again."""
        await self._exclude(incident_id, lambda known: known - {change_key})

    async def _exclude(self, incident_id: str, changed: Callable[[frozenset[str]], frozenset[str]]) -> None:
        async with self._database.writing() as connection:
            query = select(incidents.c.excluded).where(incidents.c.id == incident_id)
            known = frozenset(json.loads((await connection.execute(query)).scalar_one()))
            value = json.dumps(sorted(changed(known)))
            await connection.execute(update(incidents).where(incidents.c.id == incident_id).values(excluded=value))

    async def _set(self, incident_id: str, unless: IncidentState | None = None, **values: Any) -> None:
        statement = update(incidents).where(incidents.c.id == incident_id).values(values)
        if unless is not None:
            statement = statement.where(incidents.c.state != unless.value)
        async with self._database.writing() as connection:
            await connection.execute(statement)


def _incident(row: RowMapping) -> Incident:
    values = {name: row[name] for name in Incident.__slots__}
    values["alert"] = alert_from(row["alert"]) if row["alert"] else None
    values["verdict"] = _VERDICT.validate_json(row["verdict"]) if row["verdict"] else None
    values["state"] = IncidentState(row["state"])
    values["excluded"] = frozenset(json.loads(row["excluded"]))
    values["gitlab_incident"] = link_from(row["gitlab_incident"]) if row["gitlab_incident"] else None
    return Incident(**values)
