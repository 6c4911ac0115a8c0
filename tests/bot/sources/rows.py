"""GitLab's JSON, as short as the entities allow, and a fake that serves a whole small project of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from backtrace_core.model import Harvest, Onset, Relation, Scope, Service
from bot.gitlab.client import GitLabClient
from bot.sources.gitlab import GitLabSource
from tests.bot.gitlab.fake import FakeGitLab

T0 = datetime(2026, 11, 21, 14, 0, tzinfo=UTC)
P = "/projects/shop%2Fweb"
WEB = "https://gitlab.example.com/shop/web"
VANI = {
    "id": 4,
    "username": "vani",
    "name": "Vani Rao",
    "state": "active",
    "web_url": "https://gitlab.example.com/vani",
}
BO = {"id": 5, "username": "bo", "name": "Bo Larsen", "state": "active", "web_url": "https://gitlab.example.com/bo"}
SCOPE = Scope(Service("shop", "shop/web"), "production", Onset(T0 - timedelta(minutes=5), T0), T0 - timedelta(hours=72))

Row = dict[str, Any]


def at(hours_ago: float) -> str:
    return (T0 - timedelta(hours=hours_ago)).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def sha(letter: str) -> str:
    return letter * 40


def deployment(number: int, letter: str, hours_ago: float, **more: Any) -> Row:
    status = more.pop("status", "success")
    finished = at(hours_ago - 0.02) if status == "success" else None
    return {
        "id": number,
        "iid": number - 400,
        "ref": "main",
        "sha": sha(letter),
        "created_at": at(hours_ago + 0.1),
        "updated_at": at(hours_ago - 0.02),
        "status": status,
        "user": BO,
        "environment": {"id": 12, "name": "production", "slug": "production", "external_url": None},
        "deployable": {
            "id": number + 8000,
            "name": "deploy-production",
            "status": status,
            "ref": "main",
            "started_at": at(hours_ago),
            "finished_at": finished,
            "user": VANI,
            "pipeline": {"id": number + 400},
            "web_url": f"{WEB}/-/jobs/{number + 8000}",
            "archived": False,
        },
        **more,
    }


def merge_request(iid: int, merge_sha: str | None, **more: Any) -> Row:
    return {
        "id": 3000 + iid,
        "iid": iid,
        "title": f"Change {iid}",
        "description": "",
        "state": "merged",
        "merged_at": at(2),
        "author": VANI,
        "merge_user": BO,
        "labels": [],
        "sha": sha("e"),
        "merge_commit_sha": merge_sha,
        "squash_commit_sha": None,
        "web_url": f"{WEB}/-/merge_requests/{iid}",
        **more,
    }


def commit(letter: str, *parents: str, message: str = "Work") -> Row:
    return {
        "id": sha(letter),
        "parent_ids": [sha(parent) for parent in parents],
        "title": message.partition("\n")[0],
        "message": message,
        "author_name": "Vani Rao",
        "committed_date": at(3),
        "web_url": f"{WEB}/-/commit/{sha(letter)}",
    }


def issue(iid: int, **more: Any) -> Row:
    return {
        "id": 9000 + iid,
        "iid": iid,
        "project_id": 21,
        "title": f"Issue {iid}",
        "confidential": False,
        "web_url": f"{WEB}/-/issues/{iid}",
        **more,
    }


def diff(path: str, text: str = "@@ -1 +1 @@\n-a\n+b\n", **more: Any) -> Row:
    return {"diff": text, "new_path": path, "old_path": path, "a_mode": "100644", "b_mode": "100644", **more}


def project(visibility: str = "private", **more: Any) -> Row:
    return {"id": 21, "path_with_namespace": "shop/web", "web_url": WEB, "visibility": visibility, **more}


def plan_project(fake: FakeGitLab) -> None:
    """Deployment 502 (sha b) shipped !45 as a merge commit; 501 (sha a) was live before."""
    fake.on("GET", P, project())
    fake.on("GET", f"{P}/environments", [{"id": 12, "name": "production", "tier": "production"}])
    plan_deployments(fake, deployment(502, "b", 1), deployment(501, "a", 30))
    fake.on("GET", f"{P}/deployments/502/merge_requests", [merge_request(45, sha("b"))])
    fake.on("GET", f"{P}/deployments/501/merge_requests", [])
    fake.on("GET", f"{P}/repository/compare", {"commits": [commit("e", "a"), commit("b", "a", "e")]})
    fake.on("POST", "/api/graphql", {"data": {"project": {"mergeRequests": {"nodes": []}}}})
    plan_change(fake, 45)


def plan_deployments(fake: FakeGitLab, *successful: Row, running: tuple[Row, ...] = ()) -> None:
    """The four lists come in any order, so the fake answers by status."""
    fake.on_query("GET", f"{P}/deployments", "status", {"success": list(successful), "running": list(running)}, [])


def plan_change(fake: FakeGitLab, iid: int) -> None:
    fake.on("GET", f"{P}/merge_requests/{iid}/diffs", [diff("auth/session.py")])
    fake.on("GET", f"{P}/merge_requests/{iid}/closes_issues", [issue(1)])


async def harvest(client: GitLabClient, budget_s: float = 20) -> Harvest:
    return await GitLabSource(client, lambda: T0, budget_s).harvest(SCOPE)


def shipped_by(found: Harvest, number: int) -> set[str]:
    """The keys of the changes that a deployment brought."""
    return {
        fact.subject.key
        for fact in found.facts
        if fact.relation is Relation.DEPLOYED_TO and fact.object.key == str(number)
    }
