from __future__ import annotations

import pytest

from sandbox.worlds.patch import Edit, apply, hunks_of

TEXT = "def one():\n    return 1\n\n\ndef two():\n    return 1\n"


def edit(*lines: str) -> Edit:
    return Edit("x.py", hunks_of(list(lines)))


def test_context_finds_the_place() -> None:
    """Context lines tell two equal lines apart; empty lines need no mark."""
    changed = apply(edit(" def two():", "-    return 1", "+    return 2"), TEXT)
    between = apply(edit("     return 1", "", "", "+# here", " def two():"), TEXT)

    assert changed == "def one():\n    return 1\n\n\ndef two():\n    return 2\n"
    assert between == "def one():\n    return 1\n\n\n# here\ndef two():\n    return 1\n"


def test_several_places_and_the_end_of_the_file() -> None:
    """``@@`` stands between places; a place without context is the end of the file."""
    changed = apply(edit("-def one():", "+def first():", "@@", "+", "+# end"), TEXT)

    assert changed == "def first():\n    return 1\n\n\ndef two():\n    return 1\n\n# end\n"


@pytest.mark.parametrize("lines", [("-    return 1",), ("-    return 3",)])
def test_a_place_must_be_there_once(lines: tuple[str, ...]) -> None:
    """A place that is ambiguous or missing stops the build instead of editing something else."""
    with pytest.raises(ValueError, match="times, not once"):
        apply(edit(*lines), TEXT)


def test_a_new_file_is_made_of_added_lines() -> None:
    """Where there was no file, the added lines are the file, and no lines are an empty one."""
    assert apply(edit("+a", "+b"), None) == "a\nb\n"
    assert apply(edit(), None) == ""


def test_other_lines_are_refused() -> None:
    """A forgotten mark at the start of a line is an error, never silently dropped."""
    with pytest.raises(ValueError, match="not a line of a diff"):
        hunks_of(["return 1"])
