"""A case as the baselines see it: the frames of own code with their blame, and what each merge request touched."""

from __future__ import annotations

from datetime import UTC, datetime

import pygit2

from bench.traces.baselines import Line, Seen, Touched
from bench.traces.cases import Case
from bench.traces.history import T0, History, Merged


def seen_of(case: Case) -> Seen:
    git = pygit2.Repository(str(case.history.path))
    known = {entry.path for entry in _files(git, case.history.tip)}
    frames = [frame for frame in reversed(case.frames) if frame.file in known and frame.line]
    changes = tuple(_touched(git, case.history, one) for one in case.history.merged)
    return Seen(tuple(_line(git, case, frame.file, frame.line or 0) for frame in frames), changes, T0)


def _files(git: pygit2.Repository, sha: str) -> pygit2.Index:
    index = pygit2.Index()
    index.read_tree(git[sha].peel(pygit2.Tree))
    return index


def _line(git: pygit2.Repository, case: Case, path: str, line: int) -> Line:
    sha = case.history.blame(path, line)
    if sha is None:
        return Line(path, line, None, None)
    number = next((one.iid for one in case.history.merged if one.head == sha), None)
    return Line(path, line, number, datetime.fromtimestamp(git[sha].peel(pygit2.Commit).commit_time, UTC))


def _touched(git: pygit2.Repository, history: History, one: Merged) -> Touched:
    head = git[one.head].peel(pygit2.Commit)
    diff = head.parents[0].tree.diff_to_tree(head.tree)
    diff.find_similar()
    deltas = tuple(diff.deltas)
    paths = dict.fromkeys(path for delta in deltas for path in (delta.new_file.path, delta.old_file.path))
    lines = {path: history.lines_of(path, one.head) for path in paths}
    return Touched(one.iid, one.author.username, one.merged, tuple(paths), lines)
