from __future__ import annotations

import pytest

from sandbox.worlds.landings import merge_said, squash_said


@pytest.mark.parametrize(
    ("subject", "rest", "title", "number"),
    [
        ("Add x (#12)", "", "Add x", 12),
        ("Add x (!13)", "", "Add x", 13),
        ("Add x, see !14", "", "Add x, see !14", 14),
        ("Fix #12 at last", "", "Fix #12 at last", None),
        ("Wow!1", "", "Wow!1", None),
    ],
)
def test_numbers_in_titles(subject: str, rest: str, title: str, number: int | None) -> None:
    """A number at the end in brackets, or GitLab's ``!12`` anywhere; an issue's ``#12`` in a sentence is none."""
    assert squash_said(subject, rest)[::2] == (title, number)


def test_merge_messages() -> None:
    """Titles and branches of merge commits by GitLab, GitHub and by hand, also where the title lacks."""
    gitlab = merge_said("Merge branch 'a/b' into 'main'", "Title\n\nCloses #3\n\nSee merge request g/p!5", "x")
    bare = merge_said("Merge branch 'b' into 'main'", "See merge request g/p!6", "Last commit\n\nMore.")
    github = merge_said("Merge pull request #8 from me/b/c", "", "x")

    assert gitlab == ("Title", "Closes #3", 5, "a/b")
    assert bare == ("Last commit", "", 6, "b")
    assert github == ("b/c", "", 8, "b/c")
    assert merge_said("Merge tag 'v1'", "", "x") == ("Merge tag 'v1'", "", None, "")
