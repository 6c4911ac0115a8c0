"""Diff entities become hunks with the right line numbers; what is withheld says so."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sources.diffs import LONGEST_DIFF, files_of, hunks_of
from tests.bot.sources.rows import diff

POOL = """@@ -10,4 +10,5 @@ class Pool:
     def acquire(self):
-        return self._new()
+        return self._shared
+        # pooled

     def release(self):
"""


def test_a_hunk_keeps_its_line_numbers():
    """GitLab's text starts at @@; added lines are numbered in the new file, removed ones in the old."""
    (hunk,) = hunks_of(POOL)

    assert (hunk.old_start, hunk.old_count, hunk.new_start, hunk.new_count) == (10, 4, 10, 5)
    assert hunk.heading == "class Pool:"
    assert hunk.added == ((11, "        return self._shared"), (12, "        # pooled"))
    assert hunk.removed == ((11, "        return self._new()"),)


@pytest.mark.parametrize("headed", ["--- a/checkout/pool.py\n+++ b/checkout/pool.py\n" + POOL])
def test_headers_do_no_harm(headed: str):
    """With ``unidiff=true`` the file's headers stand there already."""
    assert hunks_of(headed) == hunks_of(POOL)


def test_odd_line_ends_split_nothing():
    """Carriage returns, form feeds and a missing newline at the end are part of lines, not their ends."""
    (hunk,) = hunks_of(
        "@@ -1 +1,2 @@\n-a\n\\ No newline at end of file\n+b\r\n+c\x0cd\u2028e\n\\ No newline at end of file"
    )

    assert hunk.added == ((1, "b"), (2, "c\x0cd\u2028e"))
    assert hunk.removed == ((1, "a"),)


def test_lines_that_look_like_headers_are_content():
    """A removed ``-- a`` and an added ``++ b`` read ``--- a`` and ``+++ b`` in the diff."""
    (hunk,) = hunks_of("@@ -1 +1 @@\n--- a/x\n+++ b/x\n")

    assert (hunk.removed, hunk.added) == (((1, "-- a/x"),), ((1, "++ b/x"),))


@pytest.mark.parametrize(
    ("row", "missing"),
    [
        (diff("a.py"), False),
        (diff("a.py", "", collapsed=True), True),
        (diff("a.py", "", too_large=True), True),
        (diff("logo.png", ""), True),
        (diff("new.png", "", new_file=True, a_mode="0"), True),
        (diff("gone.png", "", deleted_file=True, b_mode="0"), True),
        (diff("pkg/__init__.py", "", new_file=True, a_mode="0"), False),
        (diff("b.py", "", renamed_file=True), False),
        (diff("run.sh", "", b_mode="100755"), False),
        (diff("a.py", "@@ -1,9 +1,9 @@\n-cut off"), True),
        (diff("a.py", "@@ -1 +1 @@\n-a\n+" + "b" * LONGEST_DIFF), True),
    ],
)
def test_what_is_withheld_says_so(row: dict[str, object], missing: bool):  # noqa: FBT001 - a column of the table
    """Collapsed, too large, binary, cut off: no hunks and a mark; a pure rename or mode change hides nothing."""
    (file,) = files_of([row])

    assert file.text_missing is missing
    assert bool(file.hunks) is (row == diff("a.py"))


@given(st.text())
def test_no_text_breaks_the_reader(text: str):
    """Whatever stands in a diff, the answer is hunks or none."""
    assert isinstance(hunks_of(text), tuple)
    assert isinstance(hunks_of(f"@@ -1 +1 @@\n{text}"), tuple)
