"""Paths of the REST API, each part encoded (docs.gitlab.com/api/rest: namespaced paths, file paths)."""

from __future__ import annotations

from urllib.parse import quote

from bot.gitlab.errors import GitLabError

_STEPS = frozenset(("", ".", ".."))


def api_path(*parts: str | int) -> str:
    """``api_path("projects", "shop/web", "jobs", 7)`` is ``/projects/shop%2Fweb/jobs/7``.

    :raises GitLabError: for a part that would lead elsewhere: clients walk ``..``, also where it is encoded.
    """
    if not _STEPS.isdisjoint(map(str, parts)):
        raise GitLabError(f"there is no address for {'/'.join(map(repr, map(str, parts)))}")
    return "".join(f"/{quote(str(part), safe='')}" for part in parts)


def blame_page(project_url: str, sha: str, path: str, line: int) -> str:
    """The page for people that shows who changed a line last; folders stay folders there."""
    return f"{project_url}/-/blame/{sha}/{quote(path, safe='/', errors='replace')}#L{line}"


def in_project(project: str | int, *parts: str | int) -> str:
    """A path below ``/projects/:id``; ``project`` is the full path or the number."""
    return api_path("projects", project, *parts)
