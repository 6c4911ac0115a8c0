"""How fast GitLab may be asked: a limit of our own, and one gate for all when GitLab itself says "later"."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from time import monotonic

MINUTE_S = 60.0
_REMEMBERED = 500


class ClosedError(Exception):
    """GitLab asked to wait longer than anybody wants to. ``wait_s``: how long still."""

    def __init__(self, wait_s: float) -> None:
        super().__init__("rate limited")
        self.wait_s = wait_s


class Pace:
    """Reads wait here for their turn. ``taken`` counts the turns, those of writes too.

    :param per_minute: requests in any minute (GitLab.com: 2,000 for one user, docs.gitlab.com/security/rate_limits).
    """

    def __init__(self, per_minute: int, now: Callable[[], float] = monotonic) -> None:
        self._sent: deque[float] = deque(maxlen=per_minute)
        self._now = now
        self._closed_until = 0.0
        self._waits: deque[tuple[float, float]] = deque(maxlen=_REMEMBERED)
        self.taken = 0

    async def turn(self, longest_wait_s: float) -> None:
        """Return when the next read may be sent. Our own queue may be longer than ``longest_wait_s``.

        :raises ClosedError: when GitLab asked everybody to wait longer than that.
        """
        wait = self._reserve(longest_wait_s)
        while wait > 0:
            self._note(wait)
            await asyncio.sleep(wait)
            wait = self._until_open(longest_wait_s)

    def count(self) -> None:
        """A write goes at once, since somebody waits for it; it counts all the same."""
        self.taken += 1
        self._sent.append(self._now())

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

    def _reserve(self, longest_wait_s: float) -> float:
        wait = self._until_open(longest_wait_s)
        now = self._now()
        is_full = len(self._sent) == self._sent.maxlen
        slot = max(now + wait, self._sent[0] + MINUTE_S) if is_full else now + wait
        self.taken += 1
        self._sent.append(slot)
        return slot - now

    def _until_open(self, longest_wait_s: float) -> float:
        wait = max(0.0, self._closed_until - self._now())
        if wait > longest_wait_s:
            raise ClosedError(wait)
        return wait

    def _note(self, wait: float) -> None:
        now = self._now()
        self._waits.append((now, now + wait))


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
