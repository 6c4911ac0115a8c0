"""What each rollback modal offered, and to whom: a submit confirms that and nothing else, whatever it carries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pydantic import TypeAdapter
from sqlalchemy import delete, select
from sqlalchemy.dialects.sqlite import insert

from backtrace_core.model import ChangeRef, GoingBack
from bot.in_view import NOTHING, InView
from bot.store.database import Database
from bot.store.tables import rollback_offers


class How(StrEnum):
    """How the legs of a press are begun: back in the service's own way (:class:`GoingBack`), or forward again, by the
    job of what a rollback took away."""

    RETRY = GoingBack.RETRY.value
    PIPELINE = GoingBack.PIPELINE.value
    LINK = GoingBack.LINK.value
    FORWARD = "forward"


@dataclass(frozen=True, slots=True)
class Leg:
    """One leg of an offer. ``key`` is what the modal's tick carries, ``label`` what it is called there.

    ``job_name`` is empty where no job is retried. ``undoes`` is what going back takes away there, ``target_ref`` the
    target's branch or tag, ``facts`` what the modal said of this leg, see :mod:`bot.in_view`.
    """

    key: str
    project: str
    environment: str
    job_name: str
    label: str
    target_id: int
    target_ref: str = ""
    undoes: tuple[ChangeRef, ...] = ()
    facts: InView = NOTHING


@dataclass(frozen=True, slots=True)
class Offer:
    """``seen`` stands for the state of the world that it was made upon."""

    view_id: str
    incident_id: str
    slack_user: str
    seen: str
    legs: tuple[Leg, ...]
    at: datetime
    how: How = How.RETRY


_LEGS = TypeAdapter(tuple[Leg, ...])


class OfferStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, offer: Offer) -> None:
        """What the modal shows now; what it showed before can't be confirmed any more."""
        row = {name: getattr(offer, name) for name in Offer.__slots__} | {"legs": _LEGS.dump_json(offer.legs).decode()}
        statement = insert(rollback_offers).values(row)
        async with self._database.writing() as connection:
            await connection.execute(statement.on_conflict_do_update(index_elements=["view_id"], set_=row))

    async def of(self, view_id: str) -> Offer | None:
        query = select(rollback_offers).where(rollback_offers.c.view_id == view_id)
        async with self._database.reading() as connection:
            row = (await connection.execute(query)).mappings().one_or_none()
        return Offer(**{**row, "legs": _LEGS.validate_json(row["legs"]), "how": How(row["how"])}) if row else None

    async def forget(self, before: datetime) -> None:
        """Modals live for a day at most (docs.slack.dev/surfaces/modals), so that older offers can't be confirmed."""
        async with self._database.writing() as connection:
            await connection.execute(delete(rollback_offers).where(rollback_offers.c.at < before))
