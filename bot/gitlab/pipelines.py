"""A rollback by a pipeline of its own: started with what it has to know, found again after a lost answer, cancelled.

docs.gitlab.com/api/pipelines. GitLab takes no key that would make a second creation harmless: see :func:`ours_since`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.gitlab.client import GitLabClient, GitLabError, OutcomeUnknown
from bot.gitlab.paths import in_project
from bot.gitlab.shapes import MALFORMED, moment

MOST_LISTED = 50
MOST_TAGS = 100
ENDED = frozenset({"success", "failed", "canceled", "skipped"})
BROKEN = ENDED - {"success"}
CLOCKS_DIFFER = timedelta(seconds=60)
"""By so much GitLab's clock may be off ours; the ids keep the order in any case."""

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


class SeveralError(Exception):
    """GitLab answered, and no further look would tell which pipeline is ours."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What was asked of GitLab, as whom, when ``newest_before`` was the project's newest pipeline.

    ``between``: in what time its pipeline was made, by GitLab's clock.
    """

    wanted: Wanted
    username: str
    newest_before: int
    between: tuple[datetime, datetime]


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


async def own_username(client: GitLabClient) -> str:
    """:raises GitLabError: when GitLab does not tell as whom the client asks."""
    return str((await client.get("/user")).get("username") or "")


async def ours_since(client: GitLabClient, project: str, sent: Sent, taken: Collection[int]) -> PipelineState | None:
    """The pipeline that came of what was sent: of that user, by the API, on that ref, made after it and soon.

    ``taken`` are those that are known to be others'. Where GitLab shows a pipeline's variables, they have to be ours;
    it shows no inputs.

    :raises GitLabError: when GitLab can't be asked.
    :raises SeveralError: where several may be it.
    """
    where = {"ref": sent.wanted.ref, "source": "api", "username": sent.username}
    path = in_project(project, "pipelines")
    rows = await client.list_all(path, limit=MOST_LISTED, order_by="id", sort="desc", **where)
    newer = sorted(int(row["id"]) for row in rows if _may_be(row, sent) and int(row["id"]) not in taken)
    unsure = []
    for number in newer:
        found = await _variables(client, project, number) if sent.wanted.variables else None
        if found is None:
            unsure.append(number)
        elif all(found.get(key) == value for key, value in sent.wanted.variables.items()):
            return await pipeline_state(client, project, number)
    if len(unsure) > 1:
        raise SeveralError(f"each of the pipelines {', '.join(map(str, unsure))} may be the one that was started")
    return await pipeline_state(client, project, unsure[0]) if unsure else None


def _may_be(row: Mapping[str, Any], sent: Sent) -> bool:
    made, (since, until) = moment(row.get("created_at")), sent.between
    return int(row["id"]) > sent.newest_before and (made is None or since <= made <= until)


async def _variables(client: GitLabClient, project: str, number: int) -> Variables | None:
    """None where they can't be read: the pipeline may be ours then, so that none is doubled."""
    try:
        rows = await client.list_all(in_project(project, "pipelines", number, "variables"), limit=MOST_LISTED)
    except GitLabError:
        return None
    return {str(row.get("key")): str(row.get("value")) for row in rows}


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
