"""The kind of trouble and the kind of change go together: memory and a cache, latency and a migration."""

from __future__ import annotations

from backtrace_core.evidence.change_words import ChangeWords
from backtrace_core.evidence.context import Context
from backtrace_core.evidence.file_kinds import is_product_code
from backtrace_core.evidence.links import file_url
from backtrace_core.evidence.words_shared import what_it_does
from backtrace_core.migrations import is_migration
from backtrace_core.model import Alert, Candidate, Change, Evidence, Family
from backtrace_core.symptom import AS_WRITTEN, Symptom

RULE = "symptom_fits"
MIGRATION, BY_NAME, BY_CODE = 1.5, 0.8, 0.5
"""By the culprit set: of 7 alerts that a migration could explain one did in 2 (0.6 by chance), by code in 7 of 39
(4.3 by chance), by name in 2 of 24 (2.3)."""


def symptom_fits(candidate: Candidate, _alert: Alert, context: Context) -> Evidence | None:
    """The best fit among the kinds of trouble that the alert speaks of."""
    fits = [fit for s in context.symptoms if (fit := _fit(candidate.change, s, context)) is not None]
    return max(fits, key=lambda evidence: evidence.weight, default=None)


def fitting(change: Change, symptom: Symptom, context: Context) -> frozenset[str]:
    """What of the change could bring such trouble on: a migration's path, and words that the alert itself lacks.

    A word that the alert has as well is counted as a shared word already.
    """
    migration = _migration(change, symptom)
    words = context.words(change.key)
    causes = symptom.causes & (words.title.keys() | words.work_item.keys() | words.path.keys())
    named = causes if any(is_product_code(file) for file in change.files) else frozenset()
    return named - frozenset(context.said) | frozenset((migration,) if migration else ())


def _migration(change: Change, symptom: Symptom) -> str | None:
    return next((f.path for f in change.files if is_migration(f.path)), None) if symptom.by_migration else None


def _fit(change: Change, symptom: Symptom, context: Context) -> Evidence | None:
    about = f"{context.teller.capitalize()} is about {symptom.name}, and"
    migration = _migration(change, symptom)
    if migration is not None:
        says = f"{about} it changes the database ({migration})"
        return Evidence(RULE, MIGRATION, says, file_url(change, migration), Family.MECHANISM)
    named = sorted(fitting(change, symptom, context))
    if named:
        says, url = _where(change, named, context.words(change.key))
        return Evidence(RULE, BY_NAME, f"{about} {says}", url, Family.MECHANISM)
    words = context.words(change.key)
    in_code = sorted((symptom.causes & set(words.code)) - set(context.said))
    if in_code:
        path = words.code[in_code[0]]
        says = f'{about} it changes code about "{AS_WRITTEN[in_code[0]]}" in {path}'
        return Evidence(RULE, BY_CODE, says, file_url(change, path), Family.MECHANISM)
    return None


def _where(change: Change, named: list[str], words: ChangeWords) -> tuple[str, str]:
    """The place of the first of the ``named`` words that a path has, else the title, else a work item."""
    path = next((words.path[word] for word in named if word in words.path), None)
    if path is not None:
        return f"it changes {path}", file_url(change, path)
    titled = next((word for word in named if word in words.title), None)
    if titled is not None:
        return f'its title is about "{AS_WRITTEN[titled]}"', change.url
    return what_it_does(change, named[0])
