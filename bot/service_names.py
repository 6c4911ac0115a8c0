"""What the settings may call a service's projects, environments and aliases."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated

from pydantic import AfterValidator

# GitLab itself allows letters, digits and "_.-" (docs.gitlab.com/user/reserved_names).
_PART = r"(?!\.{1,2}(?:/|$))[^/\s*?\[%#\\\x00-\x1f]+"
_PATH = re.compile(rf"{_PART}(/{_PART})+")


def _project_path(value: str) -> str:
    if not _PATH.fullmatch(value):
        raise ValueError(f'"{value}" is not a project\'s full path, such as shop/web')
    return value


def _name_or_glob(value: str) -> str:
    if not any(char.isalnum() for char in value):
        raise ValueError(f'"{value}" would match anything, or nothing')
    if value != value.strip() or ("[" in value and "]" not in value):
        raise ValueError(f'"{value}" is neither a name nor a glob such as production/*')
    return value


ProjectPath = Annotated[str, AfterValidator(_project_path)]
NameOrGlob = Annotated[str, AfterValidator(_name_or_glob)]


def named_twice(name: str, projects: tuple[str, ...], depends_on: tuple[str, ...]) -> Iterator[str]:
    """A sentence for each thing that one service names twice, or depends on although it is itself."""
    lower = [project.lower() for project in projects]
    for project in sorted({one for one in lower if lower.count(one) > 1}):
        yield f'service "{name}": the project "{project}" is named twice.'
    if name in depends_on:
        yield f'service "{name}": depends_on names the service itself.'
