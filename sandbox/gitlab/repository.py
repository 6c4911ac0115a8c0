"""The world's git repository, asked through libgit2. Nothing that git knows is kept anywhere else."""

from __future__ import annotations

import shutil
import weakref
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pygit2
from pygit2.enums import BlameFlag, DeltaStatus, ObjectType, SortMode

Commit = Any  # pygit2's types are not known to the type checker
"""A ``pygit2.Commit``."""


class UnknownRevisionError(Exception):
    """No such commit, branch, tag or file."""


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file of a diff. ``text`` starts at the first ``@@`` and is empty for a binary file."""

    old_path: str
    new_path: str
    old_mode: str
    new_mode: str
    status: DeltaStatus
    text: str
    additions: int
    deletions: int


@dataclass(frozen=True, slots=True)
class Blame:
    commit: Commit
    lines: tuple[str, ...]


class Repository:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._git = pygit2.Repository(str(path))
        self._is_own = False

    def to_write_in(self) -> Any:
        """The ``pygit2.Repository`` for writing: a copy of its own, since many stand on the same world."""
        if not self._is_own:
            folder = mkdtemp(prefix="backtrace-gitlab-")
            weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
            shutil.copytree(self._path, Path(folder) / "copy.git")
            self._git, self._is_own = pygit2.Repository(f"{folder}/copy.git"), True
        return self._git

    def branches(self) -> list[str]:
        return sorted(self._git.branches.local)

    def tags(self) -> list[str]:
        prefix = "refs/tags/"
        return sorted(name.removeprefix(prefix) for name in self._git.references if name.startswith(prefix))

    def commit(self, revision: str) -> Commit:
        """:raises UnknownRevisionError: for a branch, tag or sha that is not there."""
        try:
            return self._git.revparse_single(revision).peel(pygit2.Commit)
        except (KeyError, ValueError, pygit2.InvalidSpecError, pygit2.GitError) as error:
            raise UnknownRevisionError(revision) from error

    def between(self, old: str, new: str) -> list[Commit]:
        """``old..new``: the commits that ``new`` contains and ``old`` does not, newest first."""
        return list(self._walk(self.commit(new), hidden=self.commit(old)))

    def log(self, revision: str, *, path: str = "", first_parent: str = "") -> Iterator[Commit]:
        """Commits of a branch, sha or range, newest first; ``path`` keeps those that changed it."""
        old, dots, new = revision.partition("..")
        hidden = self.commit(old) if dots else None
        walk = self._walk(self.commit(new if dots else old), hidden, first_parent=first_parent)
        return (commit for commit in walk if not path or self._touches(commit, path))

    def merge_base(self, one: str, other: str) -> str | None:
        base = self._git.merge_base(self.commit(one).id, self.commit(other).id)
        return str(base) if base else None

    def diff(self, old: str, new: str) -> list[FileChange]:
        """The files that differ between two commits, renames found."""
        return self._changes(self.commit(old).tree.diff_to_tree(self.commit(new).tree))

    def changes_of(self, sha: str) -> list[FileChange]:
        """What one commit changed against its first parent; the root commit added everything."""
        commit = self.commit(sha)
        if commit.parents:
            return self.diff(str(commit.parents[0].id), sha)
        return self._changes(commit.tree.diff_to_tree(swap=True))

    def blame(self, path: str, revision: str, lines: tuple[int, int] | None) -> list[Blame]:
        """Who wrote each run of lines; ``lines`` are 1-based and inclusive, and none of them may be there."""
        commit = self.commit(revision)
        text = self.file(path, revision).decode("utf-8", "replace").splitlines()
        first, last = lines or (1, len(text))
        if first > len(text):
            # libgit2 takes such a range for the whole file. GitLab's answer is not documented.
            return []
        blame = self._git.blame(
            path, flags=BlameFlag.NORMAL, newest_commit=commit.id, min_line=first, max_line=min(last, len(text))
        )
        runs = []
        for hunk in blame:
            start = hunk.final_start_line_number - 1
            wrote = self._git[hunk.final_commit_id]
            runs.append(Blame(wrote, tuple(text[start : start + hunk.lines_in_hunk])))
        return runs

    def file(self, path: str, revision: str) -> bytes:
        """:raises UnknownRevisionError: where the revision has no such file."""
        found = _entry(self.commit(revision).tree, path)
        if found is None or found.type != ObjectType.BLOB:
            raise UnknownRevisionError(path)
        return bytes(found.data)

    def blob_id(self, path: str, revision: str) -> str:
        return str(_entry(self.commit(revision).tree, path).id)

    def _walk(self, newest: Commit, hidden: Commit | None = None, *, first_parent: str = "") -> Iterator[Commit]:
        walker = self._git.walk(newest.id, SortMode.TOPOLOGICAL | SortMode.TIME)
        if first_parent:
            walker.simplify_first_parent()
        if hidden is not None:
            walker.hide(hidden.id)
        yield from walker

    def _touches(self, commit: Commit, path: str) -> bool:
        before = _entry(commit.parents[0].tree, path) if commit.parents else None
        now = _entry(commit.tree, path)
        return bool((before and before.id) != (now and now.id))

    def _changes(self, diff: Any) -> list[FileChange]:
        diff.find_similar()
        return [_file_change(patch) for patch in diff]


def _entry(tree: Any, path: str) -> Any:
    try:
        return tree[path]
    except KeyError:
        return None


def _file_change(patch: Any) -> FileChange:
    delta = patch.delta
    whole = (patch.data or b"").decode("utf-8", "replace")
    start = whole.find("\n@@ ")
    _, additions, deletions = patch.line_stats
    return FileChange(
        old_path=delta.old_file.path,
        new_path=delta.new_file.path,
        old_mode=_mode(delta.old_file.mode),
        new_mode=_mode(delta.new_file.mode),
        status=delta.status,
        text="" if delta.is_binary or start < 0 else whole[start + 1 :],
        additions=additions,
        deletions=deletions,
    )


def _mode(mode: int) -> str:
    # GitLab prints 0 for the side where a file is missing, not 000000.
    return f"{int(mode):06o}" if mode else "0"


def moment(signature: Any) -> datetime:
    """When a commit's author or committer wrote it, in that person's own zone."""
    return datetime.fromtimestamp(signature.time, timezone(timedelta(minutes=signature.offset)))
