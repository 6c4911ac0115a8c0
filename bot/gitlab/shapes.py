"""GitLab's JSON becomes our words here, one function for each shape (docs.gitlab.com/api, entities of 17.10 to 19)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from backtrace_core.arrivals import Arrival
from backtrace_core.model import (
    Change,
    ChangeKind,
    Deployment,
    DeploymentStatus,
    Environment,
    FlagSwitch,
    Job,
    Person,
    Place,
)

Row = Mapping[str, Any]

MALFORMED = (LookupError, ArithmeticError, ValueError, TypeError, AttributeError)
"""What reading an answer of an unexpected form raises, here and in the readers that build upon these."""


LONGEST_TITLE = 1_000
"""Characters. A merge request's title has at most 255; a commit's is its first line, however long that is."""
LONGEST_DESCRIPTION = 20_000
"""Characters. GitLab takes a million. Nobody writes more than this about a change: the rest is logs and pasted tables,
whose words match every alert by chance.
"""
_END_OF_DESCRIPTION = 4_000


def shortened(description: str) -> str:
    """At most ``LONGEST_DESCRIPTION``; the end stays, since that is where people write what it closes."""
    if len(description) <= LONGEST_DESCRIPTION:
        return description
    beginning = description[: LONGEST_DESCRIPTION - _END_OF_DESCRIPTION - 1]
    return f"{beginning}\n{description[-_END_OF_DESCRIPTION:]}"


def moment(value: object) -> datetime | None:
    """GitLab's ISO times, with ``Z`` or an offset; None for what is no time."""
    if not isinstance(value, str):
        return None
    try:
        read = datetime.fromisoformat(value)
        return read.astimezone(UTC) if read.tzinfo else read.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def person_of(row: Row | None) -> Person | None:
    """The basic user; ``bot`` stands only in the fuller one, so bots are told by their names as well."""
    if not row or "id" not in row:
        return None
    username = str(row.get("username") or "")
    return Person(
        id=int(row["id"]),
        username=username,
        name=str(row.get("name") or username),
        url=str(row.get("web_url") or ""),
        state=str(row.get("state") or "active"),
        bot=bool(row.get("bot")) or _is_bot_name(username),
    )


def person_of_graphql(row: Row | None) -> Person | None:
    """A user of GraphQL, whose id is ``gid://gitlab/User/7``."""
    if not row or not row.get("id"):
        return None
    return person_of({**row, "id": str(row["id"]).rpartition("/")[2], "web_url": row.get("webUrl")})


_TOOLS = {"renovate", "renovatebot", "dependabot"}


def _is_bot_name(username: str) -> bool:
    # docs.gitlab.com/user/project/settings/project_access_tokens: a token's user is project_<id>_bot_<random>. Users
    # that people make for their tools are called after them: renovate-bot.
    # docs.gitlab.com/user/profile/service_accounts: theirs begin with service_account_.
    if username.startswith("service_account_") or username in _TOOLS:
        return True
    kind, _, rest = username.partition("_")
    return username.endswith(("-bot", "_bot", ".bot")) or (kind in {"project", "group"} and "_bot" in rest)


def environment_of(row: Row, project_url: str) -> Environment:
    return Environment(
        id=int(row["id"]),
        name=str(row["name"]),
        tier=str(row.get("tier") or "other"),
        url=f"{project_url}/-/environments/{row['id']}",
        external_url=row.get("external_url") or None,
    )


def is_stopped(environment: Row) -> bool:
    """Stopped, or about to be (docs.gitlab.com/api/environments: available, stopping, stopped)."""
    return environment.get("state") in ("stopping", "stopped")


def job_of(row: Row | None) -> Job | None:
    """A job entity; None for the null of deployments made through the API."""
    if not row or "id" not in row:
        return None
    return Job(
        id=int(row["id"]),
        name=str(row.get("name") or ""),
        pipeline_id=int((row.get("pipeline") or {}).get("id") or 0),
        status=str(row.get("status") or ""),
        url=str(row.get("web_url") or ""),
        ref=str(row.get("ref") or ""),
        archived=bool(row.get("archived")),
    )


def deployment_of(row: Row, project: str, project_url: str) -> Deployment:
    """A deployment row. It carries no ``finished_at``: the job's counts, without a job the row's last change."""
    status = DeploymentStatus(row["status"])
    deployable: Row = row.get("deployable") or {}
    created = moment(row["created_at"])
    if created is None:
        raise ValueError(f"deployment {row['id']} has no time of creation")
    environment: Row = row.get("environment") or {}
    job = job_of(deployable)
    page = f"{project_url}/-/environments/{environment.get('id', '')}".removesuffix("/")
    return Deployment(
        id=int(row["id"]),
        iid=int(row.get("iid") or 0),
        project=project,
        environment=str(environment.get("name") or ""),
        sha=str(row["sha"]),
        ref=str(row.get("ref") or ""),
        status=status,
        created_at=created,
        started_at=moment(deployable.get("started_at")),
        finished_at=_finish(row, deployable, status),
        # Whoever played a manual job deployed, not whoever's pipeline offered it.
        deployer=person_of(deployable.get("user")) or person_of(row.get("user")),
        job=job,
        url=job.url if job and job.url else page,
    )


_FINISHED = {DeploymentStatus.SUCCESS, DeploymentStatus.FAILED, DeploymentStatus.CANCELED}


