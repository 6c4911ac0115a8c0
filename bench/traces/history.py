"""A case's git history: an old beginning, then one merge request after the other, all shipped by one deployment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pygit2
from pygit2.enums import BlameFlag, FileMode

from bench.traces.programs import Tree
from sandbox.worlds.git import Note, signature
from sandbox.worlds.model import User
from sandbox.worlds.people import PEOPLE

T0 = datetime(2026, 11, 19, 13, 40, tzinfo=UTC)
"""The moment of every alert."""
HUMANS = tuple(user for user in PEOPLE if not user.bot)
_OLDEST, _PARTS = timedelta(days=300), 5
_FIRST_MERGE, _BETWEEN = timedelta(hours=20), timedelta(minutes=35)


@dataclass(frozen=True, slots=True)
class Merged:
    """One merge request of a history. ``head`` is its branch's commit, ``merge`` the merge commit."""

    iid: int
    title: str
    branch: str
    author: User
    merger: User
    opened: datetime
    merged: datetime
    head: str
    merge: str


@dataclass(frozen=True, slots=True)
class History:
    """``old``: what was deployed before; ``tip``: what is deployed now. ``merged``: oldest first."""

    path: Path
    old: str
    tip: str
    merged: tuple[Merged, ...]

    def blame(self, path: str, line: int) -> str | None:
        """Who wrote a line of the deployed version: a full sha; None where there is no such line."""
        repository = pygit2.Repository(str(self.path))
        tree = repository[self.tip].peel(pygit2.Tree)
        if path not in tree or line > len(tree[path].peel(pygit2.Blob).data.splitlines()):
            return None
        tip = pygit2.Oid(hex=self.tip)
        found = repository.blame(path, flags=BlameFlag.NORMAL, newest_commit=tip, min_line=line, max_line=line)
        return str(found.for_line(line).final_commit_id)

    def lines_of(self, path: str, sha: str) -> tuple[int, ...]:
        """The lines of a file of the deployed version that a commit wrote."""
        repository = pygit2.Repository(str(self.path))
        if path not in repository[self.tip].peel(pygit2.Tree):
            return ()
        found = repository.blame(path, flags=BlameFlag.NORMAL, newest_commit=pygit2.Oid(hex=self.tip))
        own = [hunk for hunk in found if str(hunk.final_commit_id) == sha]
        return tuple(
            n for h in own for n in range(h.final_start_line_number, h.final_start_line_number + h.lines_in_hunk)
        )


def write_history(path: Path, base: Tree, versions: Sequence[tuple[str, Tree]], random: Random) -> History:
    """``versions``: title and files of each merge request, oldest first. The same random numbers give the same shas."""
    repository = pygit2.init_repository(str(path), bare=True, initial_head="main")
    old = tip = _beginning(repository, base, random)
    first = random.randrange(40, 400)
    merged: list[Merged] = []
    for n, (title, tree) in enumerate(versions):
        author, merger = random.sample(HUMANS, 2)
        at = T0 - _FIRST_MERGE + n * _BETWEEN
        opened = at - timedelta(minutes=random.randrange(30, 600))
        branch = "-".join("".join(c if c.isalnum() else " " for c in title.lower()).split()[:6])
        head = _commit(repository, Note(f"{title}\n", author, at - timedelta(minutes=20)), tree, [tip])
        said = f"Merge branch '{branch}' into 'main'\n\n{title}\n\nSee merge request !{first + n}"
        tip = _commit(repository, Note(said, merger, at), tree, [tip, head])
        merged.append(Merged(first + n, title, branch, author, merger, opened, at, head, tip))
    repository.references.create("refs/heads/main", pygit2.Oid(hex=tip), force=True)
    return History(path, old, tip, tuple(merged))


def _beginning(repository: pygit2.Repository, base: Tree, random: Random) -> str:
    """The files come in several commits of the last year, so that old lines are of different ages."""
    paths = random.sample(sorted(base), len(base))
    tip: list[str] = []
    for n in range(_PARTS):
        known = paths[: (n + 1) * len(paths) // _PARTS] if n + 1 < _PARTS else paths
        at = T0 - _OLDEST + n * timedelta(days=random.randrange(20, 55))
        note = Note(f"Part {n + 1} of the first version\n", random.choice(HUMANS), at)
        tip = [_commit(repository, note, {path: base[path] for path in known}, tip)]
    return tip[0]


def _commit(repository: pygit2.Repository, note: Note, tree: Tree, parents: list[str]) -> str:
    index = pygit2.Index()
    for path, text in tree.items():
        # Hashing is quick, writing what is there already is not.
        blob = pygit2.hash(text.encode())
        if blob not in repository:
            repository.create_blob(text.encode())
        index.add(pygit2.IndexEntry(path, blob, FileMode.BLOB))
    who = signature(note.author, note.at)
    above = [pygit2.Oid(hex=parent) for parent in parents]
    return str(repository.create_commit(None, who, who, note.message, index.write_tree(repository), above))
