"""What a retried job would wait for: approvals of project and groups, its resource group."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.gitlab.client import GitLabClient, GitLabRefused
from bot.gitlab.waits import approval_cautions, resource_group_cautions
from tests.bot.gitlab.fake import FakeGitLab, Reply
from tests.core.builders import before, deployment

PROJECT = "/projects/shop%2Fweb"
TARGET = deployment(1, before(300))
IN_GROUP = {"namespace": {"kind": "group", "full_path": "shop/front"}}
RULES = "protected_environments"
HIDDEN = Reply({"message": "404 Not found"}, 404)


def rule(who: str, count: int) -> dict[str, Any]:
    return {"access_level": 40, "access_level_description": who, "required_approvals": count}


def protects(fake: FakeGitLab, own: Any, top: Any = HIDDEN, inner: Any = HIDDEN) -> None:
    fake.on("GET", PROJECT, IN_GROUP)
    for path, reply in ((PROJECT, own), ("/groups/shop", top), ("/groups/shop%2Ffront", inner)):
        fake.on("GET", f"{path}/{RULES}", reply)


async def test_approvals_of_the_project_and_of_all_groups_above_add_up(fake: FakeGitLab, client: GitLabClient) -> None:
    """A group's rule is named by the tier; each must be satisfied, and whose approval counts is said."""
    own = [
        {"name": "production", "approval_rules": [rule("Maintainers", 2)]},
        {"name": "staging", "approval_rules": []},
    ]
    protects(fake, own, [{"name": "production", "approval_rules": [rule("qa-group", 1)]}])
    (caution,) = await approval_cautions(client, TARGET, "production")

    assert caution.says.startswith("production needs 3 approvals in GitLab (2 by Maintainers, 1 by qa-group): ")


async def test_one_number_for_all_is_the_older_form(fake: FakeGitLab, client: GitLabClient) -> None:
    """Then whoever may deploy may approve."""
    levels = [{"access_level_description": "Maintainers"}, {"access_level_description": "Vani Rao"}]
    protects(fake, [{"name": "production", "deploy_access_levels": levels, "required_approval_count": 1}])
    (caution,) = await approval_cautions(client, TARGET, "production")

    assert "needs 1 approval in GitLab (1 by Maintainers or Vani Rao)" in caution.says


@pytest.mark.parametrize(
    "own", [HIDDEN, [], [{"name": "production", "required_approval_count": 0, "approval_rules": []}]]
)
async def test_where_none_are_needed_nothing_is_said(fake: FakeGitLab, client: GitLabClient, own: Any) -> None:
    """Nor where the tier has no such thing; what is hidden is refused elsewhere."""
    protects(fake, own)

    assert await approval_cautions(client, TARGET, "production") == ()


async def test_an_error_is_not_taken_for_no_approvals(fake: FakeGitLab, client: GitLabClient) -> None:
    """Only 403 and 404 say that there is nothing to see."""
    protects(fake, Reply({"message": "401 Unauthorized"}, 401))

    with pytest.raises(GitLabRefused):
        await approval_cautions(client, TARGET, "production")


def waiting(name: str, number: int, status: str = "waiting_for_resource") -> dict[str, Any]:
    return {
        "id": number,
        "name": name,
        "status": status,
        "web_url": f"https://acme.test/{number}",
        "user": {"username": "t"},
    }


@pytest.mark.parametrize(
    ("key", "jobs", "says"),
    [
        (
            "production",
            [waiting("seed", 8), waiting("reindex", 7)],
            "production is held: job reindex of t and 1 more waits",
        ),
        ("deploys", [waiting("deploy", 7)], "deploys is held: job deploy of t waits"),
        ("deploys", [waiting("seed", 7)], ""),
        ("production", [waiting("seed", 7, "manual")], ""),
        ("production", [], ""),
    ],
    ids=["by the environment's name", "by the job's name", "another one's", "does not wait for it", "free"],
)
async def test_a_resource_group_is_held_where_jobs_wait_for_it(
    fake: FakeGitLab, client: GitLabClient, key: str, jobs: list[dict[str, Any]], says: str
) -> None:
    """Of the group that the deploy job belongs to, as far as that can be told."""
    assert replace(TARGET).job is not None
    fake.on("GET", f"{PROJECT}/resource_groups", [{"id": 1, "key": key}])
    fake.on("GET", f"{PROJECT}/resource_groups/{key}/upcoming_jobs", jobs)
    found = await resource_group_cautions(client, TARGET)

    assert [says in caution.says for caution in found] == ([True] if says else [])
