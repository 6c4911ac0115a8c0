from __future__ import annotations

from datetime import timedelta

import pytest

from sandbox.worlds.story import parse

STORY = """
alert 14:40

push -2 09:12 tomas Pin the image
| Why not.
file Dockerfile
+FROM python:3.12.7-slim
rename a.txt b.txt
delete c.txt

issue 3 Too long
by kim -4 10:05
confidential yes
labels security, accounts
| First line.
|
| Third line.

merge 45 Tighten it
by vani -1 15:40
merged 0 13:31 mara squash
branch 3-tighten-it
closes 3
approved kim, mara
commit -1 15:33 One
file x.py
+x = 1
commit 0 12:47 Two
file x.py
-x = 1
+x = 2

deploy production 0 14:00 mara start=26 took=8 name=bad
"""


def test_times_count_from_the_alert() -> None:
    """``DAY HH:MM`` is a distance to the clock that the story gives to its alert."""
    story = parse(STORY)

    assert story.merges[0].merged == -timedelta(hours=1, minutes=9)
    assert story.pushes[0].at == -timedelta(days=2, hours=5, minutes=28)
    assert story.deploys[0].at == -timedelta(minutes=40)


def test_blocks_carry_their_fields() -> None:
    """Each block becomes one value with the fields that stand below its head."""
    story = parse(STORY)
    issue, merge, push = story.issues[0], story.merges[0], story.pushes[0]

    assert (issue.iid, issue.by, issue.confidential, issue.labels) == (3, "kim", True, ("security", "accounts"))
    assert issue.description == "First line.\n\nThird line."
    assert (merge.iid, merge.squash, merge.merged_by, merge.closes) == (45, True, "mara", (3,))
    assert merge.approved == ("kim", "mara")
    assert [commit.message for commit in merge.commits] == ["One\n", "Two\n"]
    assert push.message == "Pin the image\n\nWhy not.\n"
    assert [(edit.path, edit.renamed_from, edit.deleted) for edit in push.edits] == [
        ("Dockerfile", "", False),
        ("b.txt", "a.txt", False),
        ("c.txt", "", True),
    ]
    assert story.deploys[0].options == {"start": "26", "took": "8", "name": "bad"}


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ("alert 14:40\n\nmerge 4 Title\nby kim -1 10:00", "merge 4 Title: 'merged'"),
        ("alert 14:40\n\ndeploy production yesterday kim", "deploy production yesterday kim: not a time"),
        ("push -1 10:00 kim No clock", "alert HH:MM"),
    ],
)
def test_mistakes_are_told_with_their_block(wrong: str, says: str) -> None:
    """Whoever writes a story learns which block is wrong."""
    with pytest.raises(ValueError, match=says):
        parse(wrong)
