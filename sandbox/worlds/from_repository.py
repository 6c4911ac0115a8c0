"""A world from anybody's git repository: what was merged becomes merge requests, deployed every so many or at tags."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pygit2

from sandbox.worlds.crowd import users_of
from sandbox.worlds.landings import Landing, read_landings
from sandbox.worlds.model import Deployment, Environment, MergeRequest, Project, User, World
from sandbox.worlds.numbers import Numbers
from sandbox.worlds.points import Point, points_of
from sandbox.worlds.senders import script

_PROJECT = 84
_NUMBERS = Numbers(_PROJECT)
_BUILD, _ROLL = timedelta(minutes=2), timedelta(minutes=6)
_QUIET = timedelta(minutes=10)
_SLUG = re.compile(r"[^a-z0-9_.-]+")


def world_of_repository(path: Path, symptom: str, at: datetime | None, every: int, folder: Path) -> World:
    """The world in which ``symptom`` is seen at ``at``; without that, ten minutes after the newest deployment.

    The current branch is read, along its first parents; ``every`` merge requests make a deployment, unless there are
    tags to go by. Shas, diffs, authors and dates are real; a copy of the repository is made below ``folder``. Nobody
    knows what must come out, so nothing is expected.

    :raises ValueError: where that can't be done, in a sentence that says what to do.
    """
    _check(symptom, at, every)
    source = _opened(path)
    landings = read_landings(source, str(source.head.target), at)
    if not landings:
        raise ValueError(f"{path} has no commit before {at}: choose a later time with --at")
    service = _slug(source)
    copy = _copied(source, landings[-1].sha, folder / f"{service}.git")
    users = users_of(landings)
    deployments = tuple(_deployments(points_of(copy, landings, every), landings, users))
    t0 = at or (deployments[-1].finished_at or landings[-1].at) + _QUIET
    live = tuple(deployment for deployment in deployments if deployment.finished_at and deployment.finished_at <= t0)
    if not live:
        raise ValueError(f"nothing of {path} was live at {t0}: choose a later time with --at")
    changes = tuple(_merge_requests(landings, users, copy))
    return _world(t0, f"{service} [production] {symptom.strip()}", (copy, service, landings), (users, changes, live))


def _world(
    t0: datetime,
    text: str,
    project: tuple[pygit2.Repository, str, list[Landing]],
    known: tuple[dict[str, User], tuple[MergeRequest, ...], tuple[Deployment, ...]],
) -> World:
    copy, service, landings = project
    users, changes, live = known
    created = landings[0].at - timedelta(days=1)
    return World(
        name="repository",
        summary=f"{len(changes)} merge requests and {len(live)} deployments of {service}",
        t0=t0,
        project=_project(copy, service, created),
        environments=(Environment(_NUMBERS.environment(0), "production", "production", None, created),),
        users=tuple(users.values()),
        issues=(),
        merge_requests=changes,
        deployments=live,
        service=service,
        aliases=(),
        alert=script("alerts", f":rotating_light: {text}", f":white_check_mark: Resolved: {text}"),
        script=(),
        expect=None,
    )


def _check(symptom: str, at: datetime | None, every: int) -> None:
    if not symptom.strip():
        raise ValueError('say what went wrong: --symptom "500s on login"')
    if at is not None and at.tzinfo is None:
        raise ValueError(f"{at} has no time zone: write 2026-11-19T13:40:00Z")
    if every < 1:
        raise ValueError("a deployment needs at least one merge request: give a number from 1 on")


def _opened(path: Path) -> pygit2.Repository:
    try:
        found = pygit2.discover_repository(str(path))
        if found is None:
            raise ValueError(f"{path} is not a git repository: give the folder of one")
        repository = pygit2.Repository(found)
    except (pygit2.GitError, KeyError) as error:
        raise ValueError(f"{path} can't be read as a git repository: {error}") from error
    if repository.is_empty or repository.head_is_unborn:
        raise ValueError(f"{path} has no commit on its current branch: commit something, or check out another branch")
    if repository.is_shallow:
        raise ValueError(f"{path} is a shallow clone: run `git fetch --unshallow` in it first")
    return repository


def _slug(source: pygit2.Repository) -> str:
    folder = Path(source.workdir or source.path)
    return _SLUG.sub("-", folder.name.lower().removesuffix(".git")).strip("-._") or "repository"


def _copied(source: pygit2.Repository, newest: str, path: Path) -> pygit2.Repository:
    """A bare copy whose only branch ends at ``newest``. Files of objects are shared with the source where possible."""
    path.parent.mkdir(parents=True, exist_ok=True)
    branch = "main" if source.head_is_detached else source.head.shorthand
    try:
        copy = pygit2.clone_repository(source.path, str(path), bare=True)
    except pygit2.GitError as error:
        raise ValueError(f"{source.path} can't be copied: {error}; clone it with git, and give the clone") from error
    copy.references.create(f"refs/heads/{branch}", pygit2.Oid(hex=newest), force=True)
    copy.set_head(f"refs/heads/{branch}")
    return copy


def _project(copy: pygit2.Repository, service: str, created: datetime) -> Project:
    repository = Path(copy.path)
    return Project(
        _PROJECT, f"local/{service}", service, copy.head.shorthand, "private", created, repository, merge_method="merge"
    )


def _merge_requests(landings: list[Landing], users: dict[str, User], copy: pygit2.Repository) -> Iterator[MergeRequest]:
    for number, step in _numbered(landings):
        copy.references.create(f"refs/merge-requests/{number}/head", pygit2.Oid(hex=step.head), force=True)
        yield MergeRequest(
            id=_NUMBERS.merge_request(number),
            iid=number,
            title=step.said.title,
            description=step.said.description,
            author=users[step.author.email].username,
            merged_by=users[step.merger.email].username,
            source_branch=step.said.branch or f"branch-{step.head[:8]}",
            target_branch=copy.head.shorthand,
            created_at=step.opened,
            merged_at=step.at,
            sha=step.head,
            merge_commit_sha=step.sha if step.kind == "merge" else None,
            squash_commit_sha=step.sha if step.kind == "squash" else None,
        )


def _numbered(landings: list[Landing]) -> Iterator[tuple[int, Landing]]:
    """Their own numbers where they have one that is free; the others get those above all."""
    changes = [step for step in landings if step.kind != "push"]
    taken = {step.said.number for step in changes if step.said.number}
    free = max(taken, default=0)
    for step in changes:
        number = step.said.number
        if number in taken and number is not None:
            taken.discard(number)
        else:
            free += 1
            number = free
        yield number, step


def _deployments(points: list[Point], landings: list[Landing], users: dict[str, User]) -> Iterator[Deployment]:
    """One after the other: a deployment starts when the one before has ended."""
    free_at = landings[0].at
    for n, point in enumerate(points):
        step = landings[point.step]
        created = max(point.at, step.at)
        started = max(created + _BUILD, free_at)
        free_at = started + _ROLL
        yield Deployment(
            id=_NUMBERS.deployment(n),
            iid=n + 1,
            environment="production",
            sha=step.sha,
            ref=point.ref,
            status="success",
            created_at=created,
            started_at=started,
            finished_at=free_at,
            user=users[step.merger.email].username,
            job_id=_NUMBERS.job(n),
            pipeline_id=_NUMBERS.pipeline(n),
        )
