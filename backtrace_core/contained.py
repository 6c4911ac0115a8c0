"""Whether a deployment contains a suspect's change: what git is asked, and how its answers are read.

The one place for the rule: a deployment is free of a change only where git was asked about the two and neither said so
nor failed. Whatever else counts as contained, since a wrong target does harm and a missing one only delays.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from backtrace_core.model import Change, Deployment, Lineage


class Holds(Enum):
    YES = auto()
    NO = auto()
    UNKNOWN = auto()


@dataclass(frozen=True, slots=True)
class Asked:
    """``targets`` may be gone back to, ``under_way`` may bring the suspects' ``changes`` (again).

    ``elsewhere`` is what is live in the service's other places.
    """

    targets: tuple[Deployment, ...] = ()
    under_way: tuple[Deployment, ...] = ()
    changes: tuple[Change, ...] = ()
    elsewhere: tuple[Deployment, ...] = ()

    @property
    def deployments(self) -> tuple[Deployment, ...]:
        return (*self.targets, *self.under_way, *self.elsewhere)


@dataclass(frozen=True, slots=True)
class Answers:
    """What git said to what it was asked."""

    asked: Asked
    lineage: Lineage

    def holds(self, deployment: Deployment, change: Change) -> Holds:
        pair = (deployment.id, change.key)
        if pair in self.lineage.contains:
            return Holds.YES
        about = any(d.id == deployment.id for d in self.asked.deployments)
        known = about and any(c.key == change.key for c in self.asked.changes)
        return Holds.NO if known and pair not in self.lineage.unknown else Holds.UNKNOWN

    def undone(self, target: Deployment) -> tuple[str, ...] | None:
        """The keys of the changes that going back to ``target`` takes away; None: they could not be read."""
        return next((keys for number, keys in self.lineage.undone if number == target.id), None)
