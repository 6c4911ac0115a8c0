"""The work items of a change: what it closes, what it mentions, and what is none."""

from typing import Any

import pytest

from backtrace_core.model import Harvest, Relation
from bot.gitlab.client import GitLabClient
from bot.sources.gitlab import GitLabSource
from tests.bot.gitlab.fake import FakeGitLab, Reply
from tests.bot.sources.rows import SCOPE, T0, WEB, P, harvest, issue, merge_request, plan_project, sha

OTHER = "/projects/shop%2Fapi"


def plan_mentions(fake: FakeGitLab, *issues: dict[str, Any], **said: Any) -> None:
    """!45 says this, closes nothing, and GitLab has these issues."""
    plan_project(fake)
    fake.on("GET", f"{P}/deployments/502/merge_requests", [merge_request(45, sha("b"), **said)])
    fake.on("GET", f"{P}/merge_requests", [merge_request(45, sha("b"), **said)])
    fake.on("GET", f"{P}/merge_requests/45/closes_issues", [])
    fake.on("GET", f"{P}/issues", list(issues))


def items(found: Harvest) -> list[tuple[str, int, bool]]:
    return [(item.project, item.iid, item.closes) for item in found.changes[0].work_items]


@pytest.mark.parametrize(
    "said",
    [
        {"description": "Related to #12"},
        {"title": "Fix #12"},
        {"source_branch": "12-fix-login"},
        {"source_branch": "feature/12-fix-login"},
        {"description": f"{WEB}/-/issues/12"},
        {"description": f"{WEB}/-/work_items/12"},
    ],
)
async def test_what_is_mentioned_is_a_work_item(fake: FakeGitLab, client: GitLabClient, said: dict[str, Any]):
    """By text, address or branch: read with its title, and a hop of its own."""
    plan_mentions(fake, issue(12), **said)
    found = await harvest(client)

    assert items(found) == [("shop/web", 12, False)]
    assert found.changes[0].work_items[0].title == "Issue 12"
    assert Relation.MENTIONS in {fact.relation for fact in found.facts}
    (asked,) = fake.sent("GET", f"{P}/issues")
    assert asked.query["iids[]"] == "12"
    assert found.gaps == ()


async def test_closing_wins_over_mentioning(fake: FakeGitLab, client: GitLabClient):
    """What it closes comes first, and once."""
    plan_mentions(fake, issue(1), issue(12), description="Closes #1, related to #12", source_branch="1-fix")
    fake.on("GET", f"{P}/merge_requests/45/closes_issues", [issue(1)])

    assert items(await harvest(client)) == [("shop/web", 1, True), ("shop/web", 12, False)]


async def test_without_mentions_nobody_is_asked(fake: FakeGitLab, client: GitLabClient):
    """The usual change costs no request more."""
    plan_mentions(fake, description="&7 and !46", source_branch="main")
    await harvest(client)

    assert fake.sent("GET", f"{P}/issues") == []


@pytest.mark.parametrize("answer", [[], Reply({"message": "404 Not found"}, 404), Reply({"message": "403"}, 403)])
async def test_a_number_that_is_no_issue_is_silently_none(fake: FakeGitLab, client: GitLabClient, answer: object):
    """Branches are named by people."""
    plan_mentions(fake, source_branch="3-way-merge")
    fake.on("GET", f"{P}/issues", answer)
    found = await harvest(client)

    assert items(found) == []
    assert found.gaps == ()


@pytest.mark.parametrize(
    "kind",
    [
        {"issue_type": "incident"},
        {"type": "INCIDENT"},
        {"description": "<!-- backtrace:T0-C0-1 -->\nopened for an alert"},
        {"labels": ["backtrace", "incident", "web"]},
    ],
)
@pytest.mark.parametrize("how", ["closes", "mentions"])
async def test_an_incident_is_no_work_item(fake: FakeGitLab, client: GitLabClient, kind: dict[str, Any], how: str):
    """By its type, the comment that Backtrace writes, or all of Backtrace's labels; closed or mentioned."""
    plan_mentions(fake, *([issue(12, **kind)] if how == "mentions" else []), description="For #12")
    if how == "closes":
        fake.on("GET", f"{P}/merge_requests/45/closes_issues", [issue(12, **kind)])
    source = GitLabSource(client, lambda: T0, incident_labels=("incident", "backtrace"))

    assert items(await source.harvest(SCOPE)) == []


