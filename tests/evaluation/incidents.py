"""Small incidents: an alert, candidates, what is known beside them, and what the rules say."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from backtrace_core.alerts.stack import frames_in
from backtrace_core.model import (
    Alert,
    Candidate,
    Change,
    Deployment,
    FileDiff,
    Harvest,
    Hunk,
    Suspect,
)
from backtrace_core.rank import rank
from tests.core.builders import alert, before, change, changed, deployment, harvest, lines

NOBODY = change(99, "Repaint garage doors", changed("garage/door.go", lines(*("paint := true",) * 7)))
LATELY, LONG_AGO = deployment(7, before(6)), deployment(3, before(hours=5))
PYTHON = """Traceback (most recent call last):
  File "/srv/web/shop/app.py", line 37, in check_out
    gross = self.pricing.total(cart) + self.taxes.of(cart)
  File "/srv/web/shop/pricing.py", line 33, in line_total
    amount = price.cents * line.quantity
TypeError: can't multiply sequence by non-int of type 'str'"""


@dataclass(frozen=True)
class Incident:
    name: str
    alert: Alert
    harvest: Harvest
    suspects: tuple[Suspect, ...]


def shipped(*changes: Change, by: Deployment = LATELY) -> tuple[Candidate, ...]:
    return tuple(Candidate(each, by, ()) for each in changes)


def incident(
    name: str,
    asked: Alert,
    candidates: Iterable[Candidate],
    *known: Change,
    **more: object,
) -> Incident:
    """With one more candidate that has nothing to do with it, and as many as say that a word is rare."""
    several = (*candidates, *shipped(NOBODY, by=LONG_AGO))
    rows = {c.deployment.id: c.deployment for c in several if c.deployment is not None}
    pairs = [
        (row, tuple(c.change for c in several if c.deployment is not None and c.deployment.id == row.id))
        for row in rows.values()
    ]
    found = harvest(*pairs)
    own = (*found.changes, *(c.change for c in several if c.deployment is None), *known)
    told = replace(found, changes=own, **more)  # type: ignore[arg-type]
    return Incident(name, asked, told, rank(several, asked, told).suspects)


def edited(path: str, removed: str, added: str, at: int = 5) -> FileDiff:
    old, new = (tuple(enumerate(text.splitlines(), start=at)) for text in (removed, added))
    return changed(path, Hunk(at, len(old), at, len(new), "", tuple(new), tuple(old)))


def moved(old: str, new: str) -> FileDiff:
    return replace(changed(new), old_path=old, renamed_file=True)


def traced(text: str = PYTHON) -> Alert:
    return alert("web: trouble", text, frames=frames_in(text))


SESSION = edited("auth/session.py", "", "check_expiry(token)\nrefuse_early()")
