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

AGAIN = 100_000
"""A run whose moment never came is drawn anew, by a number that is so much higher."""


@dataclass(frozen=True, slots=True, order=True)
class Moment:
    """``kind``: before, after, recorded of a durable step; gitlab-before, gitlab-after, slack-before, slack-after of
    an effect, or of a delivery of Slack's. ``nth`` counts from 1 within a run.
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
    """The kill of a run: half of all in a moment, half between two. Steps and effects take turns, steps first."""
    everything = [(story, one) for story, moments in sorted(recorded.items()) for one in moments]
    names = [*((True, name) for name in names_of(recorded, of_steps=True))]
    names += [(False, name) for name in names_of(recorded, of_steps=False)]
    cycle, place = divmod(run % AGAIN, len(names))
    of_name = [(story, one) for story, one in everything if (one.moment.is_step, one.moment.name) == names[place]]
    # Within a name its kinds take turns as well, so that "before" is not starved by what happens more often; each has
    # two, as every second kill is between two moments.
    kinds = sorted({one.moment.kind for _, one in of_name})
    kind = kinds[(cycle // 2 + place) % len(kinds)]
    story, chosen = min(
        (pair for pair in of_name if pair[1].moment.kind == kind),
        key=lambda pair: fraction(seed, run, pair[0], str(pair[1].moment)),
    )
    is_between = (cycle + place) % 2 == 1
    delay_s = max(chosen.gap_s * fraction(seed, run, "delay"), SHORTEST_S / 2) if is_between else 0.0
    return Kill(story, chosen.moment, delay_s)


def names_of(recorded: Mapping[str, Sequence[Heard]], *, of_steps: bool) -> list[str]:
    """The names of all steps that the stories pass, or of all effects."""
    moments = (one.moment for moments in recorded.values() for one in moments)
    return sorted({moment.name for moment in moments if moment.is_step is of_steps})


def fraction(*parts: object) -> float:
    """A number from 0 to 1 that these parts always give."""
    digest = hashlib.sha256("\x1f".join(map(str, parts)).encode()).digest()
    return int.from_bytes(digest[:8]) / 2**64
