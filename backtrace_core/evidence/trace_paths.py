"""Which of the candidates' files the alert's trace passes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from backtrace_core.frame_paths import KnownPaths, inside_library, is_own
from backtrace_core.model import Change, FileDiff, Frame

Passing = tuple[int, Frame]
"""A frame, and how many frames of own code lie between it and the innermost."""


@dataclass(frozen=True, slots=True)
class TracePaths:
    """``passing``: by path, the frames that mean that file and no other.

    ``possible``: those, and the paths of frames that may mean several.
    """

    passing: Mapping[str, tuple[Passing, ...]]
    possible: frozenset[str]

    def passes(self, path: str) -> tuple[Passing, ...]:
        return self.passing.get(path, ())


def trace_paths(frames: Sequence[Frame], changes: Iterable[Change], taken: Iterable[Change] = ()) -> TracePaths:
    """``frames`` are innermost last; a renamed file is found by both of its names.

    What an installer put somewhere is the code of the libraries among the ``changes``, and nobody else's; ``taken`` are
    those that a new version brought although their project is one of the service's own.
    """
    if not frames:
        return TracePaths({}, frozenset())
    several = tuple(changes)
    own = known_paths(file for change in several if change.bump is None for file in change.files)
    libraries = known_paths(
        file for change in (*(c for c in several if c.bump is not None), *taken) for file in change.files
    )
    passing: dict[str, list[Passing]] = defaultdict(list)
    possible: set[str] = set()
    for depth, frame in by_depth(frames):
        inside = inside_library(frame.file)
        meant = own.of(frame) or (libraries.of(replace(frame, file=inside)) if inside else ())
        possible.update(meant)
        if len(meant) == 1:
            passing[meant[0]].append((depth, frame))
    return TracePaths({path: tuple(found) for path, found in passing.items()}, frozenset(possible))


def known_paths(files: Iterable[FileDiff]) -> KnownPaths:
    rows = list(files)
    paths = {file.path for file in rows}
    renamed = {file.old_path: file.path for file in rows if file.renamed_file and file.old_path not in paths}
    return KnownPaths(paths, renamed)


def by_depth(frames: Sequence[Frame]) -> list[Passing]:
    """Innermost first. Frames of libraries lie as deep as the own code that called them."""
    found: list[Passing] = []
    depth = 0
    for frame in reversed(frames):
        found.append((depth, frame))
        depth += is_own(frame.file)
    return found
