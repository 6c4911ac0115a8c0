"""How fast GitLab may be asked: a limit of our own, and one gate for all when GitLab itself says "later"."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from time import monotonic

MINUTE_S = 60.0
_REMEMBERED = 500


class ClosedError(Exception):
    """GitLab asked to wait longer than anybody wants to. ``wait_s``: how long still."""

    def __init__(self, wait_s: float) -> None:
        super().__init__("rate limited")
        self.wait_s = wait_s


@dataclass(slots=True)
class _Turn:
    """``at``: when it is to go, and once it went, when that was. ``after``: the one that it takes the place of."""

    at: float
    after: _Turn | None


class Pace:
    """Reads wait here for their turn. ``taken`` counts the turns, those of writes too.

    :param per_minute: requests in any minute (GitLab.com: 2,000 for one user, docs.gitlab.com/security/rate_limits).
    """

    def __init__(self, per_minute: int, now: Callable[[], float] = monotonic) -> None:
        self._turns: deque[_Turn] = deque(maxlen=per_minute)
        self._now = now
        self._closed_until = 0.0
        self._waits: deque[tuple[float, float]] = deque(maxlen=_REMEMBERED)
        self.taken = 0

    async def turn(self, longest_wait_s: float) -> None:
        """Return when the next read may be sent. Our own queue may be longer than ``longest_wait_s``.

        :raises ClosedError: when GitLab asked everybody to wait longer than that.
        """
        turn = self._reserve(longest_wait_s)
        while (wait := self._left(turn, longest_wait_s)) > 0:
            self._note(wait)
            await asyncio.sleep(wait)
        turn.at, turn.after = self._now(), None

    def count(self) -> None:
        """A write goes at once, since somebody waits for it; it counts all the same."""
        self.taken += 1
        self._turns.append(_Turn(self._now(), None))

    def close(self, seconds: float) -> None:
        """GitLab said: not before ``seconds`` from now. All reads wait, not only the one that was told."""
        self._closed_until = max(self._closed_until, self._now() + seconds)

    def waited_s(self, since: float) -> float:
        """For how long reads had to wait, ``since`` a moment of the clock; waits side by side count once."""
        now, total, upto = self._now(), 0.0, since
        for began, ended in self._waits:
            total += max(0.0, min(ended, now) - max(began, upto))
            upto = max(upto, min(ended, now))
        return total

    def _reserve(self, longest_wait_s: float) -> _Turn:
        opens = self._now() + self._until_open(longest_wait_s)
        turn = _Turn(opens, self._turns[0] if len(self._turns) == self._turns.maxlen else None)
        turn.at = max(opens, _free_at(turn))
        self.taken += 1
        self._turns.append(turn)
        return turn

    def _left(self, turn: _Turn, longest_wait_s: float) -> float:
        """A busy process wakes late: what counts is when the one a minute before really went."""
        return max(turn.at - self._now(), _free_at(turn) - self._now(), self._until_open(longest_wait_s))

    def _until_open(self, longest_wait_s: float) -> float:
        wait = max(0.0, self._closed_until - self._now())
        if wait > longest_wait_s:
            raise ClosedError(wait)
        return wait

    def _note(self, wait: float) -> None:
        now = self._now()
        self._waits.append((now, now + wait))


def _free_at(turn: _Turn) -> float:
    return turn.after.at + MINUTE_S if turn.after is not None else turn.at


def exhausted_for_s(headers: Mapping[str, str]) -> float | None:
    """Seconds until GitLab counts anew, where this answer was the last that it gives; else None.

    ``RateLimit-Reset`` is a unix time of GitLab's clock, so that it is compared with ``Date``.
    """
    if headers.get("RateLimit-Remaining", "").strip() != "0":
        return None
    try:
        reset = float(headers["RateLimit-Reset"])
        return max(0.0, reset - parsedate_to_datetime(headers["Date"]).timestamp())
    except (KeyError, ValueError, TypeError):
        return None
