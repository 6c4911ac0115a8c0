"""Faults that a test switches on: what a network and a busy GitLab do to a client."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Literal

_Plain = Literal["latency", "403", "404", "410", "429", "500", "502", "reset", "slow", "malformed"]
FaultKind = Literal[_Plain, "took_effect_then_reset", "took_effect_then_silence"]


@dataclass(frozen=True, slots=True)
class Fault:
    """``path_pattern`` is a shell pattern over the raw path below the API root, such as ``/projects/*/deployments``.

    ``seconds``: how long ``latency`` waits, what ``429`` says in Retry-After, how long ``slow`` takes in all, how
    long ``took_effect_then_silence`` holds the connection before it breaks. ``holds`` stands in the raw query string or
    in the body: ``status=running``, ``mutation``.
    """

    method: str
    path_pattern: str
    kind: FaultKind
    times: int = 1
    seconds: float = 1.0
    holds: str = ""


class Faults:
    """The faults that are on. Each is used up by as many matching requests as its ``times`` says."""

    def __init__(self) -> None:
        self._left: list[Fault] = []

    def add(self, fault: Fault) -> None:
        self._left.append(fault)

    def clear(self) -> None:
        self._left.clear()

    def take(self, method: str, path: str, sent: str = "") -> Fault | None:
        for place, fault in enumerate(self._left):
            if fault.method in {method, "*"} and fnmatchcase(path, fault.path_pattern) and fault.holds in sent:
                self._left[place : place + 1] = [replace(fault, times=fault.times - 1)] if fault.times > 1 else []
                return fault
        return None
