"""What has just gone live, as GitLab tells it, and whether it is where a card would go back to."""

from __future__ import annotations

from dataclasses import dataclass

from backtrace_core.model import Place, Verdict

SHORTEST_SHA = 7


@dataclass(frozen=True, slots=True)
class Arrival:
    """``sha`` may be cut: hooks tell eight characters. Empty for what did not end well."""

    place: Place
    sha: str


def is_target(verdict: Verdict, arrival: Arrival) -> bool:
    """Whether this version is where one of the verdict's legs would go back to, in the same place."""
    if len(arrival.sha) < SHORTEST_SHA:
        return False
    legs = (leg for leg in verdict.legs if leg.place == arrival.place and leg.plan.target is not None)
    return any(leg.plan.target is not None and leg.plan.target.sha.startswith(arrival.sha) for leg in legs)
