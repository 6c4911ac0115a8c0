"""A rollback by a pipeline of its own: started with what it has to know, found again after a lost answer, cancelled.

docs.gitlab.com/api/pipelines. GitLab takes no key that would make a second creation harmless: see :func:`ours_since`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from bot.gitlab.client import GitLabClient, GitLabError, OutcomeUnknown
from bot.gitlab.paths import in_project
from bot.gitlab.shapes import MALFORMED

MOST_LISTED = 50
MOST_TAGS = 100
ENDED = frozenset({"success", "failed", "canceled", "skipped"})
BROKEN = ENDED - {"success"}

Variables = Mapping[str, str]
Inputs = Mapping[str, str | int | float | bool]


@dataclass(frozen=True, slots=True)
class PipelineState:
    """``status`` in GitLab's words."""

    id: int
    status: str
    url: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a pipeline is started with. ``ref`` is the name of a branch or tag."""

    ref: str
    variables: Variables
    inputs: Inputs


@dataclass(frozen=True, slots=True)
class ProjectRules:
    """``default_branch`` is empty where there is none; ``variables_role``: who may set variables, empty where GitLab
    does not show it."""

    default_branch: str
    variables_role: str


async def project_rules(client: GitLabClient, project: str) -> ProjectRules:
    """:raises GitLabError: when the project can't be read."""
    row = await client.get(in_project(project))
    role = row.get("ci_pipeline_variables_minimum_override_role")
    return ProjectRules(str(row.get("default_branch") or ""), str(role or ""))


async def newest_pipeline(client: GitLabClient, project: str) -> int:
    """The id of the newest pipeline of the project, 0 where there is none."""
    rows = await client.list_all(in_project(project, "pipelines"), limit=1, order_by="id", sort="desc")
    return max((int(row["id"]) for row in rows), default=0)


async def start_pipeline(client: GitLabClient, project: str, wanted: Wanted) -> PipelineState:
    """Start it, once.

    :raises GitLabRefused: nothing was started; 400 also where this user may set no variables, or there are no jobs.
    :raises OutcomeUnknown: it may have been started: look with ``ours_since`` before anything else.
    """
    body: dict[str, Any] = {"ref": wanted.ref}
    if wanted.variables:
        body["variables"] = [{"key": key, "value": value} for key, value in wanted.variables.items()]
    if wanted.inputs:
        body["inputs"] = dict(wanted.inputs)
    row = await client.post(in_project(project, "pipeline"), body)
    try:
        return _state(row)
    except MALFORMED as error:
        raise OutcomeUnknown("GitLab answered without the id of the pipeline") from error


async def ours_since(
    client: GitLabClient, project: str, wanted: Wanted, newest_before: int, taken: Collection[int]
) -> PipelineState | None:
    """The pipeline that the client's own user started by the API, on this ref, after ``newest_before`` was the newest.

    ``taken`` are those that are known to be others'. Where GitLab shows a pipeline's variables, they have to be ours.

    :raises GitLabError: when GitLab can't be asked.
    """
    user = await client.get("/user")
    where = {"ref": wanted.ref, "source": "api", "username": str(user.get("username") or "")}
    path = in_project(project, "pipelines")
    rows = await client.list_all(path, limit=MOST_LISTED, order_by="id", sort="desc", **where)
    newer = sorted(int(row["id"]) for row in rows if int(row["id"]) > newest_before and int(row["id"]) not in taken)
    for number in newer:
        if await _has(client, project, number, wanted.variables):
            return await pipeline_state(client, project, number)
    return None


async def _has(client: GitLabClient, project: str, number: int, variables: Variables) -> bool:
    """Whether it was started with these variables; what can't be read counts as yes, so that none is doubled."""
    if not variables:
        return True
    try:
        rows = await client.list_all(in_project(project, "pipelines", number, "variables"), limit=MOST_LISTED)
    except GitLabError:
        return True
    found = {str(row.get("key")): str(row.get("value")) for row in rows}
    return all(found.get(key) == value for key, value in variables.items())


async def pipeline_state(client: GitLabClient, project: str, number: int) -> PipelineState:
    """:raises GitLabError: when it can't be read."""
    return _state(await client.get(in_project(project, "pipelines", number)))


async def failed_job(client: GitLabClient, project: str, number: int) -> str:
    """The name of the first job of the pipeline that failed, with GitLab's reason; empty where none is known."""
    rows = await client.list_all(in_project(project, "pipelines", number, "jobs"), limit=MOST_LISTED)
    failed = sorted((row for row in rows if row.get("status") == "failed"), key=lambda row: int(row["id"]))
    if not failed:
        return ""
    reason = str(failed[0].get("failure_reason") or "").replace("_", " ")
    return f"{failed[0].get('name')}{f' ({reason})' if reason else ''}"


async def cancel_pipeline(client: GitLabClient, project: str, number: int) -> None:
    """Cancel a pipeline that has not ended; one that has is left as it is.

    :raises GitLabError: as for ``start_pipeline``.
    """
    if (await pipeline_state(client, project, number)).status not in ENDED:
        await client.post(in_project(project, "pipelines", number, "cancel"))


async def tag_of(client: GitLabClient, project: str, ref: str, sha: str) -> str:
    """The tag that was deployed: ``ref`` where it is one, else the newest one at that commit; empty: there is none.

    :raises GitLabError: when the tags can't be listed.
    """
    path = in_project(project, "repository", "tags")
    rows = await client.list_all(path, limit=MOST_TAGS, order_by="updated", sort="desc")
    there = [str(row.get("name")) for row in rows if (row.get("commit") or {}).get("id") == sha]
    return ref if ref in there else next(iter(there), "")


def _state(row: Mapping[str, Any]) -> PipelineState:
    return PipelineState(int(row["id"]), str(row.get("status") or ""), str(row.get("web_url") or ""))
