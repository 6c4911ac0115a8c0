"""Three rules that others published, on the same cases. Each orders the merge requests that it can name.

Where a rule leaves an order open, the order is taken that does better here: newer merge requests first, inner frames
first.

- Newest blame: the newest of the commits that wrote the frames' own lines, if it is younger than a year (Sentry,
  ``integrations/utils/commit_context.py``). It names one; the next ones here are those that would follow.
- Path suffix: commits of the release and up to four before it, by how many path segments at the end of a changed file
  equal a frame's; 5, 4, 3, 2, 1 points to the authors, by frame, until they are spent (Sentry before,
  ``utils/committers.py``). It names authors; here their merge requests that match.
- Predator: a sum of hand-set weights for a Chrome crash (chromium/infra, ``appengine/predator``): distance in lines 2,
  frame index 1, touched a crashed file 1, rarity of the path 1, touched a crashed folder 1, many touched files -0.5.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

YEAR = timedelta(days=365)
MOST_FRAMES, POINTS = 25, (5, 4, 3, 2, 1)
FARTHEST_LINE, FARTHEST_FRAME = 50, 7
FEW_FILES, MANY_FILES = 15, 45
WEIGHTS = {"distance": 2.0, "frame": 1.0, "file": 1.0, "idf": 1.0, "folder": 1.0, "files": -0.5}
DENIED_FOLDERS = frozenset(("base",))


@dataclass(frozen=True, slots=True)
class Touched:
    """One merge request, as the rules see it. ``lines``: those of the deployed version that it wrote, by path."""

    number: int
    author: str
    at: datetime
    paths: tuple[str, ...]
    lines: Mapping[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Line:
    """A frame of own code: its path in the repository, its line, and by blame who wrote that and when.

    ``number`` is the merge request's; None where no candidate wrote it.
    """

    path: str
    line: int
    number: int | None
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Seen:
    """``lines``: innermost first."""

    lines: tuple[Line, ...]
    changes: tuple[Touched, ...]
    now: datetime


def newest_blame(seen: Seen) -> tuple[int, ...]:
    """What wrote the frames' lines, newest first. A first one that is nobody's merge request names nobody: it ends."""
    known = [line for line in seen.lines if line.at is not None and line.at > seen.now - YEAR]
    order: dict[int, None] = {}
    for line in sorted(known, key=lambda line: line.at or seen.now, reverse=True):
        if line.number is None:
            break
        order.setdefault(line.number)
    return tuple(order)


def path_suffix(seen: Seen) -> tuple[int, ...]:
    """The merge requests that match best, those of the authors with the most points first."""
    points: dict[str, int] = defaultdict(int)
    left = list(POINTS)
    newest = _newest_first(seen.changes)
    matching: dict[int, str] = {}
    for line in seen.lines[:MOST_FRAMES]:
        for change in _closest(line.path, newest):
            matching.setdefault(change.number, change.author)
            if left:
                points[change.author] += left.pop(0)
    by_number = {change.number: change for change in newest}
    return tuple(sorted(matching, key=lambda n: (-points[matching[n]], -by_number[n].at.timestamp())))


def _closest(path: str, changes: Iterable[Touched]) -> list[Touched]:
    scored = [(max((_match(path, own) for own in change.paths), default=0), change) for change in changes]
    best = max((score for score, _ in scored), default=0)
    return [change for score, change in scored if score == best and score > 0]


def _match(path: str, own: str) -> int:
    """A bare name that is equal is no match for a file in a folder."""
    score = shared_end(path, own)
    return 0 if score == 1 and "/" in own else score


def shared_end(one: str, other: str) -> int:
    """How many path segments at the end are equal."""
    count = 0
    for a, b in zip(reversed(one.split("/")), reversed(other.split("/")), strict=False):
        if a != b:
            break
        count += 1
    return count


def predator(seen: Seen) -> tuple[int, ...]:
    """By the sum of weights; those without any are left out."""
    scores = {change.number: predator_score(change, seen) for change in seen.changes}
    order = [change.number for change in _newest_first(seen.changes)]
    return tuple(sorted((n for n in order if scores[n] > 0), key=lambda n: -scores[n]))


def predator_score(change: Touched, seen: Seen) -> float:
    """Features lie between 0 and 1. The first four count only where a frame's file is touched."""
    met = [(index, line) for index, line in enumerate(seen.lines) if line.path in change.paths]
    value = WEIGHTS["files"] * min(1.0, max(0.0, (len(change.paths) - FEW_FILES) / (MANY_FILES - FEW_FILES)))
    folders = {_folder(line.path) for line in seen.lines} - DENIED_FOLDERS
    value += WEIGHTS["folder"] * any(_folder(path) in folders for path in change.paths)
    if not met:
        return value
    value += WEIGHTS["file"]
    value += WEIGHTS["distance"] * max(_near(line, change.lines.get(line.path, ())) for _, line in met)
    value += WEIGHTS["frame"] * max(0.0, 1 - min(index for index, _ in met) / FARTHEST_FRAME)
    return value + WEIGHTS["idf"] * max(_rarity(line.path, seen.changes) for _, line in met)


def _near(line: Line, own: Sequence[int]) -> float:
    distance = min((abs(line.line - one) for one in own), default=FARTHEST_LINE)
    return max(0.0, 1 - distance / FARTHEST_LINE)


def _rarity(path: str, changes: Sequence[Touched]) -> float:
    """``idf = log(all / (1 + with it))``, squeezed into 0 to 1 by the logistic function."""
    with_it = sum(path in change.paths for change in changes)
    ratio = len(changes) / (1 + with_it)
    return ratio / (1 + ratio)


def _folder(path: str) -> str:
    return path.rpartition("/")[0]


def _newest_first(changes: Iterable[Touched]) -> list[Touched]:
    return sorted(changes, key=lambda change: (change.at, change.number), reverse=True)


BASELINES = {"newest blame": newest_blame, "path suffix": path_suffix, "Predator": predator}
