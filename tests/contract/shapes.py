"""Two JSON values of one shape: the same keys, and values of the same kind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def differences(golden: Any, ours: Any, where: str = "") -> Iterator[str]:
    """Where ``ours`` has another shape. Lists are compared by the shape of their rows, null with everything."""
    if golden is None or ours is None:
        return
    if isinstance(golden, dict) and isinstance(ours, dict):
        yield from (f"{where}.{key} is missing" for key in golden.keys() - ours.keys())
        yield from (f"{where}.{key} is too much" for key in ours.keys() - golden.keys())
        for key in golden.keys() & ours.keys():
            yield from differences(golden[key], ours[key], f"{where}.{key}")
    elif isinstance(golden, list) and isinstance(ours, list):
        for row in ours if golden else ():
            yield from differences(golden[0], row, f"{where}[]")
    elif _kind(golden) != _kind(ours):
        yield f"{where} is {_kind(ours)} instead of {_kind(golden)}"


def _kind(value: Any) -> str:
    return "number" if isinstance(value, int | float) and not isinstance(value, bool) else type(value).__name__
