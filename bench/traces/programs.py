"""The programs of the track, read from ``programs/<name>``: their files, their faults, their harmless edits.

``program.toml`` says how the program runs and which edits there are; ``app/`` is what the repository has in the
beginning; ``packages/<name>-<version>/`` are the libraries that its requirements may name. A patch is a list of
``file PATH`` and ``rename OLD NEW`` lines, the first followed by a diff without line numbers
(:mod:`sandbox.worlds.patch`).
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.worlds.patch import Edit, apply, hunks_of

PROGRAMS = Path(__file__).with_name("programs")
LINE = "line"
"""The fault is on a line of a frame: blame is at home. In all other kinds no frame's line is the culprit's."""
KINDS = (LINE, "caller", "configuration", "migration", "dependency", "rename")

Tree = Mapping[str, str]
"""The files of one version: path -> text."""


@dataclass(frozen=True, slots=True)
class Step:
    """What one merge request does."""

    title: str
    edits: tuple[Edit, ...]

    def on(self, tree: Tree) -> dict[str, str]:
        """The files after it.

        :raises ValueError: where an edit does not fit.
        """
        after = dict(tree)
        for edit in self.edits:
            _edit(after, edit)
        return after

    @property
    def added(self) -> tuple[str, ...]:
        """The lines that it brings."""
        return tuple(line[1:] for edit in self.edits for hunk in edit.hunks for line in hunk if line[0] == "+")


@dataclass(frozen=True, slots=True)
class Fault(Step):
    """``kind`` is one of :data:`KINDS`; ``number`` counts the program's faults from 0."""

    kind: str
    number: int


@dataclass(frozen=True, slots=True)
class Program:
    """``root`` is where the container has it, ``command`` what follows the interpreter."""

    name: str
    service: str
    language: str
    command: tuple[str, ...]
    root: str
    files: Tree
    packages: Path
    faults: tuple[Fault, ...]
    harmless: tuple[Step, ...]


def names() -> tuple[str, ...]:
    return tuple(sorted(path.parent.name for path in PROGRAMS.glob("*/program.toml")))


def read_program(name: str) -> Program:
    """:raises ValueError: where ``program.toml`` is not as it should be."""
    folder = PROGRAMS / name
    said = tomllib.loads((folder / "program.toml").read_text(encoding="utf-8"))
    app = folder / "app"
    files = {path.relative_to(app).as_posix(): path.read_text(encoding="utf-8") for path in _files(app)}
    return Program(
        name=name,
        service=said["service"],
        language=said["language"],
        command=tuple(said["command"]),
        root=said["root"],
        files=files,
        packages=folder / "packages",
        faults=tuple(_fault(row, number) for number, row in enumerate(said["fault"])),
        harmless=tuple(Step(row["title"], edits_of(row["patch"])) for row in said["harmless"]),
    )


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)


def _fault(row: Mapping[str, Any], number: int) -> Fault:
    if row["kind"] not in KINDS:
        raise ValueError(f"{row['title']}: no such kind as {row['kind']}")
    return Fault(row["title"], edits_of(row["patch"]), row["kind"], number)


def edits_of(patch: str) -> tuple[Edit, ...]:
    """:raises ValueError: for a line that is none of a patch's."""
    return tuple(_edits(patch.strip("\n").splitlines()))


def _edits(lines: Iterable[str]) -> Iterator[Edit]:
    path, old, below = "", "", list[str]()
    for line in lines:
        word, _, rest = line.partition(" ")
        if word not in ("file", "rename"):
            below.append(line)
            continue
        if path:
            yield Edit(path, hunks_of(below), old)
        below = []
        old, path = rest.split(" ") if word == "rename" else ("", rest)
    if path:
        yield Edit(path, hunks_of(below), old)


def _edit(tree: dict[str, str], edit: Edit) -> None:
    text = tree.pop(edit.renamed_from, None) if edit.renamed_from else tree.get(edit.path)
    if text is None and edit.renamed_from:
        raise ValueError(f"{edit.renamed_from}: no such file")
    if edit.renamed_from and edit.path in tree:
        raise ValueError(f"{edit.path}: already there")
    tree[edit.path] = apply(edit, text)
