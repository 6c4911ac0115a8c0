"""Taking turns: what looks first and then writes must not do so twice at the same moment."""

from __future__ import annotations

import asyncio
from weakref import WeakValueDictionary

_locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()


def turn(name: str) -> asyncio.Lock:
    """The lock of that name, for ``async with``. One bot works on the files at a time, so memory is enough for it."""
    return _locks.setdefault(name, asyncio.Lock())
