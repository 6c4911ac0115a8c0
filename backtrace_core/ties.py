"""What ties a change to the alert firmly enough to name it.

A path, an identifier, a frame, the error's own words; or two different things that tell something: of a project of few
known changes nobody can say how rare a word is, and one that both happen to have is chance, in however many places it
stands. Where many changes are known its rarity is in the score already, and one that tells something is enough. That
the version is hit that brought the change, and the one beside it is not, ties what came alone with that version; of
several it is one of the two things. A change that is not where the trouble was seen is tied by nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from backtrace_core.evidence.blamed_line import RULE as BLAMED
from backtrace_core.evidence.bumped_package import RULE as BUMPED
from backtrace_core.evidence.change_words import CODE, DESCRIPTION
from backtrace_core.evidence.context import Context
from backtrace_core.evidence.frame_in_hunk import RULE as FRAMES
from backtrace_core.evidence.message_in_lines import RULE as MESSAGE
from backtrace_core.evidence.moved_file import RULE as MOVED
from backtrace_core.evidence.named_in_alert import is_named_flag, named_identifiers, named_paths
from backtrace_core.evidence.schema_in_error import RULE as SCHEMA
from backtrace_core.evidence.setting_in_error import RULE as SETTING
from backtrace_core.evidence.symptom_fits import fitting
from backtrace_core.model import Candidate, Change, Evidence
from backtrace_core.words import words_in

POINTERS = frozenset((FRAMES, BLAMED, MESSAGE, MOVED, SETTING, SCHEMA, BUMPED))
"""Rules that find what the alert points at: a line, words, or what it says is missing or wrong."""
ENOUGH_THINGS = 2
KNOWN = 200
_LEAST, _LEAST_WORD = 0.4, 0.55
"""In nats, and of a shared word as it was measured, before its weight."""
_BARS = {FRAMES: 1.2, SETTING: 5.0}
"""More than a file that the trace passes, which thirty changes may touch; a setting only where the error quotes it."""


def is_tied(candidate: Candidate, evidence: tuple[Evidence, ...], context: Context) -> bool:
    """``candidate`` has its diff; ``evidence`` is what the rules said of it."""
    key = candidate.change.key
    if context.exposure.clears(key):
        return False
    return context.exposure.only_new(key) or _is_pointed_at(candidate, evidence, context) or _is_spoken_of(key, context)


def _is_pointed_at(candidate: Candidate, evidence: tuple[Evidence, ...], context: Context) -> bool:
    if any(points(e) for e in evidence):
        return True
    if is_named_flag(candidate.change, context) or any(named_paths(candidate.change, context)):
        return True
    if any(_telling_identifiers(candidate.change, context)):
        return True
    by_version = candidate.change.key in context.exposure.new_in
    return len(_things(candidate.change, context)) + by_version >= ENOUGH_THINGS


def points(evidence: Evidence) -> bool:
    """Whether a fact by itself is enough to name somebody by."""
    return evidence.rule in POINTERS and evidence.weight >= _BARS.get(evidence.rule, _LEAST)


def _is_spoken_of(key: str, context: Context) -> bool:
    return len(context.corpus.words) >= KNOWN and bool(context.shared(key))


def _telling_identifiers(change: Change, context: Context) -> Iterator[str]:
    """``user_id`` and the like are in every log line."""
    for name, _ in named_identifiers(context.words(change.key), context):
        if any(words_in(name)):
            yield name


def _things(change: Change, context: Context) -> set[str]:
    """Shared words and the kinds of cause that fit; none where only code and descriptions share them."""
    shared = context.shared(change.key)
    if all(field in (CODE, DESCRIPTION) for field, _ in shared.values()):
        return set()
    telling = {word for word, (field, much) in shared.items() if field != DESCRIPTION and much >= _LEAST_WORD}
    return telling | {cause for symptom in context.symptoms for cause in fitting(change, symptom, context)}
