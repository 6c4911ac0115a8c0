"""The incidents that a new message may belong to, as few rows as will do: in a storm this is asked for each message."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from backtrace_core.joining import REPEATS_WITHIN, Relation
from backtrace_core.model import Alert
from bot.store.offers import FORWARDS
from bot.store.rollbacks import SUCCESS
from bot.store.rows import NewIncident, alert_from
from bot.store.tables import UtcTime, gitlab_incidents, incidents, messages, rollbacks

MOST_COMPARED = 12
"""How many messages of an incident a new one is compared with: its first, which are the most telling of it."""


@dataclass(frozen=True, slots=True)
class Around:
    """An incident that a message may belong to. ``alerts`` are those it is compared with; ``is_home``: the message
    stands in a thread of it; ``has_paper``: it has an incident in GitLab. ``gone_back_at``: when a rollback for it
    succeeded last.
    """

    incident_id: str
    alerts: tuple[Alert, ...]
    fingerprints: frozenset[str]
    last_at: datetime
    resolved_at: datetime | None
    is_home: bool
    has_paper: bool
    gone_back_at: datetime | None


async def around(connection: AsyncConnection, incident: NewIncident) -> tuple[Around, ...]:
    """The incidents of the same team and channel that were heard of lately, and the one whose thread it stands in.

    Two kinds are none of them, since what joins them would be lost: what was answered without a card, and what is
    confidential in GitLab, on whose card an alert that everybody may read would be hidden.
    """
    home = (await connection.execute(_home_of(incident))).scalar_one_or_none() if incident.thread_ts else None
    lately = select(messages.c.incident_id).where(
        messages.c.channel == incident.channel, messages.c.at >= incident.received_at - REPEATS_WITHIN
    )
    nearby = (
        messages.join(incidents, incidents.c.id == messages.c.incident_id),
        incidents.c.team == incident.team,
        incidents.c.question.is_(None),
        or_(incidents.c.answered_at.is_(None), incidents.c.card_ts.is_not(None)),
        ~exists().where(
            gitlab_incidents.c.incident_id == incidents.c.id,
            gitlab_incidents.c.confidential == 1,
            gitlab_incidents.c.ours == 0,
        ),
        or_(messages.c.incident_id.in_(lately), messages.c.incident_id == home),
    )
    fired = (await connection.execute(_fired_in(*nearby))).all()
    telling = (await connection.execute(_telling_of(*nearby))).all()
    return tuple(_grouped(fired, telling, home))


def _grouped(fired: Sequence[Row[Any]], telling: Sequence[Row[Any]], home: str | None) -> Iterator[Around]:
    """``fired``: a row a fingerprint of an incident; ``telling``: a row a message that it is known by."""
    said = _by_incident(telling)
    for name, rows in _by_incident(fired).items():
        yield Around(
            name,
            tuple(alert_from(row.alert) for row in said.get(name, ())),
            frozenset(row.fingerprint for row in rows),
            max(row.last_at for row in rows),
            rows[0].over_at,
            name == home,
            rows[0].paper is not None,
            rows[0].gone_back_at,
        )


def _by_incident(rows: Sequence[Row[Any]]) -> dict[str, list[Row[Any]]]:
    found: dict[str, list[Row[Any]]] = {}
    for row in rows:
        found.setdefault(row.incident_id, []).append(row)
    return found


def _fired_in(source: Any, *where: Any) -> Any:
    """Each incident's fingerprints: in a storm far fewer than its messages."""
    last = func.max(messages.c.at, type_=UtcTime()).label("last_at")
    over = incidents.c.resolved_at.label("over_at")
    paper = incidents.c.gitlab_incident.label("paper")
    ended = func.max(rollbacks.c.finished_at, type_=UtcTime())
    succeeded = (
        rollbacks.c.incident_id == incidents.c.id,
        rollbacks.c.status == SUCCESS,
        rollbacks.c.how.not_in(FORWARDS),
    )
    gone_back = select(ended).where(*succeeded).correlate(incidents).scalar_subquery().label("gone_back_at")
    query = select(messages.c.incident_id, messages.c.fingerprint, last, over, paper, gone_back).select_from(source)
    return query.where(*where).group_by(messages.c.incident_id, messages.c.fingerprint, over, paper)


def _telling_of(source: Any, *where: Any) -> Any:
    """The first messages of each incident that it is known by."""
    nth = func.row_number().over(partition_by=messages.c.incident_id, order_by=(messages.c.at, messages.c.ts))
    known_by = messages.c.relation.in_((Relation.OPENS.value, Relation.SAME.value))
    ranked = select(messages.c.incident_id, messages.c.alert, nth.label("nth")).select_from(source)
    first = ranked.where(*where, known_by).subquery()
    return select(first.c.incident_id, first.c.alert).where(first.c.nth <= MOST_COMPARED).order_by(first.c.nth)


def _home_of(incident: NewIncident) -> Any:
    return (
        select(messages.c.incident_id)
        .join(incidents, incidents.c.id == messages.c.incident_id)
        .where(messages.c.channel == incident.channel, incidents.c.team == incident.team)
        .where(or_(messages.c.ts == incident.thread_ts, incidents.c.thread_ts == incident.thread_ts))
        .order_by(messages.c.ts != incident.thread_ts)
        .limit(1)
    )
