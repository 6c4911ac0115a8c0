"""Reading within a time budget: what can't be read becomes a Gap with its reason, and the rest goes on."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from time import monotonic
from typing import TypeVar

from backtrace_core.model import Gap
from bot.gitlab.client import GitLabError, GitLabRefused
from bot.gitlab.errors import GitLabUnreadable
from bot.gitlab.pace import Pace
from bot.gitlab.shapes import MALFORMED

T = TypeVar("T")

UNANSWERED = (GitLabError, TimeoutError, *MALFORMED)
"""What reading raises where an answer did not come, or is of no use."""

SOURCE = "GitLab"
_UNEXPECTED = "GitLab's answer has an unexpected form"
LONGEST_WAIT_S = 60.0
"""Of waiting for a rate limit; what GitLab and our own count allow comes back within a minute."""
NAMED_IN_A_GAP = 3
"""How many things one gap names; of more it tells the number."""

_REASONS: Mapping[int, str] = {
    401: "GitLab does not accept the token",
    403: "the token may not read it",
    404: "not found, or the token may not see it",
    410: "gone",
    429: "rate limited by GitLab",
}


class Reading:
    """The reads of one harvest, within ``budget_s`` seconds. What GitLab's limit makes them wait comes on top."""

    def __init__(self, budget_s: float, pace: Pace) -> None:
        self._budget_s = budget_s
        self._pace = pace
        self._began = monotonic()
        self._missed: dict[tuple[str, str], list[str]] = {}

    async def read(self, what: str, of: str, ask: Callable[[], Awaitable[T]], otherwise: T) -> T:
        """What ``ask`` returns, or ``otherwise`` and a gap: ``what`` is the kind ("diff"), ``of`` the thing ("!45")."""
        try:
            return await self.require(ask)
        except UNANSWERED as error:
            self.miss(what, of, self.why(error))
        return otherwise

    def why(self, error: Exception) -> str:
        """The reason for a gap: ``error`` is one of ``UNANSWERED``."""
        return f"not read within {self._budget_s:g} s" if isinstance(error, TimeoutError) else why_unanswered(error)

    async def require(self, ask: Callable[[], Awaitable[T]]) -> T:
        """The same without a net.

        :raises GitLabError: as the client says.
        :raises TimeoutError: when the budget is used up.
        """
        asked = asyncio.ensure_future(ask())
        try:
            while not asked.done() and (left := self._left_s()) > 0:
                await asyncio.wait((asked,), timeout=left)
            if not asked.done():
                raise TimeoutError
            return asked.result()
        finally:
            asked.cancel()

    def _left_s(self) -> float:
        waited = min(self._pace.waited_s(self._began), LONGEST_WAIT_S)
        return self._began + self._budget_s + waited - monotonic()

    def miss(self, what: str, of: str, why: str) -> None:
        self._missed.setdefault((what, why), []).append(of)

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """One gap for each kind and reason, however many things it stands for; and how long GitLab's limit took."""
        missed = tuple(Gap(SOURCE, _named(what, things), why) for (what, why), things in self._missed.items())
        waited = round(self._pace.waited_s(self._began))
        return (
            (*missed, Gap(SOURCE, "the facts any sooner", f"waited {waited} s for GitLab's rate limit"))
            if waited
            else missed
        )


def why_unanswered(error: Exception) -> str:
    """The same where nobody knows the budget."""
    if isinstance(error, GitLabError):
        return reason_of(error)
    return "not read in time" if isinstance(error, TimeoutError) else _UNEXPECTED


def reason_of(error: GitLabError) -> str:
    """Why something could not be read, for people."""
    if isinstance(error, GitLabUnreadable):
        return _UNEXPECTED
    known = _REASONS.get(error.status) if isinstance(error, GitLabRefused) else None
    return known or str(error)


_LASTING = frozenset(_REASONS[status] for status in (401, 403, 404, 410))


def lasts(error: GitLabError) -> bool:
    """Whether the same answer is to be expected a minute later."""
    return isinstance(error, GitLabRefused) and error.status != HTTPStatus.TOO_MANY_REQUESTS


def is_lasting(gap: Gap) -> bool:
    """The same of what could not be read: a right that is missing, or more than is ever read."""
    return gap.why in _LASTING or gap.why.startswith("only the newest")


def _named(what: str, things: list[str]) -> str:
    named = [thing for thing in things if thing]
    if not named:
        return what
    shown = ", ".join(named[:NAMED_IN_A_GAP])
    more = len(named) - NAMED_IN_A_GAP
    return f"{what} of {shown} and {more} more" if more > 0 else f"{what} of {shown}"
