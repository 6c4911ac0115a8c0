"""Which files run in production."""

from __future__ import annotations

import re
from functools import lru_cache

from backtrace_core.model import FileDiff

_TESTS = re.compile(
    r"(^|/)(tests?|specs?|__tests__|testing|fixtures|features|e2e|cypress)/"
    r"|(^|/)(test_[^/]+|conftest\.py|[^/]+[._-](test|spec|tests)\.[a-z]+|[A-Z]\w*Tests?\.(java|kt|cs|php|swift))$"
)
_DOCS = re.compile(
    r"(^|/)(docs?|documentation|changelogs?)/"
    r"|\.(md|rst|adoc|txt)$"
    r"|(^|/)(README|CHANGELOG|LICENSE|NOTICE|AUTHORS|CODEOWNERS|CONTRIBUTING)[^/]*$",
    re.IGNORECASE,
)
_DEPENDENCIES = re.compile(r"(^|/)(requirements|constraints)[^/]*\.txt$")


@lru_cache(maxsize=20_000)
def is_test(path: str) -> bool:
    return bool(_TESTS.search(path))


@lru_cache(maxsize=20_000)
def is_doc(path: str) -> bool:
    """Prose; a list of dependencies is none, although it may end in ``.txt``."""
    return bool(_DOCS.search(path)) and not _DEPENDENCIES.search(path)


def is_product_code(file: FileDiff) -> bool:
    return not (file.generated or is_test(file.path) or is_doc(file.path))
