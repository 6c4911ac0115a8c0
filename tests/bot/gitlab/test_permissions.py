"""Who may roll back: Developers from the role on, through every protection; what can't be read refuses."""

from typing import Any

import pytest

from bot.gitlab.client import GitLabClient
from bot.permissions import Permission, may_roll_back
from tests.bot.gitlab.fake import FakeGitLab, Reply

P = "/projects/shop%2Fweb"
VANI = {
    "id": 4,
    "username": "vani",
    "name": "Vani Rao",
    "state": "active",
    "web_url": "https://gitlab.example.com/vani",
}
FORBIDDEN = Reply({"message": "403 Forbidden"}, 403)
NOT_FOUND = Reply({"message": "404 Not Found"}, 404)


def plan(fake: FakeGitLab, *, level: int = 30, bot_level: int = 40) -> None:
    """An ordinary project: Vani is in it, nothing but main is protected, for Developers to merge."""
    fake.on("GET", "/users", [VANI])
    fake.on("GET", "/user", {"id": 99, "username": "project_21_bot_1"})
    fake.on("GET", f"{P}/members/all/4", {"id": 4, "access_level": level})
    fake.on("GET", f"{P}/members/all/99", {"id": 99, "access_level": bot_level})
    fake.on("GET", f"{P}/protected_environments", NOT_FOUND)
    fake.on("GET", P, {"id": 21, "namespace": {"kind": "user", "full_path": "shop"}})
    fake.on(
        "GET", f"{P}/protected_branches", [branch("main", push=[{"access_level": 40}], merge=[{"access_level": 30}])]
    )
    fake.on("GET", f"{P}/protected_tags", [])


def branch(name: str, push: list[dict[str, Any]], merge: list[dict[str, Any]]) -> dict[str, Any]:
    return {"name": name, "push_access_levels": push, "merge_access_levels": merge}


def environment(*levels: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"name": "production", "deploy_access_levels": list(levels)},
        {"name": "staging", "deploy_access_levels": []},
    ]


async def ask(client: GitLabClient, ref: str = "main") -> Permission:
    return await may_roll_back(client, "vani", ("shop/web", "production", ref))


async def test_a_developer_may(fake: FakeGitLab, client: GitLabClient):
    """Role Developer, no protected environments in this tier, merging to main allowed."""
    plan(fake)

    assert await ask(client) == Permission(allowed=True, why="", username="vani")


@pytest.mark.parametrize("username", [None, ""])
async def test_strangers_may_not(fake: FakeGitLab, client: GitLabClient, username: str | None):
    """Who is not in the people table is not looked up anywhere."""
    answer = await may_roll_back(client, username, ("shop/web", "production", "main"))

    assert not answer.allowed
    assert fake.seen == []


@pytest.mark.parametrize(
    ("path", "reply", "why"),
    [
        ("/users", [], "no user vani"),
        ("/users", [{**VANI, "username": "vanilla"}], "no user vani"),
        ("/users", [{**VANI, "state": "blocked"}], "is blocked"),
        (f"{P}/members/all/4", NOT_FOUND, "at least the role Developer"),
        (f"{P}/members/all/4", {"id": 4, "access_level": 20}, "at least the role Developer"),
        (
            f"{P}/members/all/4",
            {"id": 4, "access_level": 50, "membership_state": "awaiting"},
            "at least the role Developer",
        ),
        (f"{P}/members/all/4", {"id": 4}, "at least the role Developer"),
        (f"{P}/members/all/4", FORBIDDEN, "could not be asked"),
        (f"{P}/members/all/4", Reply(b"", 502), "could not be asked"),
        ("/user", Reply(b"", 502), "could not be asked"),
        (f"{P}/protected_environments", FORBIDDEN, "role Maintainer"),
        (f"{P}/protected_environments", Reply(b"", 500), "could not be asked"),
        (f"{P}/protected_environments", environment({"access_level": 40}), "not among those who may deploy"),
        (f"{P}/protected_environments", environment(), "not among those who may deploy"),
        (f"{P}/protected_environments", environment({"access_level": 0}), "not among those who may deploy"),
        (
            f"{P}/protected_environments",
            environment({"access_level": 30, "user_id": 5}),
            "not among those who may deploy",
        ),
        (f"{P}/protected_branches", FORBIDDEN, "can't read how main"),
        (f"{P}/protected_branches", NOT_FOUND, "can't read how main"),
        (f"{P}/protected_branches", [branch("main", [{"access_level": 40}], [{"access_level": 40}])], "push or merge"),
        (f"{P}/protected_branches", [branch("main", [{"access_level": 0}], [{"deploy_key_id": 1}])], "push or merge"),
        (f"{P}/protected_branches", [branch("m*", [], [])], "push or merge"),
    ],
)
async def test_what_speaks_against_it_refuses(fake: FakeGitLab, client: GitLabClient, path: str, reply: Any, why: str):
    """Each of these alone refuses, in words that say which it was."""
    plan(fake)
    fake.on("GET", path, reply)

    answer = await ask(client)
    assert not answer.allowed
    assert why in answer.why


