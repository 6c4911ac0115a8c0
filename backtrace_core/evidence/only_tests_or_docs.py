"""A change of tests or documents alone breaks no production."""

from __future__ import annotations

from backtrace_core.evidence.context import Context
from backtrace_core.evidence.file_kinds import is_doc, is_test
from backtrace_core.model import Alert, Candidate, ChangeKind, Evidence, Family

RULE = "only_tests_or_docs"


def only_tests_or_docs(candidate: Candidate, _alert: Alert, context: Context) -> Evidence | None:
    change = candidate.change
    paths = [file.path for file in change.files]
    weight = context.model.weight(RULE)
    url = f"{change.url}/diffs" if change.kind is ChangeKind.MERGE_REQUEST else change.url
    if not paths:
        return None
    if all(is_test(path) for path in paths):
        return Evidence(RULE, weight, "Changes only tests", url, Family.PRIOR)
    if all(is_doc(path) for path in paths):
        return Evidence(RULE, weight, "Changes only documents", url, Family.PRIOR)
    if all(is_doc(path) or is_test(path) for path in paths):
        return Evidence(RULE, weight, "Changes only tests and documents", url, Family.PRIOR)
    return None
