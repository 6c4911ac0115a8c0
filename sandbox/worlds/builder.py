"""A story becomes a repository, and all that GitLab would know of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Literal, NotRequired, TypedDict, Unpack
from zlib import crc32
from zoneinfo import ZoneInfo

from sandbox.worlds.deploys import Deploys
from sandbox.worlds.git import Note, Repository
from sandbox.worlds.messages import merge_message
from sandbox.worlds.model import (
    Deployment,
    Environment,
    Expectation,
    FeatureFlag,
    Firing,
    Issue,
    MergeRequest,
    Part,
    Project,
    Step,
    ToldPipeline,
    World,
)
from sandbox.worlds.numbers import Numbers
from sandbox.worlds.people import BY_USERNAME, PEOPLE
from sandbox.worlds.story import Commit, Merge, Story, parse
from sandbox.worlds.story import Issue as ToldIssue

STORIES = Path(__file__).with_name("stories")
_BRANCH = "main"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a story plays. ``number`` is the project's id; all other ids follow from it."""

    number: int
    path: str
    name: str
    url: str
    merge_method: Literal["merge", "ff"] = "merge"


class Incident(TypedDict):
    """What a world adds to its story."""

    service: str
    aliases: tuple[str, ...]
    alert: Firing
    script: tuple[Step, ...]
    expect: Expectation
    flags: NotRequired[tuple[FeatureFlag, ...]]
    libraries: NotRequired[tuple[tuple[str, str], ...]]
    services: NotRequired[tuple[tuple[str, str], ...]]
    others: NotRequired[tuple[Mapping[str, Any], ...]]
    pipeline: NotRequired[ToldPipeline]
    settings: NotRequired[str]


@dataclass(frozen=True, slots=True)
class Told:
    """A story that has happened. ``named`` are the deployments that the story gives a name."""

    name: str
    t0: datetime
    project: Project
    environments: tuple[Environment, ...]
    issues: tuple[Issue, ...]
    merge_requests: tuple[MergeRequest, ...]
    deployments: tuple[Deployment, ...]
    named: dict[str, Deployment]
    repository: Repository

    def world(self, summary: str, more: tuple[Told, ...] = (), **incident: Unpack[Incident]) -> World:
        """The story with its incident: as whose service, by which alert, what is done, and what must come out.

        ``more`` are the stories of other projects of the same GitLab.
        """
        return World(
            name=self.name,
            summary=summary,
            t0=self.t0,
            project=self.project,
            environments=self.environments,
            users=PEOPLE,
            issues=self.issues,
            merge_requests=self.merge_requests,
            deployments=self.deployments,
            more=tuple(told.part() for told in more),
            **incident,
        )

    def part(self) -> Part:
        return Part(self.project, self.environments, self.issues, self.merge_requests, self.deployments)

    def expect(self, iid: int, state: str, card_says: tuple[str, ...] = ()) -> Expectation:
        """That merge request is named; going back leads from the deployment named ``bad`` to the one named ``good``."""
        culprit = next(change for change in self.merge_requests if change.iid == iid)
        return Expectation(
            outcome="named",
            culprit=iid,
            author=culprit.author,
            work_item=culprit.closes[0] if culprit.closes else None,
            deployment=self.named["bad"].id,
            target=self.named["good"].id,
            sha=self.named["good"].sha[:8],
            state=state,
            card_says=card_says,
        )


def tell(name: str, place: Place, t0: datetime, folder: Path) -> Told:
    """Let the story of that name happen, so that its alert comes at ``t0``; the repository is made below ``folder``.

    :raises ValueError: where the story contradicts itself, with the block that does.
    """
    story = parse((STORIES / f"{name.replace('-', '_')}.story").read_text(encoding="utf-8"))
    return _Telling(place, t0, folder).run(name, story)


