"""A big history, written quickly: three levels of folders, so that a commit writes three small trees and no index.

``services/<area>/<module>/<file>``. Every change touches the files of one module, so that nothing ever conflicts.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pygit2
from pygit2.enums import FileMode

from sandbox.worlds.git import Note, signature

ROOT = "services"


class Meadow:
    """A bare repository of many modules. Shas are full hexadecimal strings."""

    def __init__(self, path: Path, branch: str = "main") -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._git = pygit2.init_repository(str(path), bare=True, initial_head=branch)
        self._branch = f"refs/heads/{branch}"
        self.path = path

    def module(self, files: Mapping[str, str]) -> pygit2.Oid:
        """The tree of one module: its files by name."""
        builder = self._git.TreeBuilder()
        for name, text in files.items():
            builder.insert(name, self._git.create_blob(text.encode()), FileMode.BLOB)
        return builder.write()

    def started(self, note: Note, modules: Mapping[tuple[str, str], pygit2.Oid]) -> str:
        """The first commit, with all modules by area and name."""
        areas: dict[str, pygit2.TreeBuilder] = {}
        for (area, name), tree in modules.items():
            areas.setdefault(area, self._git.TreeBuilder()).insert(name, tree, FileMode.TREE)
        folder = self._git.TreeBuilder()
        for area, builder in areas.items():
            folder.insert(area, builder.write(), FileMode.TREE)
        root = self._git.TreeBuilder()
        root.insert(ROOT, folder.write(), FileMode.TREE)
        return self._commit(note, root.write(), [])

    def changed(self, note: Note, parents: list[str], place: tuple[str, str], module: pygit2.Oid) -> str:
        """A commit like the first of ``parents``, but with ``module`` at ``place`` (area, name)."""
        area, name = place
        root = self._git[parents[0]].peel(pygit2.Tree)
        folder = self._git[root[ROOT].id].peel(pygit2.Tree)
        tree = self._with(self._git[folder[area].id].peel(pygit2.Tree), name, module)
        for above, part in ((folder, area), (root, ROOT)):
            tree = self._with(above, part, tree)
        return self._commit(note, tree, parents)

    def point(self, sha: str, reference: str | None = None) -> None:
        """Move a reference, the default branch where none is named."""
        self._git.references.create(reference or self._branch, pygit2.Oid(hex=sha), force=True)

    def _with(self, tree: pygit2.Tree, name: str, entry: pygit2.Oid) -> pygit2.Oid:
        builder = self._git.TreeBuilder(tree)
        builder.insert(name, entry, FileMode.TREE)
        return builder.write()

    def _commit(self, note: Note, tree: pygit2.Oid, parents: list[str]) -> str:
        author, committer = signature(note.author, note.at), signature(note.committer or note.author, note.at)
        made = self._git.create_commit(
            None, author, committer, note.message, tree, [pygit2.Oid(hex=parent) for parent in parents]
        )
        return str(made)
