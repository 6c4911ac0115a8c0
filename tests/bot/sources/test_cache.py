"""The cache: what can't change is kept within its size, over restarts, and never stands in the way."""

import json
import sqlite3
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from random import Random

import pytest

from bot.sources.cache import Cache

Opened = Callable[..., Cache]


@pytest.fixture
async def opened(tmp_path: Path) -> AsyncIterator[Opened]:
    made: list[Cache] = []

    def make(limit: int = 10**6, in_memory: int = 0) -> Cache:
        made.append(Cache(tmp_path / "cache.sqlite", limit, in_memory))
        return made[-1]

    yield make
    for cache in made:
        cache.close()


def noise(seed: str) -> str:
    """Text that takes a good thousand bytes, compressed."""
    return Random(seed).randbytes(1_000).hex()  # noqa: S311 - no secret, only incompressible


async def test_what_is_kept_survives_a_restart(opened: Opened):
    """Another process finds it; what was never kept is simply missing."""
    first = opened()
    await first.keep({"a": [{"path": "x.py"}], "b": []})
    first.close()

    assert await opened().many(("a", "b", "c")) == {"a": [{"path": "x.py"}], "b": []}


async def test_the_least_recently_used_go_first(opened: Opened):
    """Above its limit the file drops what nobody asked for longest; what was just read stays."""
    cache = opened(limit=4_000)
    for name in "abcd":
        await cache.keep({name: noise(name)})
        await cache.many(("a",))

    assert set(await cache.many("bcda")) == {"a", "c", "d"}
    await cache.keep({"e": noise("e")})
    assert set(await cache.many("abcde")) == {"a", "d", "e"}


async def test_the_order_of_use_survives_a_restart(opened: Opened):
    """A new process goes on counting: what it reads is newer than all that was kept before."""
    first = opened(limit=4_000)
    await first.keep({name: noise(name) for name in "abc"})
    first.close()
    second = opened(limit=4_000)
    await second.many(("a",))
    await second.keep({"d": noise("d")})

    assert set(await second.many("abcd")) == {"a", "c", "d"}


async def test_memory_is_bounded_too():
    """Without a file, the newest stay within the limit."""
    cache = Cache(None, in_memory=3_000)
    for name in "abc":
        await cache.keep({name: noise(name)})

    assert set(await cache.many("abc")) == {"b", "c"}
    cache.close()


@pytest.mark.parametrize("content", [b"no database at all" * 100, b"SQLite format 3\x00" + b"\xff" * 4000])
async def test_a_damaged_file_begins_anew(opened: Opened, tmp_path: Path, content: bytes):
    """It was only a copy."""
    (tmp_path / "cache.sqlite").write_bytes(content)
    cache = opened()
    await cache.keep({"a": 1})

    assert await cache.many(("a",)) == {"a": 1}


async def test_another_form_begins_anew(opened: Opened, tmp_path: Path):
    """What an older release kept in another form is not read."""
    first = opened()
    await first.keep({"a": 1})
    first.close()
    with sqlite3.connect(tmp_path / "cache.sqlite") as database:
        database.execute("PRAGMA user_version=99")
    database.close()

    assert await opened().many(("a",)) == {}


async def test_a_file_that_can_not_be_written_fails_nothing(tmp_path: Path):
    """No folder, no disk: then nothing is kept in the file, and reading goes on."""
    cache = Cache(tmp_path / "missing" / "cache.sqlite")
    await cache.keep({"a": 1})

    assert await cache.many(("b",)) == {}
    cache.close()


async def test_values_are_whole(opened: Opened):
    """Unicode, nesting, nothing: all that JSON can say comes back as it was."""
    value = {"ü": [None, 1.5, {"päth": "a b/%2F\u2028"}], "": []}
    cache = opened()
    await cache.keep({"k": value})

    assert json.dumps((await cache.many(("k",)))["k"]) == json.dumps(value)