def _finish(row: Row, deployable: Row, status: DeploymentStatus) -> datetime | None:
    if status not in _FINISHED:
        return None
    return moment(deployable.get("finished_at")) or moment(row.get("updated_at"))


def change_of_merge_request(row: Row, project: str) -> Change:
    """A merge request row, of the list or the single form; its diff and work items come apart."""
    named = (row.get("merge_commit_sha"), row.get("squash_commit_sha"), row.get("sha"))
    shas = [str(sha) for sha in named if sha]
    author = person_of(row.get("author"))
    return Change(
        kind=ChangeKind.MERGE_REQUEST,
        project=project,
        iid=int(row["iid"]),
        sha=shas[0] if shas else "",
        title=str(row.get("title") or "")[:LONGEST_TITLE],
        url=str(row.get("web_url") or ""),
        author=author,
        author_name=author.name if author else "",
        merged_at=moment(row.get("merged_at")),
        description=shortened(str(row.get("description") or "")),
        merged_by=person_of(row.get("merge_user") or row.get("merged_by")),
        shas=frozenset(shas),
        labels=tuple(_label(label) for label in row.get("labels") or ()),
        source_branch=str(row.get("source_branch") or ""),
        from_fork=_is_from_fork(row),
    )


def _is_from_fork(row: Row) -> bool:
    # GitLab empties the source's id when the fork is deleted.
    source, target = (row.get(f"{end}_project_id", 0) for end in ("source", "target"))
    return bool(source != target and target)


def _label(label: object) -> str:
    # `with_labels_details` turns the plain names into objects.
    return str(label.get("name")) if isinstance(label, Mapping) else str(label)


def change_of_commit(row: Row, project: str) -> Change:
    """A commit that came without a merge request. Commits know no GitLab user, only a name."""
    title = str(row.get("title") or "")
    message = str(row.get("message") or "").removeprefix(title).strip()
    return Change(
        kind=ChangeKind.COMMIT,
        project=project,
        iid=None,
        sha=str(row["id"]),
        title=title[:LONGEST_TITLE],
        url=str(row.get("web_url") or ""),
        author=None,
        author_name=str(row.get("author_name") or ""),
        merged_at=moment(row.get("committed_date")),
        description=shortened(message),
        shas=frozenset({str(row["id"])}),
    )


def change_of_flag(row: Row, project: str, page: str) -> Change:
    """A feature flag as it was last changed. Its API names nobody, and it has no page of its own to link by name."""
    state = "on" if row.get("active") else "off"
    return Change(
        kind=ChangeKind.FEATURE_FLAG,
        project=project,
        iid=None,
        sha="",
        title=str(row["name"]),
        url=page,
        author=None,
        author_name="",
        merged_at=moment(row["updated_at"]),
        description=f"{row.get('description') or ''}\n\nIt is {state} now.".strip(),
    )


def change_of_job(row: Row, project: str) -> Change:
    """A job that ran by itself; who started it is its author."""
    author = person_of(row.get("user"))
    return Change(
        kind=ChangeKind.JOB,
        project=project,
        iid=None,
        sha=str(int(row["id"])),
        title=str(row.get("name") or ""),
        url=str(row.get("web_url") or ""),
        author=author,
        author_name=author.name if author else "",
        merged_at=moment(row.get("started_at")),
        description=str(row.get("stage") or ""),
    )


FLAG_HOOK = "feature_flag"


def switch_of_hook(payload: Row, at: datetime) -> FlagSwitch | None:
    """A Feature Flag Hook; None for another one. It carries no time of its own: ``at`` is when it came.

    :raises MALFORMED: where it is one, in a form that is not known.
    """
    if payload.get("object_kind") != FLAG_HOOK:
        return None
    told: Row = payload["object_attributes"]
    return FlagSwitch(
        project=str(payload["project"]["path_with_namespace"]),
        name=str(told["name"]),
        turned="on" if told.get("active") else "off",
        person=_hook_person(payload),
        at=at,
    )


def _hook_person(payload: Row) -> Person | None:
    # The hook's user has no page of its own; `user_url` stands beside it.
    user: Row = payload.get("user") or {}
    return person_of({**user, "web_url": payload.get("user_url")})


def change_of_switch(switch: FlagSwitch, page: str) -> Change:
    """A feature flag of which only the webhook told."""
    return Change(
        kind=ChangeKind.FEATURE_FLAG,
        project=switch.project,
        iid=None,
        sha="",
        title=switch.name,
        url=page,
        author=switch.person,
        author_name=switch.person.name if switch.person else "",
        merged_at=switch.at,
        description=f"It was switched {switch.turned}.",
    )


def arrival_of_row(row: Row, project: str) -> Arrival:
    """What a deployment's row says has gone live."""
    environment: Row = row.get("environment") or {}
    sha = str(row.get("sha") or "") if row.get("status") == "success" else ""
    return Arrival(Place(project, str(environment.get("name") or "")), sha)


def arrival_of_hook(payload: Row) -> Arrival:
    """The same of a Deployment Hook, which has the name alone and a cut sha."""
    project: Row = payload.get("project") or {}
    sha = str(payload.get("short_sha") or "") if payload.get("status") == "success" else ""
    return Arrival(Place(str(project.get("path_with_namespace") or ""), str(payload.get("environment") or "")), sha)
