"""Troubles that can be switched on: one method at a time, for a number of calls."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

FaultKind = Literal["latency", "429", "500", "502", "reset", "took_effect_then_reset", "took_effect_then_silence"]


@dataclass(frozen=True, slots=True)
class Fault:
    """One trouble of a Web API method (``*``: any) for the next ``times`` calls.

    ``seconds`` is the wait of ``latency``, the ``Retry-After`` of ``429``, and how long ``took_effect_then_silence``
    holds the connection before it breaks.
    """

    method: str
    kind: FaultKind
    times: int = 1
    seconds: float = 1.0


@dataclass(slots=True)
class Faults:
    """The troubles that are still to come, oldest first."""

    waiting: list[Fault] = field(default_factory=list)

    def add(self, fault: Fault) -> None:
        self.waiting += [fault] * fault.times

    def take(self, method: str) -> Fault | None:
        """The next trouble for that method, which is used up by taking it."""
        for place, fault in enumerate(self.waiting):
            if fault.method in (method, "*"):
                return self.waiting.pop(place)
        return None
