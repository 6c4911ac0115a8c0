"""The command that reverts a merge request, by how it was merged."""

from typing import Any

import pytest

from bot.gitlab.revert import command_of

MERGE, SQUASH, HEAD, BASE = ("a" * 40, "b" * 40, "c" * 40, "d" * 40)
REFS = {"diff_refs": {"base_sha": BASE, "head_sha": HEAD}}


@pytest.mark.parametrize(
    ("row", "command"),
    [
        ({"merge_commit_sha": MERGE, "squash_commit_sha": None, "sha": HEAD}, f"git revert -m 1 {MERGE}"),
        ({"merge_commit_sha": MERGE, "squash_commit_sha": SQUASH, "sha": HEAD}, f"git revert -m 1 {MERGE}"),
        ({"merge_commit_sha": None, "squash_commit_sha": SQUASH, "sha": HEAD}, f"git revert {SQUASH}"),
        ({"merge_commit_sha": SQUASH, "squash_commit_sha": SQUASH, "sha": HEAD}, f"git revert {SQUASH}"),
        (
            {"merge_commit_sha": None, "squash_commit_sha": None, "sha": HEAD, **REFS},
            f"git revert --no-edit {BASE}..{HEAD}",
        ),
        ({"merge_commit_sha": "x; rm -rf /", "sha": HEAD}, ""),
        ({}, ""),
    ],
)
def test_the_command_fits_the_merge_method(row: dict[str, Any], command: str) -> None:
    """A merge commit names the side that stays, a squash is one commit, a fast-forward a range; no sha, no command."""
    assert command_of(row) == command
