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

# GN, Bazel, gyp and CMake beside what any project may have.
_SETTINGS_OR_BUILD = re.compile(
    r"\.(ya?ml|json|toml|ini|cfg|conf|gni?|bzl|bazel|gypi?|cmake|lock|properties|gradle|tfvars|env)$"
    r"|(^|/)(BUILD|DEPS|WORKSPACE|(GNU)?[Mm]akefile(\.\w+)?|CMakeLists\.txt)$"
)
_TRANSLATIONS = re.compile(
    r"(^|/)(i18n|l10n|locales?|translations?|lang)/([^/]+/)*[^/]+\.(ya?ml|json|properties|strings|arb|ftl|xml|xtb)$"
    r"|\.(po|pot|mo|xliff?|xlf|xtb)$",
    re.IGNORECASE,
)
_PIPELINE = re.compile(
    r"(^|/)(\.gitlab-ci|\.gitlab/ci/|\.travis|\.zuul|zuul\.d/|\.github/workflows/|Jenkinsfile|tox\.ini)"
)
_TAGS = r"^\W*(?:\[[^\]]*\]\W*|(?:feat|fix|chore)(?:\([^)]*\))?!?:\s*|\S+:\s+)*"
"""What stands before the words of a title: ``[cart]``, ``feat(cart):``, ``cart:``."""

_ADDS = r"add(s|ed|ing)?\b"
_TIDIES = r"(refactor\w*|clean(s|ed|ing)?[ -]?ups?|renam(e|es|ed|ing)|tid(y|ies|ied|ying)|mov(e|es|ed|ing))\b"
_SWITCHES = (
    r"(enabl(e|es|ed|ing)|turn(s|ed|ing)? on|switch(es|ed|ing)?|us(e|es|ed|ing)|default(s|ed|ing)?|make\b.*\bdefault)\b"
)


def _begins(words: str) -> Callable[[Change], bool]:
    pattern = re.compile(f"{_TAGS}{words}", re.IGNORECASE)
    return lambda change: bool(pattern.match(change.title))


def _speaks_of(words: str) -> Callable[[Change], bool]:
    pattern = re.compile(words, re.IGNORECASE)
    return lambda change: bool(pattern.search(change.title))


def _only(is_one: Callable[[str], object]) -> Callable[[Change], bool]:
    return lambda change: bool(change.files) and all(is_one(file.path) for file in change.files)


def _is_settings_or_build(path: str) -> bool:
    return bool(_SETTINGS_OR_BUILD.search(path)) and not _TRANSLATIONS.search(path)


@dataclass(frozen=True, slots=True)
class Kind:
    rule: str
    says: str
    fits: Callable[[Change], bool]


KINDS = (
    Kind("takes_back", "Its title says that it takes another change back", lambda change: takes_back(change.title)),
    Kind("adds_something", "Its title says that it adds something", _begins(_ADDS)),
    Kind("tidies", "Its title speaks of tidying up", _begins(_TIDIES)),
    Kind("switches_over", "Its title says that something is switched over or put to use", _begins(_SWITCHES)),
    Kind("about_tests", "Its title speaks of tests", _speaks_of(r"\btests?\b")),
    Kind("only_settings", "Changes only settings or build files", _only(_is_settings_or_build)),
    Kind("only_pipeline", "Changes only how the project is built and tested", _only(_PIPELINE.search)),
)


def kinds_of_change(candidate: Candidate, _alert: Alert, context: Context) -> Iterator[Evidence]:
    change = candidate.change
    if change.kind in BY_NO_DEPLOYMENT:
        return
    for kind in KINDS:
        if kind.fits(change):
            yield Evidence(kind.rule, context.model.weight(kind.rule), kind.says, change.url, Family.PRIOR)
