"""Reads of one GitLab, shared: what is asked for twice at the same time is fetched once, what can't change is kept."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from bot.gitlab.client import GitLabClient
from bot.gitlab.pace import Pace
from bot.sources.cache import Cache

MADE = 8
"""How many graphs of commits are at hand; one of 4,000 commits takes about 6 MB."""

T = TypeVar("T")
Row = dict[str, Any]


def _always(_found: object) -> bool:
    return True


@dataclass(slots=True)
class _Flight(Generic[T]):
    task: asyncio.Task[T]
    waiting: int = 0


class Reads:
    """What the harvest asks GitLab through. Answers are shared between readers: nobody may change them."""

    def __init__(self, client: GitLabClient, cache: Cache) -> None:
        self._client = client
        self._cache = cache
        self._under_way: dict[str, _Flight[Any]] = {}
        self._made: OrderedDict[str, Any] = OrderedDict()

    @property
    def pace(self) -> Pace:
        return self._client.pace

    @property
    def url(self) -> str:
        """GitLab's root."""
        return self._client.url

    async def get(self, path: str, **query: Any) -> Row:
        """See ``GitLabClient.get``."""
        return await self._once(_key("get", path, query), lambda: self._client.get(path, **query))

    async def list_all(self, path: str, *, limit: int, **query: Any) -> list[Row]:
        """See ``GitLabClient.list_all``."""
        return await self.list_ahead(path, query, limit=limit, at_once=1)

    async def list_ahead(self, path: str, query: Mapping[str, Any], *, limit: int, at_once: int) -> list[Row]:
        """See ``GitLabClient.list_ahead``."""
        key = _key(f"list {limit}", path, query)
        return await self._once(key, lambda: self._client.list_ahead(path, query, limit=limit, at_once=at_once))

    async def list_pages(self, path: str, pages: range, **query: Any) -> list[Row]:
        """See ``GitLabClient.list_pages``."""
        key = _key(f"pages {pages}", path, query)
        return await self._once(key, lambda: self._client.list_pages(path, pages, **query))

    async def graphql(self, query: str, variables: Mapping[str, Any]) -> Row:
        """See ``GitLabClient.graphql``; reading only."""
        return await self._once(_key("graphql", query, variables), lambda: self._client.graphql(query, variables))

    async def in_pool(self, work: Callable[..., T], *args: Any) -> T:
        return await self._client.in_pool(work, *args)

    async def kept(self, key: str, ask: Callable[[], Awaitable[T]], worth: Callable[[T], bool] = _always) -> T:
        """What ``ask`` answered once, for ever: a JSON value that can't change. ``worth`` says what is kept."""

        async def look() -> T:
            known = await self.known((key,))
            if key in known:
                found: T = known[key]
                return found
            found = await ask()
            if worth(found):
                await self.keep({key: found})
            return found

        return await self._once(f"kept {key}", look)

    async def shortly(self, key: str, ask: Callable[[], Awaitable[T | None]]) -> T | None:
        """What ``ask`` made of what can't change; the last few stay as they are. None is asked for again."""
        if key in self._made:
            self._made.move_to_end(key)
            found: T = self._made[key]
            return found
        made = await self._once(f"made {key}", ask)
        if made is not None:
            self._made[key] = made
            while len(self._made) > MADE:
                self._made.popitem(last=False)
        return made

    async def known(self, keys: Iterable[str]) -> dict[str, Any]:
        """Those of many kept values that are there."""
        full = {self._full(key): key for key in keys}
        return {full[key]: value for key, value in (await self._cache.many(full)).items()}

    async def keep(self, values: Mapping[str, Any]) -> None:
        if values:
            await self._cache.keep({self._full(key): value for key, value in values.items()})

    def _full(self, key: str) -> str:
        # The same path may be another project on another GitLab.
        return f"{self._client.url} {key}"

    async def _once(self, key: str, ask: Callable[[], Awaitable[T]]) -> T:
        flight: _Flight[T] | None = self._under_way.get(key)
        if flight is None:
            flight = self._under_way[key] = _Flight(asyncio.ensure_future(_run(ask)))
            flight.task.add_done_callback(lambda _done: self._under_way.pop(key))
        flight.waiting += 1
        try:
            # Who gives up waiting must not take the answer away from the others; the last one ends it.
            return await asyncio.shield(flight.task)
        except asyncio.CancelledError:
            if flight.waiting == 1:
                flight.task.cancel()
            raise
        finally:
            flight.waiting -= 1


async def _run(ask: Callable[[], Awaitable[T]]) -> T:
    return await ask()


def _key(kind: str, path: str, query: Mapping[str, Any]) -> str:
    return f"{kind} {path} {sorted(query.items())}"
