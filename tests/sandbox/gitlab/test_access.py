"""Who may see and do what: tokens, scopes, roles, and GitLab's shapes of refusal."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from sandbox.gitlab import READ_TOKEN, GitLabOptions, Token, UnplannedRequestsError
from sandbox.worlds.model import World
from tests.sandbox.gitlab.asking import PROJECT, Clock, Gitlab, asking
from tests.sandbox.gitlab.small_world import T0

RETRY = f"{PROJECT}/jobs/8001/retry"


async def test_no_token_is_401(gitlab: Gitlab) -> None:
    """Without a token, or with an unknown one, nothing is answered."""
    none, unknown = await gitlab.get("/user", token=""), await gitlab.get("/user", token="glpat-x")

    assert none.status == unknown.status == 401
    assert none.body == {"message": "401 Unauthorized"}


async def test_a_revoked_token_says_so(gitlab: Gitlab) -> None:
    """A revoked token has a shape of its own."""
    gitlab.state.tokens["glpat-old"] = Token("bo", active=False)
    got = await gitlab.get("/user", token="glpat-old")

    assert (got.status, got.body["error"]) == (401, "invalid_token")


async def test_an_expired_token_is_refused_from_midnight_on(gitlab: Gitlab, clock: Clock) -> None:
    """At the start of its day, UTC; until then it tells of itself when that will be."""
    day = T0.date() + timedelta(days=1)
    gitlab.state.tokens["glpat-late"] = Token("bo", expires_on=day)
    own = await gitlab.get("/personal_access_tokens/self", token="glpat-late")
    clock.now = datetime.combine(day, time(), UTC)
    late = await gitlab.get("/user", token="glpat-late")

    assert (own.status, own.body["expires_at"], own.body["revoked"]) == (200, day.isoformat(), False)
    assert (late.status, late.body["error"]) == (401, "invalid_token")
    assert "expired" in late.body["error_description"]


async def test_a_token_of_a_kind_without_an_entry(gitlab: Gitlab) -> None:
    """It reads everything else."""
    gitlab.state.tokens["oauth"] = Token("bo", tells_of_itself=False)

    assert (await gitlab.get("/personal_access_tokens/self", token="oauth")).status == 404
    assert (await gitlab.get("/user", token="oauth")).status == 200


async def test_reading_scope_reads_and_does_not_write(gitlab: Gitlab) -> None:
    """``read_api`` gets every GET and no write, REST or GraphQL."""
    read = await gitlab.get(PROJECT, token=READ_TOKEN)
    refused = await gitlab.post(RETRY, token=READ_TOKEN)
    mutation = (
        'mutation { issueSetSeverity(input: {projectPath: "acme/checkout", iid: "40", severity: LOW}) { errors }}'
    )
    by_graphql = await gitlab.graphql(mutation, token=READ_TOKEN)

    assert read.status == 200
    assert (refused.status, refused.body["error"]) == (403, "insufficient_scope")
    assert "errors" in by_graphql.body
    assert gitlab.state.effects == {}


async def test_a_stranger_does_not_see_a_private_project(gitlab: Gitlab) -> None:
    """404 and not 403: a private project does not exist for strangers, nor does it in GraphQL."""
    rest = await gitlab.get(PROJECT, token="glpat-cy")
    graphql = await gitlab.graphql('{project(fullPath:"acme/checkout"){id}}', token="glpat-cy")

    assert (rest.status, rest.body) == (404, {"message": "404 Project Not Found"})
    assert graphql.body == {"data": {"project": None}}


async def test_a_reporter_reads_and_may_not_retry(gitlab: Gitlab) -> None:
    """A role that is too small is a plain 403."""
    read = await gitlab.get(f"{PROJECT}/deployments", token="glpat-gil")
    refused = await gitlab.post(RETRY, token="glpat-gil")

    assert read.status == 200
    assert (refused.status, refused.body) == (403, {"message": "403 Forbidden"})


async def test_a_public_project_is_read_by_all(world: World, clock: Clock) -> None:
    """Public projects are readable for strangers, and not writable."""
    public = replace(world, project=replace(world.project, visibility="public"))
    async with asking(public, clock) as gitlab:
        read = await gitlab.get(f"{PROJECT}/deployments", token="glpat-cy")
        refused = await gitlab.post(RETRY, token="glpat-cy")

    assert (read.status, refused.status) == (200, 403)


async def test_protected_environments_need_a_maintainer_and_premium(world: World, clock: Clock) -> None:
    """Below maintainer 403; from there up 404 on Free and a list on Premium."""
    path = f"{PROJECT}/protected_environments"
    async with asking(world, clock) as free:
        below, none = await free.get(path, token="glpat-ana"), await free.get(path)
    async with asking(world, clock, GitLabOptions(tier="premium")) as premium:
        some = await premium.get(path)

    assert (below.status, none.status, some.status) == (403, 404, 200)


async def test_members_tell_levels(gitlab: Gitlab) -> None:
    """Members are listed with their level; one who is none is a 404."""
    rows = (await gitlab.get(f"{PROJECT}/members/all?per_page=100")).body
    ana = await gitlab.get(f"{PROJECT}/members/all/7")
    cy = await gitlab.get(f"{PROJECT}/members/all/11")

    assert {row["username"]: row["access_level"] for row in rows}["bo"] == 40
    assert ana.body["access_level"] == 30
    assert cy.status == 404


async def test_users_are_found_by_exact_name(gitlab: Gitlab) -> None:
    """``?username=`` is an exact match whatever the case, and an array."""
    found, nobody = await gitlab.get("/users?username=Ana"), await gitlab.get("/users?username=an")

    assert [row["id"] for row in found.body] == [7]
    assert nobody.body == []


async def test_the_token_tells_its_scopes(gitlab: Gitlab) -> None:
    """A bot can read at start-up what it may do and who it is."""
    own = await gitlab.get("/personal_access_tokens/self", token=READ_TOKEN)
    user = await gitlab.get("/user", token=READ_TOKEN)

    assert own.body["scopes"] == ["read_api"]
    assert user.body["bot"] is True
    assert own.body["user_id"] == user.body["id"]


@pytest.mark.parametrize(
    "path", ["/projects/acme/checkout", f"{PROJECT}/wikis", f"{PROJECT}/deployments?shipped_by=ana", "/../plain"]
)
async def test_the_unplanned_is_501_and_fails_the_test(world: World, clock: Clock, path: str) -> None:
    """Unknown routes and unknown parameters answer 501, and leaving the server says which they were."""
    seen = []

    async def ask() -> None:
        async with asking(world, clock) as gitlab:
            seen.append((await gitlab.get(path)).status)

    with pytest.raises(UnplannedRequestsError, match="GET"):
        await ask()
    assert seen == [501]


async def test_records_hold_no_token(gitlab: Gitlab) -> None:
    """What is recorded of a request can be printed: the token is not in it."""
    await gitlab.get("/user")

    assert [exchange.answer.status for exchange in gitlab.server.recorded] == [200]
    assert "glpat" not in str(vars(gitlab.server)["recorded"][0].request.headers)
    assert gitlab.server.recorded[0].request.token is None
