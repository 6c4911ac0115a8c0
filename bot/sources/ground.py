"""What one harvest stands on: the client, the time budget, and the project that is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.gitlab.paths import in_project
from bot.sources.reading import Reading
from bot.sources.reads import Reads

_OPENNESS: Mapping[str, int] = {"private": 0, "internal": 1, "public": 2}
_PARTS = ("builds", "feature_flags")


@dataclass(frozen=True, slots=True)
class Project:
    """``openness``: 0 private, 1 internal, 2 public; ``issues_openness`` is that of its issues.

    ``off`` are the parts of GitLab that it does not use, as its settings name them: ``builds``, ``feature_flags``.
    """

    id: int
    path: str
    url: str
    openness: int
    issues_openness: int
    off: frozenset[str] = frozenset()


def project_of(row: Mapping[str, Any]) -> Project:
    """A project row. What it does not say counts as private."""
    openness = _OPENNESS.get(str(row.get("visibility")), 0)
    members_only = row.get("issues_access_level") == "private"
    return Project(
        id=int(row["id"]),
        path=str(row.get("path_with_namespace") or ""),
        url=str(row.get("web_url") or ""),
        openness=openness,
        issues_openness=0 if members_only else openness,
        # docs.gitlab.com/api/projects: "<part>_access_level" is disabled, private or enabled.
        off=frozenset(part for part in _PARTS if row.get(f"{part}_access_level") == "disabled"),
    )


@dataclass(frozen=True, slots=True)
class Door:
    """A project before it is known: by path, not number, since a token may be bound to what the settings name."""

    client: Reads
    reading: Reading
    name: str

    def path(self, *parts: str | int) -> str:
        """Below the project."""
        return in_project(self.name, *parts)


@dataclass(frozen=True, slots=True)
class Ground(Door):
    """``incident_labels``: an issue with all of them is an incident."""

    project: Project
    incident_labels: frozenset[str] = frozenset()
