"""Which files run in production."""

from __future__ import annotations

import re
from functools import lru_cache

from backtrace_core import at_hand
from backtrace_core.model import FileDiff

_TESTS = re.compile(
    r"(^|/)(tests?|specs?|__tests__|e2e|cypress)/"
    r"|(^|/)features/(step_definitions|steps|support)/|\.feature$"
    r"|(^|/)(test_[^/]+|conftest\.py|[^/]+[._-](test|spec|tests)\.[a-z]+|[A-Z]\w*Tests?\.(java|kt|cs|php|swift))$"
)
"""Of Cucumber and Behave only what nobody else has: shops have features and fixtures too."""
_DOCS = re.compile(
    r"(^|/)(docs?|documentation|changelogs?)/"
    r"|\.(md|rst|adoc|txt)$"
    r"|(^|/)(README|CHANGELOG|LICEN[CS]E|NOTICE|AUTHORS|CODEOWNERS|CONTRIBUTING)(-[\w-]+)?$",
    re.IGNORECASE,
)
# Code of others kept in the repository, and what tools write. GitLab marks the latter as generated only for some names,
# and older ones mark nothing.
_NOT_WRITTEN_HERE = re.compile(
    r"(^|/)(vendor|vendored|third_party|third-party|node_modules|bower_components|Pods|Carthage)/"
    r"|(^|/)(go\.sum|npm-shrinkwrap\.json|package-lock\.json|pnpm-lock\.yaml|packages\.lock\.json|mix\.lock|flake\.lock)$"
    r"|(^|/)(uv|poetry|pdm|yarn|bun|Cargo|Gemfile|composer|Podfile|Package|pubspec|Pipfile|deno|gradle)\.(lock|lockb|resolved|lockfile)$"
    r"|(^|/)dist/[^/]+\.js$|\.min\.(js|css)$|\.(js|css)\.map$|_pb2(_grpc)?\.pyi?$|\.pb\.go$"
)
_DEPENDENCIES = re.compile(r"(^|/)(requirements|constraints)[^/]*\.txt$")
_SETTINGS = re.compile(
    r"\.(?:ya?ml|json|toml|ini|cfg|conf|properties|tfvars|xml)$|(?:^|/)\.?env(?:\.[\w-]+)?$|\.env$", re.IGNORECASE
)
_MANIFESTS = re.compile(
    r"(?:^|/)(?:package|composer|tsconfig[\w.-]*)\.json$|(?:^|/)(?:pyproject|Cargo)\.toml$|(?:^|/)(?:pom|build)\.xml$"
    r"|(?:^|/)\.(?:gitlab-ci|pre-commit-config)[\w.-]*\.ya?ml$"
)


@lru_cache(maxsize=at_hand.PATHS)
def is_settings(path: str) -> bool:
    """What a program reads as it starts; not what its packages and its build are told."""
    return bool(_SETTINGS.search(path)) and not _MANIFESTS.search(path) and not is_written_elsewhere(path)


def is_test(path: str) -> bool:
    return bool(_TESTS.search(path))


def is_doc(path: str) -> bool:
    """Prose; a list of dependencies is none, although it may end in ``.txt``."""
    return bool(_DOCS.search(path)) and not _DEPENDENCIES.search(path)


@lru_cache(maxsize=at_hand.PATHS)
def is_written_elsewhere(path: str) -> bool:
    """Vendored or generated: huge, full of words, and read by nobody."""
    return bool(_NOT_WRITTEN_HERE.search(path))


def is_product_code(file: FileDiff) -> bool:
    return not file.generated and _runs(file.path)


# Several rules ask it of each file.
@lru_cache(maxsize=at_hand.PATHS)
def _runs(path: str) -> bool:
    return not (is_written_elsewhere(path) or is_test(path) or is_doc(path))
