"""The moments of a run in which a bot may be killed, and how a kill is drawn from them. Pure.

Drawing goes by rank of a hash, not by place in a list: a moment that one recording lacks changes no other run's kill.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

STEP_MOMENTS = ("before", "after", "recorded")
SHORTEST_S, LONGEST_S = 0.002, 3.0
AT, BETWEEN = "at", "between"


@dataclass(frozen=True, slots=True, order=True)
class Moment:
    """``kind``: before, after, recorded of a durable step; gitlab-before, gitlab-after, slack-before, slack-after of
    an effect. ``nth`` counts from 1 within a run.
    """

    kind: str
    name: str
    nth: int

    @property
    def is_step(self) -> bool:
        return self.kind in STEP_MOMENTS

    def __str__(self) -> str:
        return f"{self.kind} {self.name} #{self.nth}"


@dataclass(frozen=True, slots=True)
class Heard:
    """A moment, and the seconds until the next one."""

    moment: Moment
    gap_s: float


@dataclass(frozen=True, slots=True)
class Kill:
    """``delay_s`` after the moment; 0: in it."""

    story: str
    moment: Moment
    delay_s: float

    def __str__(self) -> str:
        return f"{self.moment}{f' + {self.delay_s * 1000:.0f} ms' if self.delay_s else ''}"


def heard(seen: Iterable[tuple[float, str, str]]) -> tuple[Heard, ...]:
    """What was seen (seconds, kind, name), in any order, as moments in theirs."""
    ordered = sorted(seen)
    counts: Counter[tuple[str, str]] = Counter()
    found = []
    for place, (at, kind, name) in enumerate(ordered):
        counts[kind, name] += 1
        following = ordered[place + 1][0] if place + 1 < len(ordered) else at
        gap_s = min(max(following - at, SHORTEST_S), LONGEST_S)
        found.append(Heard(Moment(kind, name, counts[kind, name]), gap_s))
    return tuple(found)


def draw(recorded: Mapping[str, Sequence[Heard]], seed: int, run: int) -> Kill:
    """The kill of a run. Even runs are killed in a moment, odd ones between two; steps and effects take turns."""
    everything = [(story, one) for story, moments in sorted(recorded.items()) for one in moments]
    manner, turn = (AT, BETWEEN)[run % 2], run // 2
    steps = sorted({one.moment.name for _, one in everything if one.moment.is_step})
    effects = sorted({one.moment.name for _, one in everything if not one.moment.is_step})
    names = [(True, name) for name in steps] + [(False, name) for name in effects]
    is_step, name = names[turn % len(names)]
    of_name = [(story, one) for story, one in everything if (one.moment.is_step, one.moment.name) == (is_step, name)]
    # Within a name its kinds take turns as well, so that "before" is not starved by what happens more often.
    kinds = sorted({one.moment.kind for _, one in of_name})
    kind = kinds[turn // len(names) % len(kinds)]
    story, chosen = min(
        (pair for pair in of_name if pair[1].moment.kind == kind),
        key=lambda pair: fraction(seed, run, pair[0], str(pair[1].moment)),
    )
    delay_s = 0.0 if manner == AT else max(chosen.gap_s * fraction(seed, run, "delay"), SHORTEST_S / 2)
    return Kill(story, chosen.moment, delay_s)


def fraction(*parts: object) -> float:
    """A number from 0 to 1 that these parts always give."""
    digest = hashlib.sha256("\x1f".join(map(str, parts)).encode()).digest()
    return int.from_bytes(digest[:8]) / 2**64
