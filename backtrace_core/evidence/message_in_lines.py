"""The changed lines have the error's message, word for word."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice

from backtrace_core.alerts.stack import without_trace
from backtrace_core.evidence.context import Context
from backtrace_core.evidence.file_kinds import is_product_code
from backtrace_core.evidence.links import file_url
from backtrace_core.model import Alert, Candidate, Change, Evidence
from backtrace_core.words import words_in

RULE = "message_in_lines"
WEIGHT = 3.0
"""Believed, not measured: the culprit set has no lines."""
_WORDS_OF_A_MESSAGE, _TELLING = 3, 2
_MOST_LINES, _LONGEST = 50, 300


def message_in_lines(candidate: Candidate, alert: Alert, context: Context) -> Evidence | None:
    found = next(_found(candidate.change, alert), None)
    if found is None:
        return None
    message, path = found
    says = f'Changes a line of {path} with "{message}", the very words of {context.teller}'
    return Evidence(RULE, WEIGHT, says, file_url(candidate.change, path))


# Each candidate is held against the same alert.
@lru_cache(maxsize=16)
def _messages_of(alert: Alert) -> tuple[tuple[str, str], ...]:
    return tuple((message, message.lower()) for message in dict.fromkeys(_messages(alert)))


def _messages(alert: Alert) -> Iterator[str]:
    """What the sender took for one, and what follows on a colon: ``Refused: the session is too old now``."""
    for text in (*alert.error_terms, alert.title, *without_trace(alert.text).splitlines()[:_MOST_LINES]):
        pieces = text[:_LONGEST].split(": ")
        for start in range(len(pieces)):
            message = ": ".join(pieces[start:]).strip(" .\"'`")
            telling = list(islice(words_in(message), _TELLING))
            if len(message.split()) >= _WORDS_OF_A_MESSAGE and len(telling) == _TELLING:
                yield message


def _found(change: Change, alert: Alert) -> Iterator[tuple[str, str]]:
    messages = _messages_of(alert)
    if not messages:
        return
    for file in filter(is_product_code, change.files):
        text = "\n".join(text for hunk in file.hunks for _, text in (*hunk.added, *hunk.removed)).lower()
        for term, lower in messages:
            if lower not in text:
                continue
            added = _having(lower, (text for hunk in file.hunks for _, text in hunk.added))
            removed = _having(lower, (text for hunk in file.hunks for _, text in hunk.removed))
            # Lines that are only moved or laid out anew have it before and after.
            if added != removed:
                yield term, file.path


def _having(message: str, lines: Iterable[str]) -> list[str]:
    return sorted(line.strip() for line in lines if message in line.lower())
