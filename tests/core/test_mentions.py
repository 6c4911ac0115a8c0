"""Which work items a merge request names."""

from dataclasses import replace

import pytest

from backtrace_core.mentions import MOST_MENTIONS, Mention, mentions
from backtrace_core.model import Change
from tests.core.builders import PROJECT, change

GITLAB = "https://gitlab.acme.test"


def named(change: Change) -> list[str]:
    return [f"{one.project}#{one.iid}" for one in mentions(change, GITLAB)]


def saying(description: str) -> Change:
    return replace(change(45, "Tighten session expiry"), description=description)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("see #12", [f"{PROJECT}#12"]),
        ("Related to #12, #13 and (#14).", [f"{PROJECT}#12", f"{PROJECT}#13", f"{PROJECT}#14"]),
        ("Closes #12", [f"{PROJECT}#12"]),
        ("GL-12", [f"{PROJECT}#12"]),
        ("shop/deep/api#7", ["shop/deep/api#7"]),
        (f"{GITLAB}/shop/api/-/issues/7", ["shop/api#7"]),
        (f"{GITLAB}/shop/api/-/work_items/7#note_31", ["shop/api#7"]),
        (f"[the plan]({GITLAB}/shop/api/-/issues/7)", ["shop/api#7"]),
        (f"{GITLAB}/shop/api/issues/7?tab=x.", ["shop/api#7"]),
        ("#12 again #12", [f"{PROJECT}#12"]),
    ],
)
def test_references_name_work_items(text: str, found: list[str]) -> None:
    """Short, with a project, as addresses of issues and work items; each once."""
    assert named(saying(text)) == found


@pytest.mark.parametrize(
    "text",
    [
        "epic &7 and group&7",
        f"{GITLAB}/groups/shop/-/epics/7",
        f"{GITLAB}/groups/shop/-/work_items/7",
        "merge request !45, shop/web!46",
        f"{GITLAB}/shop/web/-/merge_requests/45",
        "it&#39;s",
        "# 1 heading, #fff, #1a2b3c, a#12, #0",
        "in code `#12` and\n```\n#13\n```\n",
        "<!-- #12 -->",
        "https://github.com/shop/web/issues/7",
        "[#12](https://github.com/shop/web/issues/12)",
        "https://docs.example/page#12",
        f"{GITLAB}.evil.test/shop/web/-/issues/7",
    ],
)
def test_other_things_are_no_work_items(text: str) -> None:
    """Epics, merge requests, colours, code, and other sites' issues, also where a label makes them look like ours."""
    assert named(saying(text)) == []


@pytest.mark.parametrize(
    ("branch", "found"),
    [
        ("12-fix-login", [12]),
        ("feature/12-fix-login", [12]),
        ("fix-12-login", []),
        ("2026-11-20-hotfix", []),
        ("1.2-stable", []),
        ("12", []),
        ("12-ab/fix", []),
        ("main", []),
    ],
)
def test_the_branch_of_an_issue_begins_with_its_number(branch: str, found: list[int]) -> None:
    """GitLab's own convention; dates and versions are none."""
    assert mentions(replace(saying(""), source_branch=branch), GITLAB) == tuple(Mention(PROJECT, one) for one in found)


def test_the_title_counts_and_lists_are_capped() -> None:
    """A release that names a hundred issues says little of each."""
    release = replace(saying(" ".join(f"#{n}" for n in range(1, 101))), title="Release for #900")

    assert named(release)[0] == f"{PROJECT}#900"
    assert len(named(release)) == MOST_MENTIONS


def test_a_hostile_description_is_read_quickly() -> None:
    """Whatever is repeated in it."""
    for piece in ("[", "`", "```", "<!--", "a.b/", "https://", "#", f"{GITLAB}/a/"):
        assert len(named(saying(piece * 200_000))) <= MOST_MENTIONS
