"""Where on its main line a repository is deployed: at its tags, or every so many merge requests."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

import pygit2

from sandbox.worlds.landings import Landing, when

TAGS = 3
"""From so many tags on the main line on, they are what is deployed."""


class Point(NamedTuple):
    """``step`` is the index of the landing that is deployed, ``ref`` the branch or tag."""

    step: int
    ref: str
    at: datetime


def points_of(repository: pygit2.Repository, landings: list[Landing], every: int) -> list[Point]:
    """In the order of the main line. The first step is always one: something was live before."""
    first = Point(0, repository.head.shorthand, landings[0].at)
    tagged = sorted(_tagged(repository, landings))
    if len(tagged) >= TAGS:
        return tagged if tagged[0].step == 0 else [first, *tagged]
    steps = [step for step in _counted(landings, every) if step]
    return [first, *(Point(step, repository.head.shorthand, landings[step].at) for step in steps)]


def _tagged(repository: pygit2.Repository, landings: list[Landing]) -> Iterator[Point]:
    steps = {landing.sha: n for n, landing in enumerate(landings)}
    seen: set[int] = set()
    for name in sorted(repository.references):
        if not name.startswith("refs/tags/"):
            continue
        found = _target(repository, name)
        step = steps.get(found[0]) if found else None
        if found is not None and step is not None and step not in seen:
            seen.add(step)
            yield Point(step, name.removeprefix("refs/tags/"), found[1])


def _target(repository: pygit2.Repository, name: str) -> tuple[str, datetime] | None:
    """The tagged commit, and when it was tagged; a light tag tells no time of its own."""
    tag = repository[repository.references[name].resolve().target]
    try:
        commit = tag.peel(pygit2.Commit)
    except pygit2.InvalidSpecError:
        return None
    tagger = tag.tagger if isinstance(tag, pygit2.Tag) else None
    return str(commit.id), when(tagger) if tagger else when(commit.committer)


def _counted(landings: list[Landing], every: int) -> list[int]:
    """Each ``every``-th merge request, and the newest step. Where hardly anything was merged, pushes count too."""
    changes = [n for n, landing in enumerate(landings) if landing.kind != "push"]
    counted = changes if len(changes) >= 2 * every else list(range(1, len(landings)))
    points = counted[every - 1 :: every]
    newest = len(landings) - 1
    return points if points and points[-1] == newest else [*points, newest]
