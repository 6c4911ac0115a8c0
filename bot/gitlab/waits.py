"""What a retried job would have to wait for in GitLab: approvals (Premium), and its resource group."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from backtrace_core.model import Caution, Deployment
from bot.gitlab.client import GitLabClient
from bot.gitlab.paths import api_path, in_project
from bot.gitlab.protections import groups_above, rules

MOST_GROUPS, MOST_LOOKED_AT = 100, 5

Row = Mapping[str, Any]


async def approval_cautions(client: GitLabClient, target: Deployment, tier: str) -> tuple[Caution, ...]:
    """How many approvals a deployment to the target's environment needs, and whose.

    Nothing where the rules can't be read: who may deploy can't then either, which refuses.

    :raises GitLabError: when GitLab can't be asked.
    """
    groups = groups_above(await client.get(in_project(target.project))) or ()
    lists = await asyncio.gather(
        _rules(client, in_project(target.project, "protected_environments"), target.environment),
        *(_rules(client, api_path("groups", group, "protected_environments"), tier) for group in groups),
    )
    needed = [one for rows in lists for row in rows for one in _needed(row)]
    if not needed:
        return ()
    count = sum(number for number, _ in needed)
    whose = ", ".join(f"{number} by {who}" for number, who in needed)
    says = f"{target.environment} needs {count} approval{'s' if count > 1 else ''} in GitLab ({whose})"
    then = "the rollback waits until they are given, and somebody starts its job"
    return (Caution(f"{says}: {then}", target.url),)


async def _rules(client: GitLabClient, path: str, name: str) -> list[Row]:
    return [row for row in (await rules(client, path)).rows if row.get("name") == name]


def _needed(row: Row) -> Iterator[tuple[int, str]]:
    """Each rule's number and whose approval counts. Older servers have one number, and whoever may deploy approves."""
    rules = row.get("approval_rules") or ()
    for rule in rules:
        yield int(rule.get("required_approvals") or 0), _who((rule,))
    count = row.get("required_approval_count") or 0
    if not rules and isinstance(count, int) and count > 0:
        yield count, _who(row.get("deploy_access_levels") or ())


def _who(rows: Iterable[Row]) -> str:
    """GitLab's own words for a role, a group, a person."""
    names = [str(row.get("access_level_description") or "somebody") for row in rows]
    return " or ".join(dict.fromkeys(names)) or "somebody"


async def resource_group_cautions(client: GitLabClient, target: Deployment) -> tuple[Caution, ...]:
    """The jobs that wait for the resource group of the target's job already: the rollback would wait behind them.

    A job's row does not tell its group. It is the one that a job of the same name waits for, or that is called after
    the environment or the job. Who has the group now the API of these groups does not tell.

    :raises GitLabError: when GitLab can't be asked.
    """
    name = target.job.name if target.job is not None else ""
    rows = await client.list_all(in_project(target.project, "resource_groups"), limit=MOST_GROUPS)
    likely = sorted((str(row.get("key") or "") for row in rows), key=lambda key: key not in {target.environment, name})
    waiting = await asyncio.gather(*(_waiting(client, target.project, key) for key in likely[:MOST_LOOKED_AT]))
    return tuple(
        caution
        for key, jobs in zip(likely, waiting, strict=False)
        if key in {target.environment, name} or any(job.get("name") == name for job in jobs)
        for caution in _held(key, jobs)
    )


async def _waiting(client: GitLabClient, project: str, key: str) -> list[Row]:
    path = in_project(project, "resource_groups", key, "upcoming_jobs")
    rows = await client.list_all(path, limit=MOST_GROUPS)
    return [row for row in rows if row.get("status") == "waiting_for_resource"]


def _held(key: str, jobs: Sequence[Row]) -> Iterator[Caution]:
    if jobs:
        first = min(jobs, key=lambda job: int(job.get("id") or 0))
        who = str((first.get("user") or {}).get("username") or "")
        more = f" and {len(jobs) - 1} more" if len(jobs) > 1 else ""
        says = f"The resource group {key} is held: job {first.get('name')}{f' of {who}' if who else ''}{more}"
        yield Caution(f"{says} waits for it already, and the rollback would wait too", str(first.get("web_url") or ""))
