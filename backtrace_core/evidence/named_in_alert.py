"""The alert calls by its whole name what the change touches: a path, an identifier, a flag."""

from __future__ import annotations

from collections.abc import Iterator
from unicodedata import normalize

from backtrace_core.evidence.change_words import ChangeWords, paths_of
from backtrace_core.evidence.context import Context
from backtrace_core.evidence.file_kinds import is_product_code
from backtrace_core.evidence.links import file_url
from backtrace_core.model import Alert, Candidate, Change, ChangeKind, Evidence

RULE = "named_in_alert"


def named_in_alert(candidate: Candidate, _alert: Alert, context: Context) -> Evidence | None:
    change = candidate.change
    exact = next(_exact(change, context), None)
    if exact is None:
        return None
    says, path = exact
    return Evidence(RULE, context.model.weight(RULE), says, file_url(change, path) if path else change.url)


def _exact(change: Change, context: Context) -> Iterator[tuple[str, str]]:
    """Sentences, each with the path that it speaks of, if any; the most telling first."""
    if is_named_flag(change, context):
        yield f"Is the flag {change.title}, which {context.teller} names", ""
    for path, named in named_paths(change, context):
        says = f"Changes {path}" if path == named else f"Renames {named}"
        yield f"{says}, which {context.teller} names", path
    for name, path in named_identifiers(context.words(change.key), context):
        yield f"Changes code with {name} in {path}, which {context.teller} names", path


def is_named_flag(change: Change, context: Context) -> bool:
    """Whether it is a feature flag that the alert calls by its whole name."""
    return change.kind is ChangeKind.FEATURE_FLAG and change.title.lower() in context.names


def named_paths(change: Change, context: Context) -> Iterator[tuple[str, str]]:
    """The changed files that the alert names, and by which name: of a renamed one it may know the old one only."""
    if not any("." in name for name in context.names):
        return
    for file in change.files:
        named = (path for path in paths_of(file) if _is_named(path.lower(), context))
        if is_product_code(file) and (path := next(named, None)) is not None:
            yield file.path, path


def _is_named(path: str, context: Context) -> bool:
    """As a whole, or from some folder on; a bare file name counts too (``session.py``)."""
    whole = normalize("NFC", path)
    return any("." in name and (whole == name or whole.endswith(f"/{name}")) for name in context.names)


def named_identifiers(words: ChangeWords, context: Context) -> Iterator[tuple[str, str]]:
    """The identifiers in changed code that the alert names, as written, with their files."""
    for key in sorted(context.names & set(words.identifiers)):
        yield words.identifiers[key]
