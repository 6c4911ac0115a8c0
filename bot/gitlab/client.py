"""The one way to GitLab: python-gitlab's REST in a thread pool of its own, awaited. Knows nothing of our words.

Reads are tried up to three times, writes exactly once: a write whose answer got lost may have taken effect.
"""

from __future__ import annotations

import asyncio
import copy
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_attempt, wait_exponential_jitter

from bot.gitlab.bearer import Bearer, OneToken
from bot.gitlab.errors import GitLabError, GitLabRefused, GitLabUnavailable, GitLabUnreadable, OutcomeUnknown
from bot.gitlab.pace import ClosedError, Pace
from bot.gitlab.wire import Answer, Wire

__all__ = ["GitLabClient", "GitLabError", "GitLabRefused", "GitLabUnavailable", "OutcomeUnknown", "Patience"]

PAGE = 100
"""GitLab's largest page (docs.gitlab.com/api/rest: pagination)."""

RETRY_LATER = 429
PER_MINUTE = 1_400
"""Below GitLab.com's 2,000 a minute for one user, REST and GraphQL together: the token may serve others as well."""

T = TypeVar("T")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Patience:
    """How reads are repeated. All waits in seconds; a ``Retry-After`` above ``longest_wait_s`` is not waited for."""

    tries: int = 3
    first_wait_s: float = 0.2
    longest_wait_s: float = 5.0


class WriteRecorder(Protocol):
    """Keeps on record what is written to GitLab: before it is sent, and once it is answered.

    What ``answered`` raises is logged, and changes nothing.
    """

    async def sends(self, method: str, path: str) -> int:
        """Returns the number of the record. What it raises keeps the write from being sent."""

    async def answered(self, number: int, answer: str) -> None:
        """``answer`` is GitLab's status or reason, in words."""


