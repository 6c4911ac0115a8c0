"""What is looked for again and again, beside everything else: what was missed, and what nothing works on."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable
from datetime import timedelta
from itertools import chain, repeat

from bot.inbox import Inbox
from bot.workflows import forget_finished

EVERY_S = 60
"""How often the rounds are made."""

FIRST_WAITS_S = (1, 2, 4, 8, 16, 32)
"""Sooner after a start, when there is most to take up and a passing trouble would delay it most."""

KEEP_RUNS = timedelta(days=30)
"""How long the records of ended runs stay."""

KEEP_OFFERS = timedelta(days=1)
"""How long what a rollback's dialog offered can be confirmed; Slack's dialogs do not stay open longer."""

log = logging.getLogger(__name__)


async def make_rounds(inbox: Inbox) -> None:
    """Never ends by itself."""
    for wait_s in chain(FIRST_WAITS_S, repeat(EVERY_S)):
        await _logged("catching up", inbox.catch_up())
        await _logged("taking up", inbox.take_up())
        await _logged("forgetting", forget_finished(inbox.clock() - KEEP_RUNS))
        await _logged("forgetting offers", inbox.store.offers.forget(inbox.clock() - KEEP_OFFERS))
        await asyncio.sleep(wait_s)


async def _logged(what: str, work: Awaitable[object]) -> None:
    try:
        await work
    except Exception:
        # The next round tries again: this one must not end the others, and nobody waits for its error.
        log.exception("%s failed", what)
