"""What kind of change it is, by its title and its files: some kinds are reverted more often than others.

Each kind weighs little, and none names anybody alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from backtrace_core.evidence.context import Context
from backtrace_core.model import BY_NO_DEPLOYMENT, Alert, Candidate, Change, Evidence, Family
from backtrace_core.taking_back import takes_back

_SETTINGS_OR_BUILD = re.compile(
    r"\.(ya?ml|json|toml|ini|cfg|conf|gni?|bzl|bazel|gypi?|cmake|lock|properties|gradle|tfvars|env)$|BUILD|Makefile|DEPS"
)
_TRANSLATIONS = re.compile(r"(^|/)(i18n|locales?|translations?|lang)/|\.(po|pot|mo|xliff?)$", re.IGNORECASE)
_PIPELINE = re.compile(
    r"(^|/)(\.gitlab-ci|\.gitlab/ci/|\.travis|\.zuul|zuul\.d/|\.github/workflows/|Jenkinsfile|tox\.ini)"
)
_TAGS = r"^\W*(?:\[[^\]]*\]\W*|(?:feat|fix|chore)(?:\([^)]*\))?!?:\s*)*"
"""What stands before the words of a title: ``[cart]``, ``feat(cart):``."""

_ADDS = r"add(s|ed|ing)?\b"
_TIDIES = r"refactor|clean ?up|rename|tidy|move "
_SWITCHES = r"\b(enable|turn on|switch|use|make|default)\b"


def _titled(words: str, *, first: bool = False) -> Callable[[Change], bool]:
    pattern = re.compile(f"{_TAGS}{words}" if first else words, re.IGNORECASE)
    return lambda change: bool(pattern.search(change.title))


def _only(kind: re.Pattern[str]) -> Callable[[Change], bool]:
    return lambda change: bool(change.files) and all(kind.search(file.path) for file in change.files)


@dataclass(frozen=True, slots=True)
class Kind:
    rule: str
    says: str
    fits: Callable[[Change], bool]


KINDS = (
    Kind("takes_back", "Takes back another change", lambda change: takes_back(change.title)),
    Kind("adds_something", "Its title says that it adds something", _titled(_ADDS, first=True)),
    Kind("tidies", "Its title speaks of tidying up", _titled(_TIDIES)),
    Kind(
        "switches_over",
        "Its title says that something is switched over or put to use",
        _titled(_SWITCHES),
    ),
    Kind("about_tests", "Its title speaks of tests", _titled(r"\btests?\b")),
    Kind("only_settings", "Changes only settings or build files", _only(_SETTINGS_OR_BUILD)),
    Kind("only_translations", "Changes only translations", _only(_TRANSLATIONS)),
    Kind("only_pipeline", "Changes only how the project is built and tested", _only(_PIPELINE)),
)


def kinds_of_change(candidate: Candidate, _alert: Alert, context: Context) -> Iterator[Evidence]:
    change = candidate.change
    if change.kind in BY_NO_DEPLOYMENT:
        return
    for kind in KINDS:
        if kind.fits(change):
            yield Evidence(kind.rule, context.model.weight(kind.rule), kind.says, change.url, Family.PRIOR)
