"""A change of tests or documents alone breaks no production."""

from __future__ import annotations

from backtrace_core.evidence.context import Context
from backtrace_core.evidence.file_kinds import is_doc, is_test
from backtrace_core.model import Alert, Candidate, ChangeKind, Evidence

RULE = "only_tests_or_docs"
ONLY_TESTS, ONLY_DOCS = -2.5, -2.0


def only_tests_or_docs(candidate: Candidate, _alert: Alert, _context: Context) -> Evidence | None:
    change = candidate.change
    paths = [file.path for file in change.files]
    url = f"{change.url}/diffs" if change.kind is ChangeKind.MERGE_REQUEST else change.url
    if not paths:
        return None
    if all(is_test(path) for path in paths):
        return Evidence(RULE, ONLY_TESTS, "Changes only tests", url)
    if all(is_doc(path) for path in paths):
        return Evidence(RULE, ONLY_DOCS, "Changes only documents", url)
    if all(is_doc(path) or is_test(path) for path in paths):
        return Evidence(RULE, ONLY_DOCS, "Changes only tests and documents", url)
    return None
