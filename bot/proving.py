"""Looking after the rollbacks that are watched: each minute, by the store alone."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from backtrace_core.proof import Stage
from bot.settings import Settings
from bot.store import ProofRow, Store
from bot.workflows import Starter
from bot.workflows.watching import standing_of

_QUIET = frozenset((Stage.WATCHING, Stage.RESOLVED))
"""Of which the card has nothing to say, or has said it as it was resolved."""


async def look_after_rollbacks(
    store: Store, settings: Settings, start: Starter, now: datetime, behind: Collection[str]
) -> None:
    """Start what says how far each rollback is, where that is news. ``behind``: the channels of which something may
    have been missed; there a silence is none."""
    for row in await store.proofs.watched():
        incident = await store.incidents.existing(row.incident_id)
        if incident.channel not in behind:
            await _look(store, settings, start, row, now)


async def _look(store: Store, settings: Settings, start: Starter, row: ProofRow, now: datetime) -> None:
    proof = await standing_of(store, settings, row, now)
    if proof.stage not in _QUIET and proof.stage is not row.stage:
        await start.proof(row.id, row.incident_id, proof.stage.value)
    elif proof.is_over:
        await store.proofs.reach(row.id, proof)
