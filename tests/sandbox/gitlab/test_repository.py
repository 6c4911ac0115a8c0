"""What is asked of git comes from git."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pygit2.enums import DeltaStatus

from sandbox.gitlab.repository import FileChange
from sandbox.gitlab.shapes.commits import LARGEST_PATCH, diff_entity
from tests.sandbox.gitlab.asking import PROJECT, Gitlab

COMPARE = f"{PROJECT}/repository/compare"


async def shas(gitlab: Gitlab) -> tuple[str, str]:
    rows = (await gitlab.get(f"{PROJECT}/deployments?environment=production")).body
    return rows[0]["sha"], rows[1]["sha"]


async def test_compare_forward_lists_commits_and_diffs(gitlab: Gitlab) -> None:
    """good...bad: what came in between, oldest first, ``commit`` being the newest; the diff starts at the hunk."""
    good, bad = await shas(gitlab)
    got = (await gitlab.get(f"{COMPARE}?from={good}&to={bad}")).body
    diff = next(diff for diff in got["diffs"] if diff["new_path"] == "checkout/pool.py")

    assert got["commits"][-1]["id"] == got["commit"]["id"] == bad
    assert len(got["commits"]) == 4
    assert diff["diff"].startswith("@@ -1,6 +1,6 @@")
    assert "-        return self._new()\n+        return self._shared\n" in diff["diff"]


async def test_compare_backward_is_empty(gitlab: Gitlab) -> None:
    """bad...good: nothing new, which is how a rollback is told; ``straight`` still shows the difference."""
    good, bad = await shas(gitlab)
    got = (await gitlab.get(f"{COMPARE}?from={bad}&to={good}")).body
    straight = (await gitlab.get(f"{COMPARE}?from={bad}&to={good}&straight=true")).body

    assert (got["commits"], got["diffs"], got["commit"]) == ([], [], None)
    assert len(straight["diffs"]) == 3


async def test_diffs_of_a_merge_request(gitlab: Gitlab) -> None:
    """Only its own files; a lock file comes collapsed and without text."""
    rows = (await gitlab.get(f"{PROJECT}/merge_requests/88/diffs")).body
    single = (await gitlab.get(f"{PROJECT}/merge_requests/88")).body
    by_path = {row["new_path"]: row for row in rows}

    assert set(by_path) == {"checkout/pool.py", "uv.lock"}
    assert (by_path["uv.lock"]["collapsed"], by_path["uv.lock"]["diff"]) == (True, "")
    assert single["changes_count"] == "2"
    assert single["diff_refs"]["head_sha"] == single["sha"]


async def test_commits_of_a_merge_request(gitlab: Gitlab) -> None:
    """The source branch's own commits, without those of the target."""
    rows = (await gitlab.get(f"{PROJECT}/merge_requests/88/commits")).body

    assert [row["title"] for row in rows] == ["Share the pool"]


async def test_blame_names_the_commit_of_a_line(gitlab: Gitlab) -> None:
    """The changed line is blamed on the commit that changed it."""
    _, bad = await shas(gitlab)
    rows = await gitlab.get(
        f"{PROJECT}/repository/files/checkout%2Fpool.py/blame?ref={bad}&range[start]=3&range[end]=3"
    )

    assert [row["lines"] for row in rows.body] == [["        return self._shared"]]
    assert rows.body[0]["commit"]["message"].startswith("Share the pool")


async def test_a_raw_file_comes_with_its_headers(gitlab: Gitlab) -> None:
    """The bytes at a revision, and which commit changed them last."""
    good, _ = await shas(gitlab)
    got = await gitlab.get(f"{PROJECT}/repository/files/checkout%2Fpool.py/raw?ref={good}")

    assert "self._new()" in got.body
    assert got.headers["X-Gitlab-Commit-Id"] == good
    assert got.headers["X-Gitlab-Size"] == str(len(got.body))


async def test_commits_of_a_range(gitlab: Gitlab) -> None:
    """``a..b``, newest first; ``path`` keeps the commits that touched a file."""
    good, bad = await shas(gitlab)
    rows = (await gitlab.get(f"{PROJECT}/repository/commits?ref_name={good}..{bad}")).body
    touching = (await gitlab.get(f"{PROJECT}/repository/commits?path=locale/sl.json&first_parent=true")).body

    assert rows[0]["id"] == bad
    assert len(rows) == 4
    assert [row["title"] for row in touching][-2:] == ["Merge branch 'i18n-sl' into 'main'", "Start"]


async def test_a_commit_knows_its_merge_request(gitlab: Gitlab) -> None:
    """By its merge commit and by each commit of its branch; the first commit has none."""
    rows = (await gitlab.get(f"{PROJECT}/merge_requests/88/commits")).body
    by_own = await gitlab.get(f"{PROJECT}/repository/commits/{rows[0]['id']}/merge_requests")
    start = (await gitlab.get(f"{PROJECT}/repository/commits")).body[-1]["id"]
    by_start = await gitlab.get(f"{PROJECT}/repository/commits/{start}/merge_requests")
    detail = (await gitlab.get(f"{PROJECT}/repository/commits/{rows[0]['id']}")).body
    diff = (await gitlab.get(f"{PROJECT}/repository/commits/{start}/diff")).body

    assert [row["iid"] for row in by_own.body] == [88]
    assert by_start.body == []
    assert detail["stats"] == {"additions": 2, "deletions": 2, "total": 4}
    assert all(entry["new_file"] for entry in diff)


@pytest.mark.parametrize("path", ["commits/feed", "files/no.py/raw?ref=main", "compare?from=main&to=nowhere"])
async def test_what_git_does_not_have_is_404(gitlab: Gitlab, path: str) -> None:
    """Unknown commits, files and refs."""
    got = await gitlab.get(f"{PROJECT}/repository/{path}")

    assert got.status == 404


def test_a_very_large_patch_has_no_text() -> None:
    """Above 200 KB the text is left out for good, and says so; just below it is whole."""
    below = FileChange("a", "a", "100644", "100644", DeltaStatus.MODIFIED, "@@ -1 +1 @@\n", 1, 1)
    above = replace(below, text="@" * (LARGEST_PATCH + 1))

    assert (diff_entity(below)["diff"], diff_entity(below)["too_large"]) == ("@@ -1 +1 @@\n", False)
    assert (diff_entity(above)["diff"], diff_entity(above)["too_large"]) == ("", True)
