"""What each rollback modal offered, and to whom: a submit confirms that and nothing else, whatever it carries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pydantic import TypeAdapter
from sqlalchemy import delete, select
from sqlalchemy.dialects.sqlite import insert

from backtrace_core.model import ChangeRef, GoingBack
from bot.in_view import NOTHING, InView, Leading
from bot.store.database import Database
from bot.store.tables import rollback_offers


class How(StrEnum):
    """How the legs of a press are begun: back in the service's own way (:class:`GoingBack`); forward again, by the job
    or by a pipeline for what a rollback took away; or by cancelling, with nothing deployed in their place."""

    RETRY = GoingBack.RETRY.value
    PIPELINE = GoingBack.PIPELINE.value
    LINK = GoingBack.LINK.value
    FORWARD = "forward"
    FORWARD_PIPELINE = "forward_pipeline"
    CANCEL = "cancel"

    @property
    def is_forward(self) -> bool:
        return self in FORWARDS

    @property
    def by_pipeline(self) -> bool:
        """Whether a pipeline of its own is started for it."""
        return self in PIPELINES


FORWARDS = (How.FORWARD, How.FORWARD_PIPELINE)
PIPELINES = (How.PIPELINE, How.FORWARD_PIPELINE)


@dataclass(frozen=True, slots=True)
class Leg:
    """One leg of an offer. ``key`` is what the modal's tick carries, ``label`` what it is called there.

    ``job_name`` is empty where no job is retried. ``undoes`` is what going back takes away there, or going forward
    brings again, ``target_ref`` the target's branch or tag, ``facts`` what the modal said of this leg, see
    :mod:`bot.in_view`. Where deployments are cancelled the target is the one that is.
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


def cancelling(legs: Iterable[Leg]) -> InView:
    """What a modal says that offers to cancel them."""
    each = (Leading(one.project, one.environment, one.job_name, one.label, cancels=one.target_id) for one in legs)
    return InView(legs=tuple(each))


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
