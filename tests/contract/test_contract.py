"""The contract in `make test`: skipped where the reference does not stand beside the repository."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sandbox.gitlab import Exchange
from sandbox.gitlab.answers import Answer
from sandbox.gitlab.exchange import Request
from tests.contract.golden import golden_mismatches
from tests.contract.reference import GITLAB, Specification, present
from tests.contract.rest import mismatches, outside
from tests.contract.shapes import differences
from tests.contract.slack_manifest import manifest_mismatches

needs_reference = pytest.mark.skipif(not present(), reason=f"{GITLAB} is not there")
DEPLOYMENTS = Request("GET", "/api/v4/projects/shop%2Fweb/deployments", "order_by=id", {}, b"")
PAGED = {"x-page": "1", "x-per-page": "20", "Link": ""}


@pytest.fixture(scope="module")
def specification() -> Specification:
    return Specification()


@needs_reference
async def test_the_worked_scenario_has_the_reference_shapes(tmp_path: Path) -> None:
    """Every answer of good, bad, rollback has the keys and kinds of value of the reference's file."""
    assert await golden_mismatches(tmp_path) == []


@needs_reference
def test_both_manifests_fit_the_official_schema() -> None:
    """The form for HTTP and the one for Socket Mode are valid Slack app manifests."""
    assert list(manifest_mismatches()) == []


@needs_reference
@pytest.mark.parametrize(
    ("request_changes", "answer", "says"),
    [
        ({}, Answer([], 200, PAGED), None),
        ({"query": "order_by=ref"}, Answer([], 200, PAGED), "order_by"),
        ({"query": "shipped_by=ana"}, Answer([], 200, PAGED), "shipped_by"),
        ({}, Answer([], 200, {}), "pagination"),
        ({}, Answer([{"id": 1}], 200, PAGED), "schema deployment"),
        ({}, Answer({"problem": "no"}, 403), "not a shape of error"),
        ({}, Answer({"message": "403 Forbidden"}, 403), None),
        ({}, Answer({"error": "501"}, 501), "unplanned"),
    ],
)
def test_the_checker_sees(
    specification: Specification, request_changes: dict[str, Any], answer: Answer, says: str | None
) -> None:
    """The checker finds each kind of mismatch, and nothing in what is right."""
    found = list(mismatches(specification, Exchange(replace(DEPLOYMENTS, **request_changes), answer)))

    assert (not found) if says is None else any(says in line for line in found)


@needs_reference
def test_operations_outside_are_named(specification: Specification) -> None:
    """What the subset does not have is listed, without ids and project paths."""
    request = replace(DEPLOYMENTS, path="/api/v4/projects/shop%2Fweb/protected_branches")

    assert outside(specification, Exchange(request, Answer([]))) == "GET /projects/:id/protected_branches"
    assert outside(specification, Exchange(DEPLOYMENTS, Answer([]))) is None


@pytest.mark.parametrize(
    ("ours", "found"),
    [
        ({"id": 1, "rows": [{"name": "x"}]}, []),
        ({"id": 1, "rows": []}, []),
        ({"id": 1}, [".rows is missing"]),
        ({"id": "1", "rows": None}, [".id is str instead of number"]),
        ({"id": 1, "rows": [{"name": "x", "more": 1}]}, [".rows[].more is too much"]),
    ],
)
def test_differences_of_shape(ours: Any, found: list[str]) -> None:
    """Missing and surplus keys and other kinds of value are told; null fits everything."""
    assert list(differences({"id": 7, "rows": [{"name": "a"}]}, ours)) == found
