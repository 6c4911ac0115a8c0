"""What says of itself that it was cherry-picked, and what only speaks of cherry-picks."""

import pytest

from bot.sources.picked import picked_by, picked_in
from bot.sources.ranges import commit_of
from tests.bot.sources.rows import commit, sha

A, B = sha("a"), sha("b")
LINE = f"(cherry picked from commit {A})"


@pytest.mark.parametrize(
    "end",
    [
        LINE,
        f"{LINE}\n",
        f"{LINE}\r\n",
        f"(cherry-picked from commit {A})",
        f"{LINE}\nSigned-off-by: Vani Rao <vani@example.com>\n",
        f"Reviewed-by: Bo <bo@example.com>\n{LINE}\n\nCo-authored-by: Bo <bo@example.com>",
        f"{LINE}\n\n# Conflicts:\n#\tauth/session.py",
        f"{LINE}\n\nConflicts:\n\tauth/session.py",
        f"{LINE}\n\n1f2e3d4c Tighten session expiry\n5c105fba Say why: a test (of it)",
    ],
)
def test_the_end_of_a_message_tells(end: str) -> None:
    """As git writes it and as GitLab's button does, with what they put below."""
    assert picked_by(f"Work\n\nWhy it is done.\n\n{end}") == (A,)


def test_picked_twice_tells_both_in_their_order() -> None:
    """A pick of a pick has one line more."""
    assert picked_by(f"Work\n\n{LINE}\n(cherry picked from commit {B})\n{LINE}") == (A, B)


@pytest.mark.parametrize(
    "body",
    [
        f"We cherry picked from commit {A} for 14.1",
        f"Like what was (cherry picked from commit {A}) for 14.1",
        f"{LINE} was a mistake",
        f"> {LINE}",
        f"    {LINE}",
        f"cherry picked from commit {A}",
        f"{LINE}\n\nThat line above is what the tool should write.",
        f"(cherry picked from commit {A[:6]})",
        "(cherry picked from commit main)",
    ],
)
def test_prose_tells_nothing(body: str) -> None:
    """Who speaks of a pick, quotes one, or explains it below, has not picked that."""
    assert picked_by(f"Work\n\n{body}") == ()
    assert commit_of(commit("d", "a", message=f"Work\n\n{body}"), "shop/web").picked_from == ()


def test_a_title_is_no_trailer() -> None:
    """Git never writes it there."""
    assert picked_by(LINE) == ()


def test_a_description_tells_by_a_line_of_its_own() -> None:
    """Templates put their lists below, so it may stand anywhere; inside a sentence it says nothing."""
    assert picked_in(f"For 14.1.\r\n\r\n{LINE}\r\n\r\n## Checklist\r\n- [x] tests") == (A,)
    assert picked_in(f"We cherry picked from commit {A} for 14.1, see {LINE}.") == ()