@pytest.mark.parametrize("reply", [FORBIDDEN, NOT_FOUND])
@pytest.mark.parametrize("bot_level", [20, 30])
async def test_below_maintainer_nothing_is_known(fake: FakeGitLab, client: GitLabClient, reply: Reply, bot_level: int):
    """GitLab hides the list from lesser roles: neither answer means that there is no protection."""
    plan(fake, level=50, bot_level=bot_level)
    fake.on("GET", f"{P}/protected_environments", reply)

    assert "role Maintainer" in (await ask(client)).why


async def test_a_bot_that_is_no_member_knows_nothing(fake: FakeGitLab, client: GitLabClient):
    """An administrator's token has no role in the project: its 404 says nothing."""
    plan(fake)
    fake.on("GET", f"{P}/members/all/99", NOT_FOUND)

    assert not (await ask(client)).allowed


@pytest.mark.parametrize(
    "entry",
    [{"access_level": 30}, {"access_level": None, "user_id": 4}, {"access_level": 40, "user_id": 4}, {"group_id": 7}],
)
async def test_those_who_are_named_may_deploy(fake: FakeGitLab, client: GitLabClient, entry: dict[str, Any]):
    """By role, by name, or as a direct member of a group."""
    plan(fake)
    fake.on("GET", f"{P}/protected_environments", environment({"access_level": 40}, entry))
    fake.on("GET", "/groups/7/members/4", {"id": 4, "access_level": 30})

    assert (await ask(client)).allowed


@pytest.mark.parametrize("reply", [NOT_FOUND, FORBIDDEN, {"id": 4, "access_level": 10}])
async def test_a_group_of_others_lets_nobody_through(fake: FakeGitLab, client: GitLabClient, reply: Any):
    """No member, not readable, or a guest there."""
    plan(fake)
    fake.on("GET", f"{P}/protected_environments", environment({"group_id": 7}))
    fake.on("GET", "/groups/7/members/4", reply)

    assert not (await ask(client)).allowed


@pytest.mark.parametrize(("tags", "allowed"), [([], True), (FORBIDDEN, False), (None, False)])
async def test_a_ref_that_is_no_protected_branch_may_be_a_protected_tag(
    fake: FakeGitLab,
    client: GitLabClient,
    tags: Any,
    allowed: bool,  # noqa: FBT001 - a column of the table
):
    """Deployed from a tag: who may create it may deploy it; unreadable rules refuse."""
    plan(fake)
    rule = [{"name": "v*", "create_access_levels": [{"access_level": 40}]}]
    fake.on("GET", f"{P}/protected_tags", rule if tags is None else tags)

    assert (await ask(client, "v1.2")).allowed is allowed


async def test_the_most_permissive_branch_rule_counts(fake: FakeGitLab, client: GitLabClient):
    """GitLab's own rule where several names match."""
    plan(fake)
    rows = [branch("*", [{"access_level": 0}], []), branch("main", [], [{"access_level": 30}])]
    fake.on("GET", f"{P}/protected_branches", rows)

    assert (await ask(client)).allowed


