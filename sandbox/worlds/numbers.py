"""Ids as a GitLab hands them out: they only grow, and unevenly, since other projects take some in between."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Numbers:
    """Ids for the ``n``-th thing of a kind in one project, n from 0 on. The project's id moves all of them."""

    project: int

    def issue(self, n: int) -> int:
        return self._grown(7_300, n, 9)

    def merge_request(self, n: int) -> int:
        return self._grown(15_600, n, 7)

    def environment(self, n: int) -> int:
        return self._grown(210, n, 2)

    def pipeline(self, n: int) -> int:
        return self._grown(93_000, n, 31)

    def deployment(self, n: int) -> int:
        return self._grown(47_900, n, 23)

    def job(self, n: int) -> int:
        return self._grown(812_000, n, 173)

    def _grown(self, start: int, n: int, step: int) -> int:
        return start + self.project * step + n * step + (n * n * 17 + self.project) % step
