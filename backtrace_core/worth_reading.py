"""Which changes are worth reading in full: those that can still matter, by what is cheap to know."""

from __future__ import annotations

from dataclasses import replace

from backtrace_core.bumps import has_bumps
from backtrace_core.evidence.context import Context, context_of, corpus_for
from backtrace_core.evidence.file_kinds import is_settings
from backtrace_core.evidence.rules import evidence_for
from backtrace_core.history import arrived
from backtrace_core.migrations import is_migration
from backtrace_core.model import Alert, Candidate, Harvest
from backtrace_core.weighing import score

_UNKNOWN = 1.0
"""Nats for a change of which not even the paths are known: it may be about anything."""
_MAY_POINT = 2.5
"""Nats beside a trace for settings, migrations and lists of packages: the error's cause may stand in them, and only
their lines tell."""


def worth_reading(candidates: tuple[Candidate, ...], alert: Alert, harvest: Harvest, most: int) -> tuple[str, ...]:
    """The keys of at most ``most`` changes, likeliest first, by time, titles, descriptions and paths.

    The rules of evidence themselves decide, on changes whose files have no text yet: a change that they would put far
    behind even so comes forward only by words of its code, and then the likelier ones have to be read first anyway.
    """
    # What goes with what is learned from what the changes say of themselves, and most of that is not read yet.
    context = context_of(candidates, alert, harvest, replace(corpus_for(candidates, harvest), telling=()))
    ranked = sorted(candidates, key=lambda candidate: (-_promise(candidate, alert, context), *_newest_first(candidate)))
    return tuple(candidate.change.key for candidate in ranked[:most])


def _promise(candidate: Candidate, alert: Alert, context: Context) -> float:
    unknown = 0.0 if candidate.change.files else _UNKNOWN
    pointed = _MAY_POINT if alert.frames and any(_may_point(file.path) for file in candidate.change.files) else 0.0
    return score(evidence_for(candidate, alert, context), context.model) + unknown + pointed


def _may_point(path: str) -> bool:
    return is_settings(path) or is_migration(path) or has_bumps(path)


def _newest_first(candidate: Candidate) -> tuple[float, str]:
    return (-arrived(candidate).timestamp(), candidate.change.key)
