"""What a world is: an incident as data, with what must come out of it.

A world is *described* by a function ``build(t0, folder) -> World`` in a module of its own; building writes a real bare
git repository below ``folder`` and resolves every sha. ``t0`` is the moment of the alert; all other times are relative
to it, so that the same ``t0`` gives the same shas.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class User:
    """One person in both GitLab and Slack. ``access_level``: GitLab's role number (30 developer, 40 maintainer).

    ``slack_id`` is empty for those who are not in Slack.
    """

    id: int
    username: str
    name: str
    email: str
    access_level: int
    slack_id: str
    state: str = "active"
    bot: bool = False
    timezone: str = "Europe/Berlin"


@dataclass(frozen=True, slots=True)
class Issue:
    id: int
    iid: int
    title: str
    description: str
    author: str
    created_at: datetime
    confidential: bool = False
    labels: tuple[str, ...] = ()
    closed_at: datetime | None = None
    kind: Literal["issue", "incident"] = "issue"


@dataclass(frozen=True, slots=True)
class MergeRequest:
    """A merged merge request. ``sha`` is the head of the source branch; the three shas exist in the repository.

    ``fork`` is the number of the project that the branch is in, where that is another one. ``base_sha`` is what the
    branch was built upon; None: as the merge tells. Only a fast-forward of several commits leaves no trace of it.
    """

    id: int
    iid: int
    title: str
    description: str
    author: str
    merged_by: str
    source_branch: str
    target_branch: str
    created_at: datetime
    merged_at: datetime
    sha: str
    merge_commit_sha: str | None
    squash_commit_sha: str | None
    labels: tuple[str, ...] = ()
    closes: tuple[int, ...] = ()
    approved_by: tuple[str, ...] = ()
    fork: int | None = None
    base_sha: str | None = None


@dataclass(frozen=True, slots=True)
class Deployment:
    """One deployment with its job. ``played_by`` ran a manual job that ``user``'s pipeline offered.

    A running one may carry a ``finished_at`` after ``t0``, when it will end well; None: it runs until it is canceled.
    """

    id: int
    iid: int
    environment: str
    sha: str
    ref: str
    status: Literal["created", "running", "success", "failed", "canceled", "blocked"]
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    user: str
    job_id: int
    pipeline_id: int
    played_by: str | None = None
    has_job: bool = True


@dataclass(frozen=True, slots=True)
class Environment:
    id: int
    name: str
    tier: str
    external_url: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class FeatureFlag:
    """``scopes``: the environments of its one strategy; empty: it has none. ``apart``: each has one of its own."""

    name: str
    description: str
    updated_at: datetime
    scopes: tuple[str, ...] = ("*",)
    active: bool = True
    apart: bool = False


@dataclass(frozen=True, slots=True)
class Project:
    id: int
    path: str
    name: str
    default_branch: str
    visibility: Literal["private", "internal", "public"]
    created_at: datetime
    repository: Path
    merge_method: Literal["merge", "ff", "rebase_merge"] = "merge"


@dataclass(frozen=True, slots=True)
class Part:
    """Another project of the same GitLab, with what happened in it."""

    project: Project
    environments: tuple[Environment, ...] = ()
    issues: tuple[Issue, ...] = ()
    merge_requests: tuple[MergeRequest, ...] = ()
    deployments: tuple[Deployment, ...] = ()


@dataclass(frozen=True, slots=True)
class Firing:
    """What a sender posts to an incoming webhook when the alert fires, and when it resolves."""

    firing: Mapping[str, Any]
    resolved: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that is done after the card stands.

    ``press`` a button by its action id without ``backtrace:`` (``more=roll_back_last``: an entry of the menu),
    ``submit`` the open modal, ``resolve``: the sender says that it is over, ``wait`` until the incident's state is
    ``value``, ``post`` what another sender says (``value``: its place in the world's ``others``).
    """

    kind: Literal["press", "submit", "resolve", "wait", "post"]
    user: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True)
class Expectation:
    """What must come out; ids are those of the world, None stands for ``-`` in the verdict line.

    ``culprit`` is the number of a merge request, or the word by which the card's metadata calls what is none.
    ``via``: the service's merge request that took the library's version, where a library's is the culprit. ``cards``:
    how many stand in the channel at the end.
    """

    outcome: Literal["named", "shortlist", "no_change", "not_enough"]
    culprit: int | str | None
    author: str | None
    work_item: int | None
    deployment: int | None
    target: int | None
    sha: str | None
    state: str
    card_says: tuple[str, ...] = ()
    card_does_not_say: tuple[str, ...] = ()
    via: int | None = None
    cards: int = 1


@dataclass(frozen=True, slots=True)
class ToldPipeline:
    """By which variables or inputs a started pipeline is told the version, and where to deploy it."""

    sha: str
    environment: str


@dataclass(frozen=True, slots=True)
class World:
    """``expect`` is None where nobody knows what must come out: a world made from somebody's own repository.

    ``more`` are the other projects of its GitLab, with the same people; ``libraries`` those that release a package, as
    (package, project's path) pairs. ``services`` are those that the bot knows beside its own, as (name, project's path)
    pairs; ``others`` is what other senders post. ``pipeline``: how its pipelines are told what to deploy;
    ``settings`` are the lines that its ``[[service]]`` has beside the usual ones.
    """

    name: str
    summary: str
    t0: datetime
    project: Project
    environments: tuple[Environment, ...]
    users: tuple[User, ...]
    issues: tuple[Issue, ...]
    merge_requests: tuple[MergeRequest, ...]
    deployments: tuple[Deployment, ...]
    service: str
    aliases: tuple[str, ...]
    alert: Firing
    script: tuple[Step, ...]
    expect: Expectation | None
    more: tuple[Part, ...] = ()
    flags: tuple[FeatureFlag, ...] = ()
    libraries: tuple[tuple[str, str], ...] = ()
    services: tuple[tuple[str, str], ...] = ()
    others: tuple[Mapping[str, Any], ...] = ()
    pipeline: ToldPipeline | None = None
    settings: str = ""