async def test_some_of_our_labels_make_no_incident(fake: FakeGitLab, client: GitLabClient):
    """People label the issue that followed from an incident, too."""
    plan_mentions(fake, issue(12, labels=["incident"]), description="For #12")
    source = GitLabSource(client, lambda: T0, incident_labels=("incident", "backtrace"))

    assert items(await source.harvest(SCOPE)) == [("shop/web", 12, False)]


@pytest.mark.parametrize("spoil", [{"confidential": True}, {"confidential": None}, {"web_url": None}])
async def test_confidential_mentions_never_leave(fake: FakeGitLab, client: GitLabClient, spoil: dict[str, Any]):
    """A mention gives nothing away."""
    plan_mentions(fake, issue(12, title="the secret", **spoil), description="For #12")

    assert "the secret" not in repr(await harvest(client))


@pytest.mark.parametrize(("own", "shown"), [("private", True), ("public", False)])
async def test_other_projects_are_looked_up(
    fake: FakeGitLab,
    client: GitLabClient,
    own: str,
    shown: bool,  # noqa: FBT001 - a column of the table
):
    """Unless they are more private than the service's own."""
    plan_mentions(fake, description="For shop/api#7")
    project = {"id": 21, "path_with_namespace": "shop/web", "web_url": WEB, "visibility": own}
    fake.on("GET", P, project)
    fake.on("GET", f"{OTHER}/issues", [issue(7, project_id=99, title="the secret")])
    fake.on("GET", "/projects/99", {**project, "id": 99, "path_with_namespace": "shop/api", "visibility": "private"})
    found = await harvest(client)

    assert items(found) == ([("shop/api", 7, False)] if shown else [])
    assert ("the secret" in repr(found)) is shown


async def test_a_project_that_nobody_may_see_is_silently_none(fake: FakeGitLab, client: GitLabClient):
    """Or that is none at all."""
    plan_mentions(fake, description="and/or#7")
    fake.on("GET", "/projects/and%2For/issues", Reply({"message": "404 Project Not Found"}, 404))
    found = await harvest(client)

    assert (items(found), found.gaps) == ([], ())


async def test_many_projects_are_not_all_asked(fake: FakeGitLab, client: GitLabClient):
    """Three beside one's own; that the rest is left out is said."""
    plan_mentions(fake, description=" ".join(f"shop/p{n}#7" for n in range(6)))
    for n in range(6):
        fake.on("GET", f"/projects/shop%2Fp{n}/issues", [])
    found = await harvest(client)

    assert len([seen for seen in fake.seen if seen.path.endswith("/issues")]) == 3
    assert [gap.what for gap in found.gaps] == ["mentioned work items"]


async def test_a_gitlab_that_fails_leaves_a_gap(fake: FakeGitLab, client: GitLabClient):
    """What it closes stands all the same."""
    plan_mentions(fake, description="For #12")
    fake.on("GET", f"{P}/issues", Reply({}, 500))
    fake.on("GET", f"{P}/merge_requests/45/closes_issues", [issue(1)])
    found = await harvest(client)

    assert items(found) == [("shop/web", 1, True)]
    assert [gap.what for gap in found.gaps] == ["mentioned work items"]


@pytest.mark.parametrize("body", [None, {}, [None], [{}], [{"iid": "x"}], [{"iid": 12, "labels": 7, "id": []}]])
async def test_a_strange_answer_loses_nothing_else(fake: FakeGitLab, client: GitLabClient, body: object):
    """Whatever a proxy answers for the issues."""
    plan_mentions(fake, description="For #12")
    fake.on("GET", f"{P}/issues", body)
    found = await harvest(client)

    assert (items(found), bool(found.changes[0].files)) == ([], True)