class _Telling:
    def __init__(self, place: Place, t0: datetime, folder: Path) -> None:
        self._place = place
        self._t0 = t0.replace(microsecond=0)
        self._numbers = Numbers(place.number)
        self._repository = Repository(folder / f"{place.path.rsplit('/', 1)[-1]}.git", _BRANCH)
        self._heads: dict[int, str] = {}
        self._closed: dict[int, datetime] = {}
        self._merge_requests: list[MergeRequest] = []
        self._deploys = Deploys(self._numbers, self._t0, _BRANCH)

    def run(self, name: str, story: Story) -> Told:
        for _, happen in sorted(self._events(story), key=lambda event: event[0]):
            happen()
        environments = sorted({deploy.environment for deploy in story.deploys})
        created = self._t0 + min(merge.opened for merge in story.merges) - timedelta(hours=20)
        return Told(
            name=name,
            t0=self._t0,
            project=self._project(created),
            environments=tuple(self._environment(n, place, created) for n, place in enumerate(environments)),
            issues=tuple(self._issue(told) for told in sorted(story.issues, key=lambda told: told.iid)),
            merge_requests=tuple(sorted(self._merge_requests, key=lambda change: change.iid)),
            deployments=tuple(self._deploys.done),
            named=self._deploys.named,
            repository=self._repository,
        )

    def _events(self, story: Story) -> list[tuple[timedelta, Callable[[], None]]]:
        events: list[tuple[timedelta, Callable[[], None]]] = []
        events += [(commit.at, partial(self._push, commit)) for commit in story.pushes]
        events += [(merge.commits[0].at, partial(self._branch_off, merge)) for merge in story.merges]
        events += [(merge.merged, partial(self._merge, merge)) for merge in story.merges]
        events += [(tag.at, partial(self._tag, tag.name)) for tag in story.tags]
        events += [(deploy.at, partial(self._deploys.happen, deploy, self._tip)) for deploy in story.deploys]
        return events

    def _tip(self) -> str:
        return self._repository.tip

    def _tag(self, name: str) -> None:
        self._repository.point(f"refs/tags/{name}", self._tip())

    def _push(self, commit: Commit) -> None:
        parent = self._repository.tip if self._repository.started else None
        self._repository.advance(self._commit(commit, parent))

    def _branch_off(self, merge: Merge) -> None:
        head = self._repository.tip
        for commit in merge.commits:
            try:
                head = self._commit(commit, head)
            except ValueError as error:
                raise ValueError(f"!{merge.iid} {merge.title}: {error}") from error
        self._repository.point(f"refs/merge-requests/{merge.iid}/head", head)
        self._heads[merge.iid] = head

    def _commit(self, commit: Commit, parent: str | None) -> str:
        note = Note(commit.message, BY_USERNAME[commit.by], self._moment(commit.at, commit.by, commit.message))
        return self._repository.commit(note, commit.edits, parent)

    def _merge(self, merge: Merge) -> None:
        at = self._moment(merge.merged, merge.merged_by, merge.title)
        try:
            squashed, merged = self._land(merge, at)
        except ValueError as error:
            raise ValueError(f"!{merge.iid} {merge.title}: {error}") from error
        self._repository.advance(merged or squashed or self._heads[merge.iid])
        self._closed |= dict.fromkeys(merge.closes, at)
        self._merge_requests.append(self._merge_request(merge, squashed, merged))

    def _land(self, merge: Merge, at: datetime) -> tuple[str | None, str | None]:
        """The squash commit and the merge commit, where there is one. A fast-forward project has only the former."""
        main, theirs = self._repository.tip, self._heads[merge.iid]
        squashed = None
        if merge.squash or self._place.merge_method == "ff":
            note = Note(f"{merge.title}\n", BY_USERNAME[merge.by], at, BY_USERNAME[merge.merged_by])
            squashed = theirs = self._repository.squash(note, main, theirs)
        if self._place.merge_method == "ff":
            return squashed, None
        note = Note(merge_message(merge, self._place.path, _BRANCH), BY_USERNAME[merge.merged_by], at)
        return squashed, self._repository.merge(note, main, theirs)

    def _merge_request(self, merge: Merge, squashed: str | None, merged: str | None) -> MergeRequest:
        return MergeRequest(
            id=self._numbers.merge_request(merge.iid),
            iid=merge.iid,
            title=merge.title,
            description=merge.description,
            author=merge.by,
            merged_by=merge.merged_by,
            source_branch=merge.branch,
            target_branch=_BRANCH,
            created_at=self._moment(merge.opened, merge.by, merge.branch),
            merged_at=self._moment(merge.merged, merge.merged_by, merge.title),
            sha=self._heads[merge.iid],
            merge_commit_sha=merged,
            squash_commit_sha=squashed,
            labels=merge.labels,
            closes=merge.closes,
            approved_by=merge.approved,
        )

    def _issue(self, told: ToldIssue) -> Issue:
        return Issue(
            id=self._numbers.issue(told.iid),
            iid=told.iid,
            title=told.title,
            description=told.description,
            author=told.by,
            created_at=self._moment(told.at, told.by, told.title),
            confidential=told.confidential,
            labels=told.labels,
            closed_at=self._closed.get(told.iid),
        )

    def _moment(self, at: timedelta, username: str, what: str) -> datetime:
        # People press at odd seconds; which ones follows from the text, so that shas stay the same.
        seconds = timedelta(seconds=crc32(what.encode()) % 55)
        return (self._t0 + at + seconds).astimezone(ZoneInfo(BY_USERNAME[username].timezone))

    def _project(self, created: datetime) -> Project:
        place, path = self._place, self._repository.path
        return Project(place.number, place.path, place.name, _BRANCH, "private", created, path, place.merge_method)

    def _environment(self, n: int, name: str, created: datetime) -> Environment:
        host = ".".join(reversed(name.split("/")))
        url = self._place.url if name == "production" else self._place.url.replace("://", f"://{host}.", 1)
        # GitLab tells the tier from the name, for folders too (docs.gitlab.com/ci/environments: deployment tier).
        return Environment(self._numbers.environment(n), name, name.partition("/")[0], url, created)
