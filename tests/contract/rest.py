"""One exchange of REST against the reference: the request, the answer's shape, pagination, the shapes of error."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl

from openapi_core.exceptions import OpenAPIError
from openapi_core.testing import MockRequest, MockResponse

from sandbox.gitlab import Exchange
from tests.contract.reference import ROOT, Operation, Specification

NOT_IMPLEMENTED = 501
REFUSED = 400
NOT_COMPARED = frozenset({"malformed", "429", "500", "502", "reset"})
"""Faults that a test switched on: what they answer is not GitLab's API."""

# Named in GITLAB.md 1.3, and not yet in the specification of 17.10 that the subset was made from.
NEWER_PARAMETERS = {"GET /projects/{id}/merge_requests": {"merged_after", "merged_before"}}

PROJECT = "/projects/{id}"
MERGE_REQUEST = f"{PROJECT}/merge_requests/{{merge_request_iid}}"
ISSUE = f"{PROJECT}/issues/{{issue_iid}}"
STRICT = {
    f"GET {PROJECT}": "project",
    f"GET {PROJECT}/environments": "environment",
    f"GET {PROJECT}/environments/{{environment_id}}": "environment",
    f"GET {PROJECT}/deployments": "deployment",
    f"GET {PROJECT}/deployments/{{deployment_id}}": "deployment",
    f"GET {PROJECT}/deployments/{{deployment_id}}/merge_requests": "merge_request_basic",
    f"GET {PROJECT}/merge_requests": "merge_request_basic",
    f"GET {MERGE_REQUEST}": "merge_request",
    f"POST {PROJECT}/merge_requests": "merge_request",
    f"POST {PROJECT}/repository/commits/{{sha}}/revert": "commit/basic",
    f"GET {MERGE_REQUEST}/commits": "commit/basic",
    f"GET {MERGE_REQUEST}/diffs": "diff",
    f"GET {MERGE_REQUEST}/closes_issues": "issue",
    f"GET {MERGE_REQUEST}/related_issues": "issue",
    f"GET {PROJECT}/repository/commits": "commit/basic",
    f"GET {PROJECT}/repository/commits/{{sha}}": "commit/basic",
    f"GET {PROJECT}/repository/commits/{{sha}}/diff": "diff",
    f"GET {PROJECT}/repository/commits/{{sha}}/merge_requests": "merge_request_basic",
    f"GET {PROJECT}/pipelines/{{pipeline_id}}/jobs": "job",
    f"GET {PROJECT}/jobs/{{job_id}}": "job",
    f"POST {PROJECT}/jobs/{{job_id}}/retry": "job",
    f"POST {PROJECT}/jobs/{{job_id}}/cancel": "job",
    f"POST {PROJECT}/jobs/{{job_id}}/play": "job",
    f"GET {PROJECT}/freeze_periods": "freeze_period",
    f"GET {PROJECT}/resource_groups/{{key}}/upcoming_jobs": "job",
    f"GET {PROJECT}/issues": "issue",
    f"POST {PROJECT}/issues": "issue",
    f"GET {ISSUE}": "issue",
    f"PUT {ISSUE}": "issue",
    f"GET {ISSUE}/notes": "note",
    f"POST {ISSUE}/notes": "note",
    f"PUT {ISSUE}/notes/{{note_id}}": "note",
    "GET /users": "user/basic",
}
"""Operation -> the schema of its row."""


def mismatches(specification: Specification, exchange: Exchange) -> Iterator[str]:
    """What is wrong with one exchange; nothing for one outside the subset."""
    operation = specification.operation(exchange.request.method, exchange.request.path)
    if exchange.answer.status == NOT_IMPLEMENTED:
        yield f"unplanned: {exchange.answer.body}"
    if operation is None or exchange.fault in NOT_COMPARED:
        return
    yield from _unknown_parameters(operation, exchange)
    asked = _request(exchange)
    answer = exchange.answer
    if answer.status < REFUSED:
        yield from _against(lambda: specification.openapi.validate_request(asked), "request")
        answered = MockResponse(answer.content, answer.status, dict(answer.headers), answer.content_type)
        if not isinstance(answer.body, bytes) and answer.status != 202:
            yield from _against(lambda: specification.openapi.validate_response(asked, answered), "answer")
        yield from _strictly(specification, operation, exchange)
    else:
        yield from _refusal(answer.body)


def _request(exchange: Exchange) -> MockRequest:
    request = exchange.request
    query: dict[str, Any] = {}
    for name, value in parse_qsl(request.query, keep_blank_values=True):
        query.setdefault(name.removesuffix("[]"), []).append(value)
    return MockRequest(
        "http://gitlab.example.com",
        request.method,
        request.path,
        args={name: values if len(values) > 1 else values[0] for name, values in query.items()},
        # The record holds no token, and the specification asks for one.
        headers={**request.headers, "PRIVATE-TOKEN": "present"},
        data=request.body or None,
        content_type=request.headers.get("content-type", "application/json").partition(";")[0],
    )


def _against(check: Any, what: str) -> Iterator[str]:
    try:
        check()
    except OpenAPIError as error:
        cause = error.__cause__ or error
        details = [f"{list(wrong.absolute_path)}: {wrong.message}" for wrong in getattr(cause, "schema_errors", ())]
        yield f"{what}: {error} {'; '.join(details[:3]) or cause}"


def _unknown_parameters(operation: Operation, exchange: Exchange) -> Iterator[str]:
    given = {name.removesuffix("[]") for name, _ in parse_qsl(exchange.request.query, keep_blank_values=True)}
    known = {name.removesuffix("[]") for name in operation.parameters} | {"page", "per_page"}
    unknown = given - known - NEWER_PARAMETERS.get(str(operation), set())
    if unknown:
        yield f"parameters that GitLab does not know: {', '.join(sorted(unknown))}"


def _strictly(specification: Specification, operation: Operation, exchange: Exchange) -> Iterator[str]:
    name, answer = STRICT.get(str(operation)), exchange.answer
    if name is None or answer.status == 202:
        return
    validator = specification.strict(name)
    rows = answer.body if isinstance(answer.body, list) else [answer.body]
    for row in rows:
        for error in validator.iter_errors(row):
            yield f"answer, schema {name}: {list(error.absolute_path)}: {error.message[:200]}"
    if isinstance(answer.body, list) and not {"x-page", "x-per-page", "Link"} <= set(answer.headers):
        yield "a list without the headers of pagination"


def _refusal(body: Any) -> Iterator[str]:
    if isinstance(body, bytes):
        return
    # A revert or cherry-pick says as well in one word why it is none.
    shaped = isinstance(body, dict) and ({"message"} == set(body) - {"error_code"} or "error" in body)
    if not shaped:
        yield f"not a shape of error: {json.dumps(body)[:200]}"


def outside(specification: Specification, exchange: Exchange) -> str | None:
    """The operation, where the subset does not have it."""
    request = exchange.request
    if specification.operation(request.method, request.path) is not None:
        return None
    parts = request.path.removeprefix(ROOT).split("/")
    shown = [":id" if part.isdigit() or "%2F" in part else part for part in parts]
    return f"{request.method} {'/'.join(shown)}"
