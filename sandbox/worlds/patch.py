"""Edits of files, written the way people read them: a diff without line numbers.

Lines start with ``" "`` (stays), ``-`` (goes) or ``+`` (comes); ``@@`` stands between two places of one file.
"""

from __future__ import annotations

from dataclasses import dataclass

SEPARATOR = "@@"


@dataclass(frozen=True, slots=True)
class Edit:
    """One file in one commit. ``renamed_from`` is where it stood before; ``deleted`` takes it away."""

    path: str
    hunks: tuple[tuple[str, ...], ...] = ()
    renamed_from: str = ""
    deleted: bool = False


def hunks_of(lines: list[str]) -> tuple[tuple[str, ...], ...]:
    """Cut the lines below a file's name into places.

    :raises ValueError: for a line that is neither context nor an edit.
    """
    hunks: list[list[str]] = [[]]
    for line in lines:
        if line.startswith(SEPARATOR):
            hunks.append([])
        elif line and line[0] not in " +-":
            raise ValueError(f"not a line of a diff: {line!r}")
        else:
            # An empty line is an empty line of context: editors strip the blank that would mark it.
            hunks[-1].append(line or " ")
    return tuple(tuple(_trimmed(hunk)) for hunk in hunks if _trimmed(hunk))


def _trimmed(hunk: list[str]) -> list[str]:
    end = len(hunk)
    while end and hunk[end - 1] == " ":
        end -= 1
    return hunk[:end]


def apply(edit: Edit, text: str | None) -> str:
    """The file after the edit. ``text`` is None where there was no file.

    :raises ValueError: where a place is missing from the file, or is there more than once.
    """
    lines = [] if text is None else text.splitlines()
    for hunk in edit.hunks:
        lines = _applied(hunk, lines, edit.path)
    return "".join(f"{line}\n" for line in lines)


def _applied(hunk: tuple[str, ...], lines: list[str], path: str) -> list[str]:
    before = [line[1:] for line in hunk if line[0] != "+"]
    after = [line[1:] for line in hunk if line[0] != "-"]
    if not before:
        return lines + after
    places = [at for at in range(len(lines) - len(before) + 1) if lines[at : at + len(before)] == before]
    if len(places) != 1:
        shown = "\n".join(hunk[:6])
        raise ValueError(f"{path}: this place is there {len(places)} times, not once:\n{shown}")
    return lines[: places[0]] + after + lines[places[0] + len(before) :]
