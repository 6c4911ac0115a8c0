from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pygit2
import pytest

from sandbox.worlds.git import Note, Repository
from sandbox.worlds.patch import Edit
from sandbox.worlds.people import BY_USERNAME
from tests.sandbox.worlds.history import files_at

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


def note(message: str, minutes: int = 0) -> Note:
    return Note(message, BY_USERNAME["kim"], AT + timedelta(minutes=minutes))


def add(path: str, *lines: str) -> Edit:
    return Edit(path, (tuple(f"+{line}" for line in lines),))


def history(path: Path) -> tuple[Repository, str, str, str]:
    """A root, a commit on top of it, and a branch from the root that adds a file."""
    repository = Repository(path)
    root = repository.commit(note("root"), [add("a/one.txt", "1", "2", "3")], None)
    repository.advance(root)
    main = repository.commit(note("main", 1), [Edit("a/one.txt", ((" 1", "-2", "+two"),))], root)
    repository.advance(main)
    branch = repository.commit(note("branch", 2), [add("b.txt", "new")], root)
    return repository, root, main, branch


def test_a_merge_has_both_sides_and_two_parents(tmp_path: Path) -> None:
    """A merge commit holds what both branches changed and knows both."""
    repository, _, main, branch = history(tmp_path / "r.git")

    merged = repository.merge(note("merge", 3), main, branch)

    commit = pygit2.Repository(str(repository.path))[merged].peel(pygit2.Commit)
    assert [str(parent) for parent in commit.parent_ids] == [main, branch]
    assert files_at(repository.path, merged) == {"a/one.txt": "1\ntwo\n3\n", "b.txt": "new\n"}


def test_a_squash_has_one_parent(tmp_path: Path) -> None:
    """A squash brings the branch's files as one ordinary commit."""
    repository, _, main, branch = history(tmp_path / "r.git")

    squashed = repository.squash(note("squash", 3), main, branch)

    commit = pygit2.Repository(str(repository.path))[squashed].peel(pygit2.Commit)
    assert [str(parent) for parent in commit.parent_ids] == [main]
    assert files_at(repository.path, squashed)["b.txt"] == "new\n"


def test_a_conflict_is_refused_by_name(tmp_path: Path) -> None:
    """Two changes of one line can't be merged; the message names the file."""
    repository, root, main, _ = history(tmp_path / "r.git")
    other = repository.commit(note("other", 2), [Edit("a/one.txt", ((" 1", "-2", "+deux"),))], root)

    with pytest.raises(ValueError, match=r"a/one\.txt"):
        repository.merge(note("merge", 3), main, other)


def test_files_move_and_go(tmp_path: Path) -> None:
    """A rename takes the file's text along and may change it; a deletion leaves nothing."""
    repository, root, _, branch = history(tmp_path / "r.git")
    moved = repository.commit(note("mv"), [Edit("c.txt", (("-2",),), renamed_from="a/one.txt")], root)
    gone = repository.commit(note("rm"), [Edit("b.txt", deleted=True)], branch)

    assert files_at(repository.path, moved) == {"c.txt": "1\n3\n"}
    assert "b.txt" not in files_at(repository.path, gone)
    with pytest.raises(ValueError, match="no such file"):
        repository.commit(note("rm"), [Edit("nowhere.txt", deleted=True)], root)


def test_the_same_script_gives_the_same_shas(tmp_path: Path) -> None:
    """Shas depend on edits, people and times alone, not on the folder; another time gives others."""
    _, *one = history(tmp_path / "one.git")
    _, *two = history(tmp_path / "elsewhere" / "two.git")
    later = Repository(tmp_path / "three.git").commit(note("root", 1), [add("a/one.txt", "1", "2", "3")], None)

    assert one == two
    assert later != one[0]


def test_lines_are_found_by_their_text(tmp_path: Path) -> None:
    """Stack traces in alerts take their line numbers from the deployed file."""
    repository, _, main, _ = history(tmp_path / "r.git")

    assert repository.line_of("a/one.txt", main, "tw") == 2
    with pytest.raises(ValueError, match="has no line"):
        repository.line_of("a/one.txt", main, "four")
