"""A probability in words. Pure."""

from __future__ import annotations

ALL = 100


def percent(probability: float) -> str:
    """``87 %`` of 0.87; what rounds to all or to nothing as a bound, since the ranking is certain of neither."""
    rounded = round(probability * ALL)
    if rounded >= ALL:
        return f"over {ALL - 1} %"
    return f"{rounded} %" if rounded > 0 else "under 1 %"