def plan_groups(fake: FakeGitLab, *, rules: Any = (), bot_level: int = 40, level: int = 30) -> None:
    """A Premium instance: the project is in shop/web-team, of which shop has ``rules``."""
    plan(fake, level=40)
    fake.on("GET", f"{P}/protected_environments", [])
    fake.on("GET", P, {"id": 21, "namespace": {"kind": "group", "full_path": "shop/web-team"}})
    fake.on("GET", f"{P}/environments", [{"id": 3, "name": "production", "tier": "production"}])
    for group in ("shop", "shop%2Fweb-team"):
        fake.on("GET", f"/groups/{group}/protected_environments", [])
        fake.on("GET", f"/groups/{group}/members/all/4", {"id": 4, "access_level": level})
        fake.on("GET", f"/groups/{group}/members/all/99", {"id": 99, "access_level": bot_level})
    fake.on("GET", "/groups/shop/protected_environments", rules if isinstance(rules, Reply) else list(rules))


@pytest.mark.parametrize(
    ("entries", "level", "allowed"),
    [
        ([{"access_level": 40}], 30, False),
        ([{"access_level": 40}], 40, True),
        ([{"user_id": 4}], 30, True),
        ([], 50, False),
    ],
)
async def test_a_groups_rule_for_the_tier_binds_too(
    fake: FakeGitLab,
    client: GitLabClient,
    entries: list[dict[str, Any]],
    level: int,
    allowed: bool,  # noqa: FBT001 - a column of the table
):
    """Of whatever group above the project; a level in it is one in that group, not in the project."""
    plan_groups(fake, rules=environment(*entries), level=level)

    answer = await ask(client)
    assert answer.allowed is allowed
    assert allowed or "not among those who may deploy" in answer.why


async def test_a_groups_rule_for_another_tier_does_not_bind(fake: FakeGitLab, client: GitLabClient):
    """Rules are named by the tier, and this environment is called production but is of another one."""
    plan_groups(fake, rules=environment({"access_level": 60}))
    fake.on("GET", f"{P}/environments", [{"id": 3, "name": "production", "tier": "other"}])

    assert (await ask(client)).allowed


@pytest.mark.parametrize(
    ("reply", "bot_level", "allowed"),
    [(NOT_FOUND, 40, True), (NOT_FOUND, 30, False), (FORBIDDEN, 40, False), (Reply(b"", 500), 40, False)],
)
async def test_a_groups_list_that_can_not_be_read_refuses(
    fake: FakeGitLab,
    client: GitLabClient,
    reply: Reply,
    bot_level: int,
    allowed: bool,  # noqa: FBT001 - a column of the table
):
    """Only to a Maintainer of the group does a 404 say that there is none."""
    plan_groups(fake, rules=reply, bot_level=bot_level)

    assert (await ask(client)).allowed is allowed


async def test_without_the_tier_groups_are_not_asked(fake: FakeGitLab, client: GitLabClient):
    """Where a Maintainer gets a 404 for the project's list GitLab has no such thing, for groups neither."""
    plan_groups(fake)
    fake.on("GET", f"{P}/protected_environments", NOT_FOUND)

    assert (await ask(client)).allowed
    assert [one.path for one in fake.seen if one.path.startswith("/groups")] == []


@pytest.mark.parametrize(
    ("path", "reply"),
    [(P, {"id": 21}), (P, Reply(b"", 502)), (f"{P}/environments", []), (f"{P}/environments", [{"id": 3}])],
)
async def test_an_unknown_group_or_tier_refuses(fake: FakeGitLab, client: GitLabClient, path: str, reply: Any):
    """Then nobody knows which rules bind."""
    plan_groups(fake)
    fake.on("GET", path, reply)

    assert "could not be asked" in (await ask(client)).why


async def test_only_the_star_is_a_wildcard(fake: FakeGitLab, client: GitLabClient):
    """A branch name with a question mark or brackets is just that name."""
    plan(fake)
    fake.on("GET", f"{P}/protected_branches", [branch("mai?", [], []), branch("[m]ain", [], [])])

    assert (await ask(client)).allowed
