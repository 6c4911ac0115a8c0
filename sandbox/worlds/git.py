"""Commits, branches and merges, written straight into a bare repository: no checkout, no git command.

The same edits, people and times give the same shas on every machine.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pygit2
from pygit2.enums import FileMode

from sandbox.worlds.model import User
from sandbox.worlds.patch import Edit, apply


@dataclass(frozen=True, slots=True)
class Note:
    """What a commit says of itself. ``at`` is an aware time, in the zone that the commit shall show."""

    message: str
    author: User
    at: datetime
    committer: User | None = None


class Repository:
    """A bare repository that grows. Shas are full hexadecimal strings."""

    def __init__(self, path: Path, branch: str = "main") -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._git = pygit2.init_repository(str(path), bare=True, initial_head=branch)
        self._branch = branch
        self.path = path

    @property
    def started(self) -> bool:
        return f"refs/heads/{self._branch}" in self._git.references

    @property
    def tip(self) -> str:
        """The newest commit of the default branch.

        :raises ValueError: before the first commit.
        """
        found = self._git.references.get(f"refs/heads/{self._branch}")
        if found is None:
            raise ValueError("the default branch has no commit yet")
        return str(found.target)

    def commit(self, note: Note, edits: Iterable[Edit], parent: str | None) -> str:
        """A commit on top of ``parent``; no branch moves.

        :raises ValueError: where an edit does not fit the files of ``parent``.
        """
        index = pygit2.Index()
        if parent is not None:
            index.read_tree(self._git[parent].peel(pygit2.Tree))
        for edit in edits:
            self._edit(index, edit)
        return self._write(note, index, [] if parent is None else [parent])

    def merge(self, note: Note, ours: str, theirs: str) -> str:
        """A merge commit of ``theirs`` into ``ours``.

        :raises ValueError: where both sides changed the same lines.
        """
        return self._write(note, self._merged(ours, theirs), [ours, theirs])

    def squash(self, note: Note, ours: str, theirs: str) -> str:
        """All that ``theirs`` changed, as one commit on top of ``ours``.

        :raises ValueError: where both sides changed the same lines.
        """
        return self._write(note, self._merged(ours, theirs), [ours])

    def advance(self, sha: str) -> None:
        """Move the default branch to ``sha``."""
        self.point(f"refs/heads/{self._branch}", sha)

    def point(self, reference: str, sha: str) -> None:
        self._git.references.create(reference, pygit2.Oid(hex=sha), force=True)

    def line_of(self, path: str, sha: str, needle: str) -> int:
        """The 1-based number of the first line that contains ``needle``.

        :raises ValueError: where the file or the line is not there.
        """
        for number, line in enumerate((self._text(path, sha) or "").splitlines(), start=1):
            if needle in line:
                return number
        raise ValueError(f"{path} has no line with {needle!r} at {sha[:8]}")

    def _text(self, path: str, sha: str) -> str | None:
        tree = self._git[sha].peel(pygit2.Tree)
        return self._decoded(tree[path].id) if path in tree else None

    def _decoded(self, blob: pygit2.Oid) -> str:
        return self._git[blob].peel(pygit2.Blob).data.decode()

    def _edit(self, index: pygit2.Index, edit: Edit) -> None:
        source = edit.renamed_from or edit.path
        text = self._decoded(index[source].id) if source in index else None
        if text is None and (edit.renamed_from or edit.deleted):
            raise ValueError(f"{source}: no such file")
        if edit.renamed_from or edit.deleted:
            index.remove(source)
        if not edit.deleted:
            blob = self._git.create_blob(apply(edit, text).encode())
            index.add(pygit2.IndexEntry(edit.path, blob, FileMode.BLOB))

    def _merged(self, ours: str, theirs: str) -> pygit2.Index:
        index = self._git.merge_commits(pygit2.Oid(hex=ours), pygit2.Oid(hex=theirs))
        if index.conflicts is not None:
            both = ", ".join(sorted({entry.path for three in index.conflicts for entry in three if entry}))
            raise ValueError(f"both sides changed the same lines of {both}")
        return index

    def _write(self, note: Note, index: pygit2.Index, parents: list[str]) -> str:
        author = signature(note.author, note.at)
        committer = signature(note.committer or note.author, note.at)
        tree = index.write_tree(self._git)
        made = self._git.create_commit(
            None, author, committer, note.message, tree, [pygit2.Oid(hex=p) for p in parents]
        )
        return str(made)


def signature(user: User, at: datetime) -> pygit2.Signature:
    """Who and when, as git keeps it; ``at`` is aware."""
    offset = at.utcoffset()
    if offset is None:
        raise ValueError("a commit needs an aware time")
    return pygit2.Signature(user.name, user.email, int(at.timestamp()), int(offset.total_seconds() // 60))
