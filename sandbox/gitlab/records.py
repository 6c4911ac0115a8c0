"""What changes while the embedded GitLab runs. Worlds are frozen; these are their living copies."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

RETRIED = "Job is not retryable"


@dataclass(slots=True)
class Pipeline:
    """``status`` is its own where it has no jobs here: it was started by the API. ``deploys``: environment and sha."""

    id: int
    iid: int
    sha: str
    ref: str
    created_at: datetime
    source: str = "push"
    user: str = ""
    variables: dict[str, str] = field(default_factory=dict)
    status: str = ""
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    deploys: tuple[str, str] = ("", "")
    deployment_id: int | None = None


@dataclass(slots=True)
class Job:
    """``attempt`` 0 is the first run. ``retried``: a newer job of the name took its place in the pipeline.

    ``failure_reason`` counts for a failed one. ``artifacts_until`` is when its artifacts expire, ``erased_at`` when
    somebody erased them; ``needs_artifacts``: it fails at once where those of earlier stages are gone. One with a
    ``resource_group`` waits until the group is free.
    """

    id: int
    name: str
    pipeline_id: int
    environment: str
    status: str
    sha: str
    ref: str
    user: str
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    archived: bool = False
    retried: bool = False
    attempt: int = 0
    failure_reason: str = "script_failure"
    stage: str = "deploy"
    artifacts_until: datetime | None = None
    erased_at: datetime | None = None
    needs_artifacts: bool = False
    resource_group: str = ""


@dataclass(slots=True)
class Deployment:
    """``starts_at`` and ``ends_at`` are when a deployment on its way moves by itself; None: it never does.

    ``fails_with`` is why its job fails, where it is not for the usual reason.
    """

    id: int
    iid: int
    environment: str
    sha: str
    ref: str
    status: str
    user: str
    job_id: int | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    ends_as: str = "success"
    fails_with: str = ""

    @property
    def updated_at(self) -> datetime:
        return self.finished_at or self.started_at or self.created_at


@dataclass(slots=True)
class Label:
    id: int
    name: str
    color: str = "#6699cc"
    description: str | None = None


@dataclass(slots=True)
class Note:
    id: int
    body: str
    author: str
    created_at: datetime
    updated_at: datetime
    internal: bool = False


@dataclass(frozen=True, slots=True)
class TimelineEvent:
    note: str
    at: datetime
    author: str


@dataclass(slots=True)
class Issue:
    """An issue or an incident (``kind``: ``issue`` or ``incident``). ``updated_by`` changed it last."""

    id: int
    iid: int
    title: str
    description: str
    author: str
    created_at: datetime
    updated_at: datetime
    kind: str = "issue"
    labels: list[str] = field(default_factory=list)
    assignees: list[str] = field(default_factory=list)
    confidential: bool = False
    severity: str = "UNKNOWN"
    policy: int | None = None
    closed_at: datetime | None = None
    closed_by: str | None = None
    notes: list[Note] = field(default_factory=list)
    timeline: list[TimelineEvent] = field(default_factory=list)
    updated_by: str = ""

    @property
    def state(self) -> str:
        return "opened" if self.closed_at is None else "closed"


@dataclass(slots=True)
class Proposal:
    """A merge request that was opened here. Those of a world are merged, and stay as they are."""

    id: int
    iid: int
    title: str
    description: str
    author: str
    source_branch: str
    target_branch: str
    created_at: datetime
    labels: list[str] = field(default_factory=list)
    assignees: list[str] = field(default_factory=list)
    state: str = "opened"
    merged_at: datetime | None = None


@dataclass(slots=True)
class Schedule:
    """A pipeline schedule."""

    id: int
    description: str
    ref: str
    cron: str
    next_run_at: datetime | None
    owner: str
    active: bool = True
    cron_timezone: str = "UTC"


@dataclass(slots=True)
class Hook:
    """``events`` are the flags of the API that are on, such as ``deployment_events``."""

    id: int
    url: str
    events: frozenset[str]
    token: str
    signing_token: str
    created_at: datetime
    failures: int = 0


@dataclass(frozen=True, slots=True)
class Access:
    """One entry of a protection: a role's level, one person, or one group."""

    level: int | None = None
    username: str | None = None
    group_id: int | None = None


@dataclass(frozen=True, slots=True)
class ApprovalRule:
    """So many of those whom ``access`` lets through must approve a deployment before somebody may start it."""

    access: Access
    required: int = 1


@dataclass(frozen=True, slots=True)
class Approval:
    """``status``: approved or rejected."""

    username: str
    status: str
    at: datetime
    comment: str = ""


@dataclass(frozen=True, slots=True)
class FreezePeriod:
    """Crons, read in a time zone by name."""

    id: int
    start: str
    end: str
    zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class ProtectedBranch:
    push: tuple[Access, ...]
    merge: tuple[Access, ...]


@dataclass(frozen=True, slots=True)
class Retry:
    """A retry that took effect."""

    job_id: int
    new_job_id: int
    deployment_id: int
    by: str
    at: datetime
