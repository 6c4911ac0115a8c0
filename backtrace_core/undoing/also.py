"""What else than code going back takes away: settings, packages, what describes the machines. By paths."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache

from backtrace_core import at_hand
from backtrace_core.evidence.file_kinds import is_doc, is_settings, is_test
from backtrace_core.evidence.links import file_url
from backtrace_core.model import Caution, Change

MOST_PATHS = 3

_INFRASTRUCTURE = re.compile(
    r"(^|/)(Dockerfile|Containerfile)([.-][\w.-]+)?$|(^|/)(docker-)?compose[\w.-]*\.ya?ml$"
    r"|(^|/)(terraform|ansible|helm|charts?|k8s|kubernetes|kustomize|manifests|infra(structure)?|deploy(ments?)?)/"
    r"|\.tf(vars)?$|(^|/)(Procfile|Vagrantfile|nginx[\w.-]*\.conf|fly\.toml|serverless\.ya?ml)$"
    r"|(^|/)\.gitlab-ci[\w.-]*\.ya?ml$"
)
_DEPENDENCIES = re.compile(
    r"(^|/)(requirements|constraints)[\w.-]*\.(txt|in)$|(^|/)(package(-lock)?|composer|npm-shrinkwrap)\.json$"
    r"|(^|/)(pnpm-lock\.yaml|go\.(mod|sum)|mix\.(exs|lock)|pom\.xml|Gemfile|Pipfile|pyproject\.toml|Cargo\.toml)$"
    r"|(^|/)(build\.gradle(\.kts)?|libs\.versions\.toml|setup\.(py|cfg))$|\.(gemspec|csproj)$"
    r"|(^|/)(uv|poetry|pdm|yarn|Cargo|Gemfile|composer|Pipfile|gradle)\.(lock|lockfile)$"
)


@lru_cache(maxsize=at_hand.PATHS)
def is_infrastructure(path: str) -> bool:
    return bool(_INFRASTRUCTURE.search(path)) and not is_test(path) and not is_doc(path)


@lru_cache(maxsize=at_hand.PATHS)
def is_dependencies(path: str) -> bool:
    return bool(_DEPENDENCIES.search(path)) and not is_test(path)


def _is_settings(path: str) -> bool:
    return is_settings(path) and not (is_infrastructure(path) or is_dependencies(path) or is_test(path))


_KINDS: tuple[tuple[str, Callable[[str], bool]], ...] = (
    ("Settings", _is_settings),
    ("Dependencies", is_dependencies),
    ("Infrastructure", is_infrastructure),
)


def also_undone(undone: tuple[Change, ...]) -> Iterator[Caution]:
    """One for each kind, with the first paths and whose they are."""
    for name, is_one in _KINDS:
        found = [(change, file.path) for change in undone for file in change.files if is_one(file.path)]
        if found:
            shown = ", ".join(f"{path} ({change.label})" for change, path in found[:MOST_PATHS])
            more = f" and {len(found) - MOST_PATHS} more" if len(found) > MOST_PATHS else ""
            yield Caution(f"{name}: {shown}{more}", file_url(*found[0]))