class GitLabClient:
    """``url`` is the instance's root, ``token`` of any kind, or what tells it for each request.

    ``timeout_s`` is the longest silence of one request, ``ca_file`` a file of certificates to trust instead of the
    usual ones. ``per_minute`` bounds the requests of any minute: reads wait for their turn.
    """

    patience = Patience()

    def __init__(  # noqa: PLR0913 - keywords with defaults, one for each setting
        self,
        url: str,
        token: str | Bearer,
        *,
        pool_size: int = 16,
        timeout_s: float = 10,
        ca_file: str | None = None,
        per_minute: int = PER_MINUTE,
    ) -> None:
        bearer = OneToken(token) if isinstance(token, str) else token
        self._wire = Wire(url, bearer, pool_size=pool_size, timeout_s=timeout_s, ca_file=ca_file)
        self.pace = Pace(per_minute)
        self.url = url
        self._recorder: WriteRecorder | None = None

    def recorded_by(self, recorder: WriteRecorder) -> GitLabClient:
        """The same client, with the same connections, whose writes are kept on record."""
        recorded = copy.copy(self)
        recorded._recorder = recorder  # noqa: SLF001 - one of our own kind
        return recorded

    async def get(self, path: str, **query: Any) -> dict[str, Any]:
        """One JSON object. ``path`` is below ``/api/v4``, its parts encoded (``bot.gitlab.paths``).

        :raises GitLabRefused: when GitLab says no (4xx).
        :raises GitLabUnavailable: when no usable answer came.
        """
        return _object((await self._read(path, query)).body, path)

    async def list_all(self, path: str, *, limit: int, **query: Any) -> list[dict[str, Any]]:
        """The first ``limit`` rows of a list, its pages side by side where GitLab counts them. Raises as ``get``."""
        return await self.list_ahead(path, query, limit=limit, at_once=1)

    async def list_ahead(
        self, path: str, query: Mapping[str, Any], *, limit: int, at_once: int
    ) -> list[dict[str, Any]]:
        """The same; ``at_once`` pages are asked for before anybody knows how many there are."""
        size = min(limit, PAGE)
        most = -(-limit // size)
        answers = await self._pages(path, query, size, range(1, min(at_once, most) + 1))
        rows = [row for answer in answers for row in _rows(answer.body, path)]
        last = answers[-1]
        if last.has_next and last.pages is not None:
            following = await self._pages(path, query, size, range(len(answers) + 1, min(last.pages, most) + 1))
            rows += [row for answer in following for row in _rows(answer.body, path)]
        elif last.has_next:
            rows += await self._following(path, query, size, range(len(answers) + 1, most + 1))
        return rows[:limit]

    async def _pages(self, path: str, query: Mapping[str, Any], size: int, pages: range) -> list[Answer]:
        return await asyncio.gather(*(self._page(path, query, size, page) for page in pages))

    async def list_pages(self, path: str, pages: range, **query: Any) -> list[dict[str, Any]]:
        """The rows of some pages of a list, side by side; those beyond its end are empty. Raises as ``get``."""
        answers = await self._pages(path, query, PAGE, pages)
        return [row for answer in answers for row in _rows(answer.body, path)]

    async def _following(self, path: str, query: Mapping[str, Any], size: int, pages: range) -> list[dict[str, Any]]:
        """Pages one after the other: long lists are not counted."""
        rows: list[dict[str, Any]] = []
        for page in pages:
            answer = await self._page(path, query, size, page)
            rows += _rows(answer.body, path)
            if not answer.has_next:
                break
        return rows

    async def _page(self, path: str, query: Mapping[str, Any], size: int, page: int) -> Answer:
        return await self._read(path, {**query, "per_page": size, "page": page})

    async def text(self, path: str, **query: Any) -> str:
        """A plain text, such as a job's trace. Raises as ``get`` does."""
        return (await self._read(path, query)).text

    async def post(self, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Create or do something: sent once, never repeated.

        :raises GitLabRefused: when GitLab says no (4xx): nothing happened.
        :raises OutcomeUnknown: when the answer was lost or unusable: look before you try again.
        """
        return await self._write("post", path, body or {})

    async def put(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Change something: as ``post``."""
        return await self._write("put", path, body)

    async def graphql(self, query: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        """The ``data`` of an answer. A mutation is a write (see ``post``), anything else a read.

        :raises GitLabRefused: also when there is no data at all; what is forbidden comes as null instead.
        """
        body = {"query": query, "variables": dict(variables)}
        if query.lstrip().startswith("mutation"):
            return _data(await self._write("post", self._wire.graphql_url, body))
        return _data(_object((await self._patiently("post", self._wire.graphql_url, {}, body)).body, "GraphQL"))

    async def in_pool(self, work: Callable[..., T], *args: Any) -> T:
        """Run heavy parsing beside the requests, off the event loop."""
        return await self._wire.in_pool(work, *args)

    async def close(self) -> None:
        self._wire.close()

    async def _read(self, path: str, query: Mapping[str, Any]) -> Answer:
        return await self._patiently("get", path, query, None)

    async def _patiently(
        self, verb: str, path: str, query: Mapping[str, Any], body: Mapping[str, Any] | None
    ) -> Answer:
        async for attempt in AsyncRetrying(
            stop=stop_after_attempt(self.patience.tries),
            retry=retry_if_exception(self._worth_another_try),
            wait=self._wait,
            reraise=True,
        ):
            with attempt:
                return await self._in_turn(verb, path, query, body)
        raise AssertionError("tenacity ends by an answer or by raising")

    async def _in_turn(self, verb: str, path: str, query: Mapping[str, Any], body: Mapping[str, Any] | None) -> Answer:
        try:
            await self.pace.turn(self.patience.longest_wait_s)
            answer = await self._wire.send(verb, path, query, body)
        except ClosedError as error:
            raise GitLabRefused(RETRY_LATER, "rate limited", error.wait_s) from error
        except GitLabRefused as error:
            if error.status == RETRY_LATER and error.retry_after_s is not None:
                self.pace.close(error.retry_after_s)
            raise
        if answer.exhausted_s is not None:
            self.pace.close(answer.exhausted_s)
        return answer

    def _worth_another_try(self, error: BaseException) -> bool:
        if isinstance(error, GitLabRefused) and error.status == RETRY_LATER:
            return (error.retry_after_s or 0) <= self.patience.longest_wait_s
        return isinstance(error, GitLabUnavailable) and error.transient

    def _wait(self, state: RetryCallState) -> float:
        # How long GitLab asks to wait is the gate's business: it holds the others as well.
        first, longest = self.patience.first_wait_s, self.patience.longest_wait_s
        return float(wait_exponential_jitter(multiplier=first, max=longest, jitter=first)(state))

    async def _write(self, verb: str, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        if self._recorder is None:
            return await self._send_write(verb, path, body)
        number = await self._recorder.sends(verb.upper(), path)
        try:
            answer = await self._send_write(verb, path, body)
        except GitLabError as error:
            await self._note(self._recorder, number, str(error))
            raise
        made = answer.get("id")
        await self._note(self._recorder, number, f"done: {made}" if isinstance(made, int) else "done")
        return answer

    async def _note(self, recorder: WriteRecorder, number: int, answer: str) -> None:
        try:
            await recorder.answered(number, answer)
        except Exception:
            # It is done by now, or known not to be: a record that lacks its answer must not hide that.
            log.exception("the answer to write %d could not be kept on record: %s", number, answer)

    async def _send_write(self, verb: str, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        self.pace.count()
        try:
            answer = await self._wire.send(verb, path, {}, body)
            return _object(answer.body, path) if answer.content else {}
        except GitLabUnavailable as error:
            raise OutcomeUnknown(str(error)) from error


def _object(body: Any, path: str) -> dict[str, Any]:
    if not isinstance(body, dict):
        raise GitLabUnreadable(f"{path} answered something else than one JSON object")
    return body


def _rows(body: Any, path: str) -> list[dict[str, Any]]:
    if not isinstance(body, list) or not all(isinstance(row, dict) for row in body):
        raise GitLabUnreadable(f"{path} answered something else than a list of JSON objects")
    return body


def _data(answer: Mapping[str, Any]) -> dict[str, Any]:
    data = answer.get("data")
    if isinstance(data, dict):
        return data
    errors = answer.get("errors")
    first = errors[0].get("message") if isinstance(errors, list) and errors and isinstance(errors[0], dict) else None
    raise GitLabRefused(200, str(first or "GraphQL answered without data"))
