"""Which versions an alert says, and which of what was deployed they are."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backtrace_core.alerts.versions import versions_of
from backtrace_core.model import DeploymentStatus
from backtrace_core.versions import is_same_version, versions_to_ask
from tests.core.builders import alert, before, change, deployment, harvest, sha


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("environment: production  level: error  release: shop@1.4.2+77", ["shop@1.4.2+77"]),
        ("release 4f2c9ab", ["4f2c9ab"]),
        ('{version="1.4.2", job="web"}', ["1.4.2"]),
        (" • Release: 1.4.2", ["1.4.2"]),
        ("app.kubernetes.io/version=1.4.2", ["1.4.2"]),
        ("image: registry:5000/shop/web:1.4.2@sha256:abcdef0123456", ["registry:5000/shop/web:1.4.2"]),
        ("image_tag=main-4f2c9ab", ["main-4f2c9ab"]),
        ("git_sha=4f2c9abd1", ["4f2c9abd1"]),
        ("login fails since version 1.4.2.", ["1.4.2"]),
        ("versions 1.4.1 and 1.4.2, 4 errors", ["1.4.1", "1.4.2"]),
        ("version 1.4.1 is fine, version 1.4.2 fails", ["1.4.2"]),
    ],
)
def test_a_version_stands_behind_a_word_for_it(text: str, said: list[str]) -> None:
    """As labels, tags and sentences print it."""
    assert versions_of(alert("LoginErrors", text)) == tuple(said)


@pytest.mark.parametrize(
    "text",
    [
        "previous release: 1.4.1",
        "we rolled back to version 1.4.1",
        "version 1.4.1 is not affected",
        "fixed in version 1.4.3",
        "chart version: 1.4.2",
        "python_version=3.12.1",
        "commit 4f2c9ab by kim",
        "the new release fails",
        "1.4.2 of them failed",
        '  File "/srv/release: 1.4.2/web.py", line 4, in version',
    ],
)
def test_another_version_than_the_troubles_is_none(text: str) -> None:
    """The one before, the one that is well, that of something else, a number, a line of the trace: silence."""
    assert versions_of(alert("LoginErrors", text)) == ()


def test_a_flood_of_versions_is_cut() -> None:
    """Foreign text costs no more than its beginning, and each version is said once."""
    flood = "\n".join(f"version: 1.4.{n % 50}" for n in range(5000))

    assert versions_of(alert("Flood", flood)) == tuple(f"1.4.{n}" for n in range(8))
    assert versions_of(alert("Long", f"version: {'1.' * 40000}"))[0].startswith("1.1.1")


@pytest.mark.parametrize(
    ("said", "ref", "same"),
    [
        ("1.4.2", "v1.4.2", True),
        ("v1.4.2", "1.4.2", True),
        ("shop@1.4.2", "v1.4.2", True),
        ("1.4.2", "shop-v1.4.2", True),
        ("shop@1.4.2+77", "release/1.4.2", True),
        ("registry.acme.test:5000/shop/web:1.4.2", "web-1.4.2", True),
        ("api@1.4.2", "web-1.4.2", False),
        ("1.4.2", "v1.4.20", False),
        ("1.4.2", "v1.4.2-rc.1", False),
        ("main", "main", False),
    ],
)
def test_tags_and_versions_are_written_in_many_ways(said: str, ref: str, *, same: bool) -> None:
    """With or without v, name, build; another name, another number or a branch is another thing."""
    assert is_same_version(said, ref) is same


TWO = replace(deployment(2, before(30)), ref="v1.4.1")
THREE = replace(deployment(3, before(6)), ref="v1.4.2")
FOUND = harvest((THREE, (change(45, "New"),)), (TWO, (replace(change(44, "Old"), shas=frozenset({sha("!44")})),)))


def asked(text: str) -> list[tuple[str, str]]:
    """The versions that the alert says, of those that there are: the sha's name, and how the alert writes it."""
    names = {TWO.sha: "two", THREE.sha: "three", sha("!44"): "44"}
    return [(names[v.sha], v.said) for v in versions_to_ask(alert("LoginErrors", text), FOUND) if v.said]


def test_a_version_is_found_by_tag_by_sha_and_by_a_commit_of_the_window() -> None:
    """Whole shas and beginnings of seven; a longer one than any is none."""
    assert asked("version 1.4.1") == [("two", "1.4.1")]
    assert asked(f"release: {THREE.sha[:7]}") == [("three", THREE.sha[:7])]
    assert asked(f"image: shop/web:main-{TWO.sha}") == [("two", f"shop/web:main-{TWO.sha}")]
    assert asked(f"commit: {sha('!44')[:10]}") == [("44", sha("!44")[:10])]
    assert asked(f"release: {THREE.sha[:6]}") == []
    assert asked("version 9.9.9") == []


def test_a_branch_that_was_deployed_twice_is_no_version() -> None:
    """release/1.4 may be either: nobody can tell, so neither is meant."""
    rows = ((replace(row, ref="release/1.4"), ()) for row in (TWO, THREE))

    assert [v.said for v in versions_to_ask(alert("LoginErrors", "version 1.4"), harvest(*rows)) if v.said] == []


def test_what_was_live_is_asked_about_too() -> None:
    """All that was live in the quarter of an hour in which the trouble began; what was replaced before is not."""
    one = deployment(1, before(hours=9))
    found = harvest((THREE, ()), (TWO, ()), (one, ()))

    assert {v.sha for v in versions_to_ask(alert("LoginErrors"), found)} == {TWO.sha, THREE.sha}


def test_a_failed_deployment_was_not_live() -> None:
    """Nor what no job made before one that a job made."""
    failed = replace(THREE, status=DeploymentStatus.FAILED)
    outside = replace(deployment(1, before(hours=9)), job=None)

    assert {v.sha for v in versions_to_ask(alert("X"), harvest((failed, ()), (TWO, ()), (outside, ())))} == {TWO.sha}
