"""What is watched after a rollback: whether it ended the trouble, and what may bring back what it took away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import select, update
from sqlalchemy.dialects.sqlite import insert

from backtrace_core.model import Caution, ChangeRef
from backtrace_core.proof import Proof, Stage
from bot.store.database import Database
from bot.store.rows import refs_from, refs_json
from bot.store.tables import messages, proofs

_AHEAD = TypeAdapter(tuple[Caution, ...])


@dataclass(frozen=True, slots=True)
class ProofRow:
    """One row a rollback, with its id. ``stage`` was reached ``at``; ``says`` is the title of what fires again, or what
    overtook the rollback. ``took`` are the changes that it took away, ``blamed`` those of them that the verdict named;
    the ``branch`` still has them, and ``ahead`` says what may bring them again. ``watching``: 1 until nothing more is
    waited for.
    """

    id: str
    incident_id: str
    gone_back_at: datetime
    took: tuple[ChangeRef, ...]
    blamed: tuple[ChangeRef, ...]
    branch: str
    ahead: tuple[Caution, ...]
    url: str
    stage: Stage
    says: str
    at: datetime
    watching: int | None


class ProofStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(self, row: ProofRow) -> None:
        """Watch a rollback that is done; one that is watched already is left as it is. Older ones of the incident are
        not watched any more: what they took away is another matter now."""
        values = {name: getattr(row, name) for name in ProofRow.__slots__}
        values |= {name: refs_json(values[name]) for name in ("took", "blamed")}
        values |= {"ahead": _AHEAD.dump_json(row.ahead).decode(), "stage": row.stage.value}
        async with self._database.writing() as connection:
            await connection.execute(insert(proofs).values(values).on_conflict_do_nothing())
            older = (proofs.c.incident_id == row.incident_id, proofs.c.id != row.id)
            before = proofs.c.gone_back_at < row.gone_back_at
            await connection.execute(update(proofs).where(*older, before).values(watching=None))

    async def get(self, proof_id: str) -> ProofRow:
        async with self._database.reading() as connection:
            result = await connection.execute(select(proofs).where(proofs.c.id == proof_id))
            return _row(result.mappings().one())

    async def of(self, incident_id: str) -> ProofRow | None:
        """That of the newest rollback."""
        async with self._database.reading() as connection:
            row = (await connection.execute(_of(incident_id).limit(1))).mappings().first()
        return _row(row) if row else None

    async def all_of(self, incident_id: str) -> tuple[ProofRow, ...]:
        """Newest first."""
        async with self._database.reading() as connection:
            return tuple(_row(row) for row in (await connection.execute(_of(incident_id))).mappings())

    async def watched(self) -> tuple[ProofRow, ...]:
        query = select(proofs).where(proofs.c.watching == 1).order_by(proofs.c.gone_back_at)
        async with self._database.reading() as connection:
            return tuple(_row(row) for row in (await connection.execute(query)).mappings())

    async def reach(self, proof_id: str, proof: Proof, says: str = "") -> None:
        """Keep how far it is."""
        values: dict[str, Any] = {"stage": proof.stage.value, "at": proof.at, "says": says or proof.title}
        values["watching"] = None if proof.is_over else 1
        await self._set(proof_id, values)

    async def stop(self, incident_id: str) -> None:
        """What was taken away is there again: nothing is waited for any more."""
        statement = update(proofs).where(proofs.c.incident_id == incident_id).values(watching=None)
        async with self._database.writing() as connection:
            await connection.execute(statement)

    async def look_ahead(self, proof_id: str, ahead: Sequence[Caution]) -> None:
        await self._set(proof_id, {"ahead": _AHEAD.dump_json(tuple(ahead)).decode()})

    async def telling(self, channel: str) -> frozenset[str]:
        """The senders that have said of anything in this channel that it is over."""
        query = select(messages.c.sender).where(messages.c.channel == channel, messages.c.resolved_at.is_not(None))
        async with self._database.reading() as connection:
            return frozenset((await connection.execute(query.distinct())).scalars())

    async def _set(self, proof_id: str, values: dict[str, Any]) -> None:
        async with self._database.writing() as connection:
            await connection.execute(update(proofs).where(proofs.c.id == proof_id).values(values))


def _of(incident_id: str) -> Any:
    return select(proofs).where(proofs.c.incident_id == incident_id).order_by(proofs.c.gone_back_at.desc())


def _row(row: Any) -> ProofRow:
    values = {name: row[name] for name in ProofRow.__slots__}
    values |= {name: refs_from(row[name]) for name in ("took", "blamed")}
    return ProofRow(**{**values, "ahead": _AHEAD.validate_json(row["ahead"]), "stage": Stage(row["stage"])})
