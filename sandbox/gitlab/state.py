"""The state of one project of a GitLab: a world's living copy. Routes read it, writes go through here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from sandbox.gitlab import linking, seed
from sandbox.gitlab.oauth import OAuth
from sandbox.gitlab.options import GitLabOptions, Token
from sandbox.gitlab.records import (
    Access,
    Approval,
    ApprovalRule,
    Deployment,
    FreezePeriod,
    Hook,
    Issue,
    Job,
    Label,
    Note,
    Pipeline,
    Proposal,
    ProtectedBranch,
    Retry,
    Schedule,
)
from sandbox.gitlab.repository import Repository
from sandbox.worlds.model import Environment, FeatureFlag, MergeRequest, Part, User, World

OWN_GROUP = 1
"""The id of the group that the project is in."""

Effect = Callable[[str, str], None]
"""Told ``("before" | "after", name)`` around every write that takes effect; names as in ``GitLabState.effects``."""


class GitLabState:
    """``retries``, ``notes``, ``incidents`` and ``effects`` (a count for each kind of write) are for tests to read.

    ``pipelines_end`` is how pipelines that are started will end, ``tool_deploys`` whether they get anything deployed.
    ``retries_end`` is how retried jobs will end, ``failure_reason`` why they fail where they do, ``auto_retries`` how
    many failed ones GitLab retries by itself (``retry:`` in the job). ``hook_spread`` says of each webhook how often it
    is delivered, and after which waits. Free to change: ``levels`` (username -> role),
    ``tokens``, the tables of protections (``protected_tiers`` is the group's), ``groups`` (id -> username -> role),
    ``approval_rules`` (by environment) and ``approvals`` (by deployment), ``resource_groups`` (key -> the id of the job
    that holds it), ``freeze_periods``, ``stopped`` (names of environments), and every record.

    ``states`` are all projects of the GitLab by full path, this one first: each has a state of its own, with its own
    ``levels``; people, tokens, groups and the clock are those of all.
    """

    def __init__(self, world: World, clock: Callable[[], datetime], options: GitLabOptions | None = None) -> None:
        self.world = world
        self.project = world.project
        self.clock = clock
        self.options = options or GitLabOptions()
        self.url = "http://127.0.0.1"
        self.repository = Repository(world.project.repository)
        self.bot = seed.bot_of(world)
        self.users: dict[str, User] = {user.username: user for user in (*world.users, self.bot)}
        self.levels: dict[str, int] = seed.levels_of(world, self.bot, self.options)
        self.tokens: dict[str, Token] = seed.tokens_of(world, self.options)
        self.oauth = OAuth(self.now, self.tokens)
        self.environments: dict[str, Environment] = {place.name: place for place in world.environments}
        self.merge_requests: dict[int, MergeRequest] = {change.iid: change for change in world.merge_requests}
        self.proposals: dict[int, Proposal] = {}
        self.schedules: dict[int, Schedule] = {}
        self.pipelines: dict[int, Pipeline] = seed.pipelines_of(world)
        self.jobs: dict[int, Job] = seed.jobs_of(world)
        self.deployments: dict[int, Deployment] = seed.deployments_of(world)
        self.issues: dict[int, Issue] = seed.issues_of(world)
        self.labels: dict[str, Label] = seed.labels_of(world)
        self.flags: dict[str, FeatureFlag] = {flag.name: flag for flag in world.flags}
        self.strategies: dict[str, list[tuple[str, ...]]] = {}
        self.hooks: dict[int, Hook] = {}
        self.protected_branches: dict[str, ProtectedBranch] = seed.protected_branches_of(world)
        self.protected_tags: dict[str, tuple[Access, ...]] = {}
        self.protected_environments: dict[str, tuple[Access, ...]] = {}
        self.protected_tiers: dict[str, tuple[Access, ...]] = {}
        # The members of the project are those of the group that it is in, until a test says otherwise.
        self.groups: dict[int, dict[str, int]] = {OWN_GROUP: self.levels}
        self.approval_rules: dict[str, tuple[ApprovalRule, ...]] = {}
        self.approvals: dict[int, list[Approval]] = {}
        self.resource_groups: dict[str, int | None] = {}
        self.freeze_periods: list[FreezePeriod] = []
        self.stopped: set[str] = set()
        self.links = linking.Links(self)
        self.retries: list[Retry] = []
        self.retries_end = "success"
        self.failure_reason = "script_failure"
        self.auto_retries = 0
        self.pipelines_end = "success"
        self.tool_deploys = True
        self.effects: Counter[str] = Counter()
        self.hook_spread: Callable[[], tuple[float, ...]] = lambda: (0.0,)
        self.on_effect: Effect = lambda _moment, _name: None
        self.on_change: Callable[[str, int], None] = lambda _kind, _id: None
        self.states: dict[str, GitLabState] = {self.project.path: self}
        for part in world.more:
            self.states[part.project.path] = self._beside(part)

    def _beside(self, part: Part) -> GitLabState:
        told = {name: getattr(part, name) for name in part.__slots__}
        other = GitLabState(replace(self.world, more=(), flags=(), **told), self.clock, self.options)
        other.states, other.bot, other.users, other.tokens = self.states, self.bot, self.users, self.tokens
        other.oauth = self.oauth
        other.levels = seed.levels_of(self.world, self.bot, self.options)
        other.groups, other.protected_tiers = self.groups, self.protected_tiers
        return other

    def of(self, project: str) -> GitLabState | None:
        """The state of the project of that number or full path."""
        return next((one for path, one in self.states.items() if project in {path, str(one.project.id)}), None)

    def stand_at(self, url: str) -> None:
        """Give all projects the address under which the GitLab stands."""
        for state in self.states.values():
            state.url = url

    @property
    def incidents(self) -> list[Issue]:
        return [issue for issue in self.issues.values() if issue.kind == "incident"]

    @property
    def notes(self) -> list[Note]:
        return [note for issue in self.issues.values() for note in issue.notes]

    def now(self) -> datetime:
        return self.clock()

    def link_now(self) -> None:
        """Run the worker that links merge requests to deployments, for all that succeeded."""
        self.links.run()

    @contextmanager
    def effect(self, name: str) -> Iterator[None]:
        """Around a write: it is counted, and told to ``on_effect`` before and after."""
        self.on_effect("before", name)
        yield
        self.effects[name] += 1
        self.on_effect("after", name)

    def label(self, name: str) -> Label:
        """The label of that name; GitLab creates unknown ones on the fly."""
        if name not in self.labels:
            self.labels[name] = Label(next_id(label.id for label in self.labels.values()), name)
        return self.labels[name]

    def person(self, username: str) -> User | None:
        wanted = username.casefold()
        return next((user for user in self.users.values() if user.username.casefold() == wanted), None)

    def user_of_id(self, user_id: int) -> User | None:
        return next((user for user in self.users.values() if user.id == user_id), None)

    def expiry_of(self, token: Token) -> date:
        # Mandatory on newer servers, at most 365 days ahead.
        return token.expires_on or (self.world.t0 + timedelta(days=90)).date()

    def accepts(self, token: Token) -> bool:
        """Neither revoked nor expired: the latter happens at midnight UTC of the day that it bears."""
        now = self.now()
        is_over = token.expires_at is not None and token.expires_at <= now
        return token.active and not is_over and now.astimezone(UTC).date() < self.expiry_of(token)

    def note_id(self) -> int:
        return next_id((note.id for note in self.notes), first=60_001)


def next_id(taken: Iterator[int] | list[int], *, first: int = 1) -> int:
    return max(taken, default=first - 1) + 1
