"""The words of Backtrace: frozen values and enums, nothing else. All times are aware datetimes in UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum

from backtrace_core.flag import Flag

# --- the catalog: which service lives where -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Place:
    """One environment of one project: what is deployed to, and gone back in, as a whole."""

    project: str
    environment: str


class GoingBack(StrEnum):
    """How a service goes back to an older version.

    ``retry``: the job of the older deployment runs again; ``pipeline``: a pipeline that is told the older version;
    ``link``: people do it in GitLab, or in what deploys for it, and are followed.
    """

    RETRY = "retry"
    PIPELINE = "pipeline"
    LINK = "link"


@dataclass(frozen=True, slots=True)
class Service:
    """One entry of the catalog.

    ``project`` is GitLab's full path (``shop/web``), the main one where ``projects`` has further ones. The first of
    ``environments`` is the one that is meant when nobody names one. ``environments`` and ``aliases`` may be globs
    (``production/*``). ``channels`` are the Slack channel ids in which the service may be shown; empty means every
    channel that the bot serves. ``on_call`` are GitLab usernames to mention where GitLab itself pages nobody. ``urls``
    are the addresses below which the service answers. ``incident_channel`` is where GitLab's own incidents get their
    card, ``confidential_channels`` are those in which confidential ones may be shown. ``rollback``: how it goes back.
    ``second_person``: whether somebody else has to agree before its production goes back.
    """

    name: str
    project: str
    environments: tuple[str, ...] = ("production",)
    aliases: tuple[str, ...] = ()
    incident_project: str | None = None
    channels: tuple[str, ...] = ()
    depends_on: tuple[str, ...] = ()
    on_call: tuple[str, ...] = ()
    projects: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()
    incident_channel: str | None = None
    confidential_channels: tuple[str, ...] = ()
    rollback: GoingBack = GoingBack.RETRY
    second_person: bool = False

    @property
    def all_projects(self) -> tuple[str, ...]:
        """The main project, then the further ones."""
        return (self.project, *self.projects)


@dataclass(frozen=True, slots=True)
class Library:
    """A package that a GitLab project releases by tags.

    ``tag`` is the tag's name with ``{version}`` in it; empty tries ``v{version}``, then ``{version}``.
    """

    package: str
    project: str
    tag: str = ""

    def tags(self, version: str) -> tuple[str, ...]:
        """The names that the tag of a version may have."""
        names = (self.tag,) if self.tag else ("v{version}", "{version}")
        return tuple(name.replace("{version}", version) for name in names)


# --- the alert ------------------------------------------------------------------------------------------------------


class AlertStatus(StrEnum):
    FIRING = "firing"
    RESOLVED = "resolved"


class Severity(IntEnum):
    """How grave the sender calls it; 1 is the gravest, as GitLab counts incidents' severities."""

    CRITICAL = 1
    HIGH = 2
    MEDIUM = 3
    LOW = 4
    INFO = 5


@dataclass(frozen=True, slots=True)
class Frame:
    """One line of a stack trace, innermost last, as the alert printed it."""

    file: str
    line: int | None = None
    function: str | None = None


@dataclass(frozen=True, slots=True)
class Link:
    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Onset:
    """When the trouble began: somewhere between ``earliest`` and ``latest``. For weighing; print ``Alert.began``."""

    earliest: datetime
    latest: datetime


@dataclass(frozen=True, slots=True)
class Alert:
    """What an alert message, or a person's question, says. All text is plain: decoded, not escaped.

    ``started_at`` is only what the message, or the person, states. ``error_terms`` are the words worth looking for in
    changes (error classes, messages, alert names), most telling first, at most 8. ``fingerprint`` stays the same over
    re-notifications and the resolution of one trouble. ``severity`` is None where the sender states none.
    ``suspect_commits`` are the shas, whole or cut, of the commits that the sender itself suspects.

    Sentences measure from ``began`` and call it by :mod:`backtrace_core.occasion`.
    """

    sender: str
    status: AlertStatus
    title: str
    text: str
    received_at: datetime
    onset: Onset
    fingerprint: str
    service: str | None = None
    environment: str | None = None
    started_at: datetime | None = None
    error_terms: tuple[str, ...] = ()
    frames: tuple[Frame, ...] = ()
    links: tuple[Link, ...] = ()
    severity: Severity | None = None
    suspect_commits: tuple[str, ...] = ()

    @property
    def began(self) -> datetime:
        """The moment to print distances from: what was stated, else the latest that is possible."""
        return self.started_at or self.onset.latest


@dataclass(frozen=True, slots=True)
class Scope:
    """Where to look: one service, back to ``since``.

    ``environment`` is the name of one, or a glob of several (``production/*``); see :mod:`backtrace_core.places`.
    """

    service: Service
    environment: str
    onset: Onset
    since: datetime


# --- GitLab's things ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Person:
    """A GitLab user. ``state`` is GitLab's: active, blocked, deactivated …"""

    id: int
    username: str
    name: str
    url: str
    state: str = "active"
    bot: bool = False


@dataclass(frozen=True, slots=True)
class WorkItem:
    """An issue that a change closes or mentions. Confidential ones never get this far."""

    project: str
    iid: int
    title: str
    url: str
    closes: bool = True


@dataclass(frozen=True, slots=True)
class Hunk:
    """One hunk of a diff: ``@@ -old_start,old_count +new_start,new_count @@ heading``.

    ``added`` and ``removed`` are (line number, text) pairs in the new and the old file.
    """

    old_start: int
    old_count: int
    new_start: int
    new_count: int
    heading: str = ""
    added: tuple[tuple[int, str], ...] = ()
    removed: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class FileDiff:
    """One changed file. ``text_missing`` says that GitLab withheld the text (collapsed, too large, binary).

    ``text_skipped``: nobody asked for it, because others were likelier by time, paths and titles.
    """

    path: str
    old_path: str
    hunks: tuple[Hunk, ...] = ()
    new_file: bool = False
    deleted_file: bool = False
    renamed_file: bool = False
    generated: bool = False
    text_missing: bool = False
    text_skipped: bool = False


@dataclass(frozen=True, slots=True)
class Bump:
    """A dependency's new version, at ``line`` of the new file."""

    package: str
    old: str
    new: str
    path: str
    line: int


class ChangeKind(StrEnum):
    """What can change production: most come by a deployment; a feature flag and a job come by none."""

    MERGE_REQUEST = "merge_request"
    COMMIT = "commit"
    FEATURE_FLAG = "feature_flag"
    JOB = "job"


BY_NO_DEPLOYMENT = (ChangeKind.FEATURE_FLAG, ChangeKind.JOB)


@dataclass(frozen=True, slots=True)
class ChangeRef:
    """Enough of a change to name and link it."""

    key: str
    label: str
    title: str
    url: str
    author: str


@dataclass(frozen=True, slots=True)
class Change:
    """A merge request, a commit pushed without one, a feature flag that was switched, or a job that ran by itself.

    ``sha`` of a flag is empty, of a job its id; ``merged_at`` of both is when they took effect.

    ``shas`` are all commits that are this change: merge, squash, head of the source branch, cherry-picks of it.
    ``origin_shas`` are those of the changes in ``came_from``: a version that has one of them has this change too.
    ``author`` is None where GitLab knows no user for a commit; ``author_name`` is then the name in the commit.
    ``came_from`` are the changes of which it is a cherry-pick (a backport), ``reverts`` those that it takes back.
    ``co_authors`` are names that its commits state, ``approvers`` those who approved the merge request; both are read
    of what is read in full only. ``from_fork``: its branch is, or was, in another project.
    ``prefix`` is the project's path where the change is shown among those of another one.
    ``bump`` is set where it is a library's change: what brought it to the service.
    """

    kind: ChangeKind
    project: str
    iid: int | None
    sha: str
    title: str
    url: str
    author: Person | None
    author_name: str
    merged_at: datetime | None
    description: str = ""
    merged_by: Person | None = None
    shas: frozenset[str] = frozenset()
    labels: tuple[str, ...] = ()
    work_items: tuple[WorkItem, ...] = ()
    files: tuple[FileDiff, ...] = ()
    came_from: tuple[ChangeRef, ...] = ()
    reverts: tuple[ChangeRef, ...] = ()
    source_branch: str = ""
    from_fork: bool = False
    co_authors: tuple[str, ...] = ()
    approvers: tuple[Person, ...] = ()
    prefix: str = ""
    bump: Bump | None = None
    origin_shas: frozenset[str] = frozenset()

    @property
    def key(self) -> str:
        """``shop/web!45``, ``shop/web@1f2e3d4c``, ``shop/web~flag/checkout_v2``, ``shop/web~job/8123``: unique."""
        if self.kind is ChangeKind.FEATURE_FLAG:
            return f"{self.project}~flag/{self.title}"
        return f"{self.project}~job/{self.sha}" if self.kind is ChangeKind.JOB else f"{self.project}{self._mark}"

    @property
    def label(self) -> str:
        """``!45``; ``@1f2e3d4c`` for a commit pushed without a merge request; ``flag``; ``job``.

        Of another project, and of a library, with its path before it.
        """
        if self.kind in BY_NO_DEPLOYMENT:
            return "flag" if self.kind is ChangeKind.FEATURE_FLAG else "job"
        return self.key if self.bump is not None else f"{self.prefix}{self._mark}"

    @property
    def _mark(self) -> str:
        return f"!{self.iid}" if self.iid is not None else f"@{self.sha[:8]}"

    @property
    def called(self) -> str:
        """The label where that names the change; ``flag checkout_v2`` and ``job migrate`` where the title does."""
        return f"{self.label} {self.title}" if self.kind in BY_NO_DEPLOYMENT else self.label

    @property
    def ref(self) -> ChangeRef:
        author = self.author.username if self.author is not None else self.author_name
        return ChangeRef(self.key, self.label, self.title, self.url, author)


class DeploymentStatus(StrEnum):
    """GitLab's own, docs.gitlab.com/api/deployments."""

    CREATED = "created"
    RUNNING = "running"
    SUCCESS = "success"
    FAILED = "failed"
    CANCELED = "canceled"
    SKIPPED = "skipped"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class Job:
    """The CI job that deployed. ``archived`` jobs can't be retried (docs.gitlab.com/administration/cicd)."""

    id: int
    name: str
    pipeline_id: int
    status: str
    url: str
    ref: str
    archived: bool = False


@dataclass(frozen=True, slots=True)
class Deployment:
    """One deployment. ``finished_at`` orders what is live; ids follow pipeline creation and order nothing.

    ``deployer`` ran the job, which for a played manual job is not the creator of the row. ``job`` is None for
    deployments made through the API by an outside tool: nothing can be retried.
    """

    id: int
    iid: int
    project: str
    environment: str
    sha: str
    ref: str
    status: DeploymentStatus
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    deployer: Person | None
    job: Job | None
    url: str


@dataclass(frozen=True, slots=True)
class Environment:
    id: int
    name: str
    tier: str
    url: str
    external_url: str | None = None


@dataclass(frozen=True, slots=True)
class FlagSwitch:
    """That somebody switched a feature flag, as GitLab's webhook told it ``at`` that moment."""

    project: str
    name: str
    turned: str
    person: Person | None
    at: datetime


# --- facts and the harvest ------------------------------------------------------------------------------------------


class NodeKind(StrEnum):
    ENVIRONMENT = "environment"
    DEPLOYMENT = "deployment"
    CHANGE = "change"
    FILE = "file"
    PERSON = "person"
    WORK_ITEM = "work_item"


class Relation(StrEnum):
    """Named as in GitLab Orbit's ontology where it has the relation, in its direction."""

    IN_ENVIRONMENT = "IN_ENVIRONMENT"  # deployment -> environment
    DEPLOYED_TO = "DEPLOYED_TO"  # change -> deployment
    DEPLOYED_BY = "DEPLOYED_BY"  # person -> deployment
    AUTHORED = "AUTHORED"  # person -> change
    MERGED = "MERGED"  # person -> change
    CLOSES = "CLOSES"  # change -> work item
    MENTIONS = "MENTIONS"  # change -> work item
    CHANGED_IN = "CHANGED_IN"  # change that came by no deployment -> environment
    HAS_FILE = "HAS_FILE"  # change -> file
    LAST_CHANGED = "LAST_CHANGED"  # change -> line of a file, in the deployed version (ours: Orbit has no blame)
    BUMPS = "BUMPS"  # change -> change of a library, whose new version it takes


@dataclass(frozen=True, slots=True)
class Node:
    kind: NodeKind
    key: str


@dataclass(frozen=True, slots=True)
class Fact:
    """One hop that a source stated, with the page where a person can check it."""

    subject: Node
    relation: Relation
    object: Node
    source: str
    url: str


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that could not be read: ``GitLab``, ``diff of !45``, ``too large to show``."""

    source: str
    what: str
    why: str


@dataclass(frozen=True, slots=True)
class Blame:
    """Who changed a line last that the alert's trace passes, in the deployed version.

    ``depth`` counts the frames of own code from the innermost, which is 0. ``version`` is the deployed sha, ``change``
    the key of the change that ``commit`` belongs to; None where no known change has it.
    """

    depth: int
    path: str
    line: int
    version: str
    commit: str
    change: str | None
    url: str


@dataclass(frozen=True, slots=True)
class Version:
    """A version that the alert says, or that was live as the trouble began, and what git says is in it.

    ``said`` is how the alert writes it; empty: it does not. ``has`` and ``lacks`` are keys of changes; of one in
    neither nothing is known. ``url`` is the page of its deployment, else of the change that it is a commit of.
    """

    sha: str
    said: str
    url: str
    has: frozenset[str] = frozenset()
    lacks: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Outlived:
    """That the trouble went on after a rollback took a change away, by the change's key: at least for ``after``.

    ``fired`` is the title of what began to fire anew by then; empty: it never ended. ``url`` is the rollback's page.
    """

    key: str
    after: timedelta
    url: str
    fired: str = ""


@dataclass(frozen=True, slots=True)
class Harvest:
    """All that the sources know of a scope. ``deployments``: unfinished first, then newest finish first.

    ``flags`` are the feature flags of the service's main project.
    """

    scope: Scope
    environment: Environment | None
    deployments: tuple[Deployment, ...]
    changes: tuple[Change, ...]
    facts: tuple[Fact, ...]
    gaps: tuple[Gap, ...]
    harvested_at: datetime
    blames: tuple[Blame, ...] = ()
    versions: tuple[Version, ...] = ()
    outlived: tuple[Outlived, ...] = ()
    flags: tuple[Flag, ...] = ()


@dataclass(frozen=True, slots=True)
class Lineage:
    """What git said about possible rollback targets.

    ``contains``: (deployment id, change key) pairs where the deployed sha contains the change.
    ``unknown``: the pairs where git could not be asked; they count as contained, since a wrong target does harm.
    ``undone``: for each deployment id the keys of the changes that going back to it takes away.
    """

    contains: frozenset[tuple[int, str]] = frozenset()
    unknown: frozenset[tuple[int, str]] = frozenset()
    undone: tuple[tuple[int, tuple[str, ...]], ...] = ()


# --- the verdict ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Candidate:
    """A change that reached the environment in time, with the facts that link environment to author.

    ``deployment`` is None for what came by none: a feature flag, a job.
    ``service`` is the name of another service, on which the one that is looked at depends; None: its own change.
    ``via`` is the service's own change that took a library's new version, where ``change`` is that library's.
    """

    change: Change
    deployment: Deployment | None
    path: tuple[Fact, ...]
    service: str | None = None
    via: Change | None = None

    @property
    def shipped(self) -> Change:
        """The change in the service's own history: what git can be asked about, and what going back takes away."""
        return self.via or self.change

    @property
    def deployer(self) -> Person | None:
        return self.deployment.deployer if self.deployment is not None else None

    @property
    def live_at(self) -> datetime | None:
        """When it took effect; None while its deployment is under way."""
        return self.deployment.finished_at if self.deployment is not None else self.change.merged_at


class Family(StrEnum):
    """What kind of fact it is. Facts of one family partly say the same, so that they don't simply add up."""

    TIME = "time"
    EXPOSURE = "exposure"
    PLACE = "place"
    TEXT = "text"
    MECHANISM = "mechanism"
    PRIOR = "prior"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One fact about a candidate. ``weight`` in nats: above 0 speaks for it, below against. ``says`` is plain text.

    ``counts``, in a verdict: what the suspect's score would lose without the fact, everything else staying as it is. Of
    two facts that say the same each counts less than it weighs.
    """

    rule: str
    weight: float
    says: str
    url: str
    family: Family = Family.TEXT
    counts: float = 0.0


@dataclass(frozen=True, slots=True)
class Suspect:
    """``score``: all its evidence together, in nats."""

    candidate: Candidate
    evidence: tuple[Evidence, ...]
    probability: float
    score: float = 0.0


class Outcome(StrEnum):
    NAMED = "named"
    SHORTLIST = "shortlist"
    NO_CHANGE = "no_change"
    NOT_ENOUGH = "not_enough"


@dataclass(frozen=True, slots=True)
class Caution:
    """Something that speaks against going back. ``says`` is plain text; ``url`` may be empty."""

    says: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class RollbackPlan:
    """Where to go back to, what that undoes, what speaks against it.

    ``replaces`` is what is live now. ``cancel`` is the suspect's deployment where that still runs or waits. When
    ``target`` is None, ``why_none`` says why nothing can be gone back to. ``also`` is what else than code goes away
    with what is undone: settings, packages, machines. Where it goes forward again ``brings`` is what comes back.
    """

    target: Deployment | None
    replaces: Deployment | None
    undoes: tuple[ChangeRef, ...] = ()
    cautions: tuple[Caution, ...] = ()
    cancel: Deployment | None = None
    why_none: str = ""
    also: tuple[Caution, ...] = ()
    brings: tuple[ChangeRef, ...] = ()


@dataclass(frozen=True, slots=True)
class RollbackLeg:
    """One deploy job in one place, which goes back by itself. ``job`` is empty where the place goes back as a whole.

    ``label`` tells it from the others of its set: the environment, where needed with project and job.
    """

    place: Place
    job: str
    label: str
    plan: RollbackPlan


@dataclass(frozen=True, slots=True)
class FlagState:
    """A feature flag, as GitLab had it ``at`` that moment. ``states``: (environment, in words how it is there)."""

    name: str
    states: tuple[tuple[str, str], ...]
    at: datetime
    page: str

    def state_in(self, environment: str) -> str:
        """Empty where it is not known."""
        return dict(self.states).get(environment, "")


@dataclass(frozen=True, slots=True)
class LookedAt:
    """What was looked at before the verdict, so that "no change" can be checked.

    ``left_out_later``: how many changes are no candidates because they shipped only after the trouble began.
    """

    deployments: int
    changes: int
    since: datetime
    deployments_url: str
    left_out_later: int = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer. ``suspects`` are the candidates, likeliest first, with their diffs left out; of very many the first.

    ``legs`` are all that goes back together; ``rollback`` sums them up, with the target of the first.

    ``probability_none`` is that of "no change explains this". ``advice`` says, for "not enough evidence", which input
    would help most. ``flag`` is a feature flag of what is named that can be switched off in this environment alone.
    ``ruled_out`` are the changes that people took off the candidates, ``flags`` the feature flags that what is named
    speaks of.
    """

    alert: Alert
    scope: Scope
    environment: Environment | None
    outcome: Outcome
    suspects: tuple[Suspect, ...]
    probability_none: float
    rollback: RollbackPlan | None
    looked_at: LookedAt
    gaps: tuple[Gap, ...]
    decided_at: datetime
    advice: str = ""
    flag: str = ""
    legs: tuple[RollbackLeg, ...] = ()
    ruled_out: tuple[ChangeRef, ...] = ()
    flags: tuple[FlagState, ...] = ()

    @property
    def named(self) -> tuple[Suspect, ...]:
        """The suspects that the outcome stands for: one when named, up to three in a shortlist, else none.

        A shortlist ends where the probability drops below a quarter of the first's: who is not on it must not push the
        rollback target farther back.
        """
        if self.outcome is Outcome.NAMED:
            return self.suspects[:1]
        if self.outcome is not Outcome.SHORTLIST:
            return ()
        close = (s for s in self.suspects if s.probability * SHORTLIST_SPREAD >= self.suspects[0].probability)
        return tuple(close)[:SHORTLIST_MOST]


SHORTLIST_MOST, SHORTLIST_SPREAD = 3, 4.0

WINDOW = timedelta(hours=72)
"""How far back candidates are looked for when nobody says since when."""
