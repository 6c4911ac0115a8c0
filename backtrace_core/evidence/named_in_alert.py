"""The alert names a path or an identifier that the change touches, wholly or by a word in it."""

from __future__ import annotations

from collections.abc import Iterator
from unicodedata import normalize

from backtrace_core.evidence.change_words import CODE, PATH, ChangeWords, paths_of
from backtrace_core.evidence.context import Context
from backtrace_core.evidence.file_kinds import is_product_code
from backtrace_core.evidence.links import file_url
from backtrace_core.model import Alert, Candidate, Change, ChangeKind, Evidence

RULE = "named_in_alert"
WHOLE_PATH, WHOLE_IDENTIFIER = 3.0, 2.5
_FURTHER = 0.3
"""What each weaker hit adds: hits of one kind say much the same."""
_MOST = 4.0
_LEAST = 0.2

Hit = tuple[float, str, str]
"""Weight, sentence, and the path that it speaks of, if any."""


def named_in_alert(candidate: Candidate, _alert: Alert, context: Context) -> Evidence | None:
    words = context.changes[candidate.change.key]
    hits = sorted(
        (
            *_flag(candidate.change, context),
            *_paths(candidate.change, context),
            *_identifiers(words, context),
            *_words(candidate.change, context),
        ),
        key=lambda hit: (-hit[0], hit[1]),
    )
    if not hits or hits[0][0] < _LEAST:
        return None
    best, *others = hits
    weight = min(_MOST, best[0] + _FURTHER * sum(hit[0] for hit in others[:5]))
    url = file_url(candidate.change, best[2]) if best[2] else candidate.change.url
    return Evidence(RULE, weight, best[1], url)


def _flag(change: Change, context: Context) -> Iterator[Hit]:
    if is_named_flag(change, context):
        yield WHOLE_IDENTIFIER, f"Is the flag {change.title}, which {context.teller} names", ""


def is_named_flag(change: Change, context: Context) -> bool:
    """Whether it is a feature flag that the alert calls by its whole name."""
    return change.kind is ChangeKind.FEATURE_FLAG and change.title.lower() in context.names


def _paths(change: Change, context: Context) -> Iterator[Hit]:
    for path, named in named_paths(change, context):
        says = f"Changes {path}" if path == named else f"Renames {named}"
        yield WHOLE_PATH, f"{says}, which {context.teller} names", path


def named_paths(change: Change, context: Context) -> Iterator[tuple[str, str]]:
    """The changed files that the alert names, and by which name: of a renamed one it may know the old one only."""
    for file in change.files:
        named = (path for path in paths_of(file) if _is_named(path.lower(), context))
        if is_product_code(file) and (path := next(named, None)) is not None:
            yield file.path, path


def _is_named(path: str, context: Context) -> bool:
    """As a whole, or from some folder on; a bare file name counts too (``session.py``)."""
    whole = normalize("NFC", path)
    return any("." in name and (whole == name or whole.endswith(f"/{name}")) for name in context.names)


def _identifiers(words: ChangeWords, context: Context) -> Iterator[Hit]:
    for name, path in named_identifiers(words, context):
        yield WHOLE_IDENTIFIER, f"Changes code with {name} in {path}, which {context.teller} names", path


def named_identifiers(words: ChangeWords, context: Context) -> Iterator[tuple[str, str]]:
    """The identifiers in changed code that the alert names, as written, with their files."""
    for key in sorted(context.names & set(words.identifiers)):
        yield words.identifiers[key]


def _words(change: Change, context: Context) -> Iterator[Hit]:
    words = context.changes[change.key]
    for word, (field, weight) in sorted(context.shared(change.key).items()):
        if field == PATH:
            yield weight, f'Changes {words.path[word]}, and {context.teller} says "{word}"', words.path[word]
        elif field == CODE:
            says = f'Changes code about "{word}" in {words.code[word]}, and {context.teller} says "{word}"'
            yield weight, says, words.code[word]
