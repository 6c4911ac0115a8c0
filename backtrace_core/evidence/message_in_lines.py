"""The changed lines have the error's message, word for word."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from backtrace_core.evidence.context import Context
from backtrace_core.evidence.file_kinds import is_product_code
from backtrace_core.evidence.links import file_url
from backtrace_core.evidence.messages import Messages
from backtrace_core.model import Alert, Candidate, Change, Evidence, FileDiff

RULE = "message_in_lines"
WEIGHT = 3.0
"""Believed, not measured: the culprit set has no lines."""


def message_in_lines(candidate: Candidate, _alert: Alert, context: Context) -> Evidence | None:
    found = next(_found(candidate.change, context.messages), None)
    if found is None:
        return None
    message, path = found
    says = f'Changes a line of {path} with "{message}", the very words of {context.teller}'
    return Evidence(RULE, WEIGHT, says, file_url(candidate.change, path))


def _found(change: Change, messages: Messages) -> Iterator[tuple[str, str]]:
    # Hardly a change has any, and one look at all of its lines is far cheaper than one at each file's.
    text = _lines(change.files) if messages else ""
    having = [each for each in messages if each[1] in text]
    for file in filter(is_product_code, change.files) if having else ():
        text = _lines((file,))
        for term, lower in having:
            if lower not in text:
                continue
            added = _having(lower, (text for hunk in file.hunks for _, text in hunk.added))
            removed = _having(lower, (text for hunk in file.hunks for _, text in hunk.removed))
            # Lines that are only moved or laid out anew have it before and after.
            if added != removed:
                yield term, file.path


def _lines(files: Iterable[FileDiff]) -> str:
    """All that is added and removed, in lower case."""
    hunks = (hunk for file in files for hunk in file.hunks)
    return "\n".join([text for hunk in hunks for lines in (hunk.added, hunk.removed) for _, text in lines]).lower()


def _having(message: str, lines: Iterable[str]) -> list[str]:
    return sorted(line.strip() for line in lines if message in line.lower())
