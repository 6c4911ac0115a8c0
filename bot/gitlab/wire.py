"""One request to GitLab and its answer: threads, connections, timeouts, what counts as which error."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

import gitlab
import requests
from gitlab.exceptions import GitlabError, RedirectError
from requests.adapters import HTTPAdapter

from bot.gitlab.bearer import Bearer
from bot.gitlab.errors import GitLabError, GitLabRefused, GitLabUnavailable
from bot.gitlab.pace import exhausted_for_s

REFUSED_FROM, FAILED_FROM = 400, 500
UNAUTHORIZED = 401
MOVED, RETRY_LATER = 301, 429
NOT_IMPLEMENTED = 501
TOTAL_FACTOR = 2
"""One request may take this many timeouts in all: the timeout itself only bounds silences, a body may drip for ever."""

LONGEST_MESSAGE = 200

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Answer:
    """``body`` is the decoded JSON, None where it is not JSON; ``has_next`` says that a list has another page.

    ``pages``: how many the list has, None where GitLab did not count. ``exhausted_s``: seconds in which GitLab will
    answer nothing more, None as long as there are requests left.
    """

    body: Any
    content: bytes
    has_next: bool
    pages: int | None = None
    exhausted_s: float | None = None

    @property
    def text(self) -> str:
        return self.content.decode(errors="replace")


class ThrottledError(Exception):
    """Carries a 429 past python-gitlab, whose own exception loses the headers."""

    def __init__(self, retry_after_s: float | None) -> None:
        super().__init__("rate limited")
        self.retry_after_s = retry_after_s


class Wire:
    """A shared ``gitlab.Gitlab`` with as many connections as threads."""

    def __init__(self, url: str, bearer: Bearer, *, pool_size: int, timeout_s: float, ca_file: str | None) -> None:
        self._session = requests.Session()
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, HTTPAdapter(pool_connections=1, pool_maxsize=pool_size))
        self._session.hooks["response"].append(_raise_throttled)
        verify = look_around(self._session, url, ca_file)
        self._bearer = bearer
        self._gitlab = gitlab.Gitlab(
            url,
            ssl_verify=verify,
            timeout=timeout_s,
            session=self._session,
            keep_base_url=True,
        )
        self.graphql_url = f"{url.rstrip('/')}/api/graphql"
        self._longest_s = timeout_s * TOTAL_FACTOR
        self._pool = ThreadPoolExecutor(pool_size, thread_name_prefix="gitlab")
        self._free = asyncio.Semaphore(pool_size)

    async def send(self, verb: str, path: str, query: Mapping[str, Any], body: Mapping[str, Any] | None) -> Answer:
        """Send once; a second time only where GitLab did not accept the token, so that nothing happened.

        :raises GitLabRefused: 4xx.
        :raises GitLabUnavailable: 5xx, timeout, reset, an answer cut short.
        """
        token = await self._bearer.token()
        try:
            return await self._sent(token, verb, path, query, body)
        except GitLabRefused as error:
            if error.status != UNAUTHORIZED or not await self._bearer.refused(token):
                raise
        token = await self._bearer.token()
        try:
            return await self._sent(token, verb, path, query, body)
        except GitLabRefused as error:
            if error.status == UNAUTHORIZED:
                await self._bearer.refused(token)
            raise

    async def _sent(self, token: str, *request: Any) -> Answer:
        try:
            return await self.in_pool(self._request, token, *request, within_s=self._longest_s)
        except TimeoutError as error:
            raise GitLabUnavailable("timed out") from error

    async def in_pool(self, work: Callable[..., T], *args: Any, within_s: float | None = None) -> T:
        """Wait for a free thread, then for the work, the latter for ``within_s`` seconds at most.

        :raises TimeoutError: the thread goes on by itself, and counts as busy until it ends.
        """
        await self._free.acquire()
        loop = asyncio.get_running_loop()
        future = self._pool.submit(work, *args)
        future.add_done_callback(lambda done: self._release(loop, done))
        async with asyncio.timeout(within_s):
            return await asyncio.wrap_future(future)

    def _release(self, loop: asyncio.AbstractEventLoop, _done: Future[Any]) -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(self._free.release)

    def close(self) -> None:
        """Give up connections and threads; requests under way end by themselves."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._session.close()

    def _request(
        self, token: str, verb: str, path: str, query: Mapping[str, Any], body: Mapping[str, Any] | None
    ) -> Answer:
        # As a bearer: requests takes that header away when it is redirected to another host, PRIVATE-TOKEN it sends on.
        bearer = {"Authorization": f"Bearer {token}"}
        try:
            response = self._gitlab.http_request(
                verb,
                path,
                query_data=dict(query),
                post_data=None if body is None else dict(body),
                obey_rate_limit=False,
                extra_headers=bearer,
            )
        except ThrottledError as error:
            raise GitLabRefused(RETRY_LATER, "rate limited", error.retry_after_s) from error
        except RedirectError as error:
            raise GitLabRefused(MOVED, "moved: the project or the instance has another address now") from error
        except GitlabError as error:
            raise _of_status(error) from error
        except requests.Timeout as error:
            raise GitLabUnavailable("timed out") from error
        except requests.RequestException as error:
            raise GitLabUnavailable("the connection broke") from error
        return Answer(
            body=_json(response.content),
            content=response.content,
            has_next="next" in response.links,
            pages=_count(response.headers.get("X-Total-Pages", "")),
            exhausted_s=exhausted_for_s(response.headers),
        )


def look_around(session: requests.Session, url: str, ca_file: str | None) -> str | bool:
    """Give a session what the environment says of proxies; returns which certificates to trust.

    Found out once and not for each request; and never a .netrc, whose password would replace the token.
    """
    around = session.merge_environment_settings(url, {}, None, ca_file or True, None)
    session.proxies, session.trust_env = around["proxies"], False
    return around["verify"] or True


def _raise_throttled(response: requests.Response, *_args: Any, **_kwargs: Any) -> None:
    if response.status_code == RETRY_LATER:
        # Unread, it would keep its connection for ever.
        response.close()
        raise ThrottledError(retry_after_s(response.headers))


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """The seconds of ``Retry-After``: GitLab sends whole ones; proxies before it send fractions and dates too."""
    value = headers.get("Retry-After", "").strip()
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        until, now = parsedate_to_datetime(value), parsedate_to_datetime(headers.get("Date", ""))
        return max(0.0, (until - now).total_seconds())
    except (ValueError, TypeError):
        return None


def _json(content: bytes) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def _count(header: str) -> int | None:
    return int(header) if header.isascii() and header.isdigit() else None


def _of_status(error: GitlabError) -> GitLabError:
    status, message = error.response_code or 0, _message(error)
    if REFUSED_FROM <= status < FAILED_FROM:
        return GitLabRefused(status, message)
    return GitLabUnavailable(message, transient=status != NOT_IMPLEMENTED)


def _message(error: GitlabError) -> str:
    """GitLab's reason. Its shapes: text, ``{field: [reasons]}``, or the whole body where that is no JSON."""
    said: object = error.error_message
    text = said.decode(errors="replace") if isinstance(said, bytes) else str(said)
    if text.lstrip().startswith("<"):
        text = "an error page instead of an answer"
    return f"{error.response_code}: {' '.join(text.split()) or 'an empty answer'}"[:LONGEST_MESSAGE]
