"""What a card shows beside the verdict: the incident's state, what people did, which buttons may act."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from backtrace_core.alerts.notices import DeployNotice
from backtrace_core.model import Caution, ChangeRef, Deployment, GoingBack, Verdict
from backtrace_core.proof import Stage

NOBODY_PAGED = ", but nobody was paged: "
WITHOUT_SUCCESS = ", without success: "
"""In an action's words: what was asked for stands before it, the reason behind. A card shows such pages at the top."""


LEFT_OUT = "left_out"
"""The stage of a leg of a rollback that nobody ticked."""


class IncidentState(StrEnum):
    """Where an incident stands. The arrows: open -> rolling_back -> rolled_back | partly_rolled_back |
    rollback_failed | rollback_stopped; any -> resolved."""

    OPEN = "open"
    ROLLING_BACK = "rolling_back"
    ROLLED_BACK = "rolled_back"
    PARTLY_ROLLED_BACK = "partly_rolled_back"
    ROLLED_FORWARD = "rolled_forward"
    ROLLBACK_FAILED = "rollback_failed"
    ROLLBACK_STOPPED = "rollback_stopped"
    RESOLVED = "resolved"


class Buttons(StrEnum):
    """``acting`` buttons write to GitLab; ``links`` only lead there (a read-only token, or ``writes = "off"``)."""

    ACTING = "acting"
    LINKS = "links"


@dataclass(frozen=True, slots=True)
class ActionLine:
    """One recorded action: who (a Slack user id), what, when, and how it went, in words for the card.

    ``says`` is plain text written by the bot; ``url`` leads to the job, deployment or incident, or is empty.
    """

    slack_user: str
    kind: str
    says: str
    at: datetime
    url: str = ""


@dataclass(frozen=True, slots=True)
class IncidentLink:
    """The GitLab incident that belongs to the card; or a merge request."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class RollbackProgress:
    """How far a rollback is that GitLab works on: ``stage`` in GitLab's words, ``url`` leads to its job.

    ``target_id`` is the deployment that was confirmed. ``is_stopping``: somebody has asked to stop all that runs of it.
    ``is_forward``: it brings again what a rollback took away.
    """

    stage: str
    url: str
    target_id: int
    is_stopping: bool = False
    is_forward: bool = False


@dataclass(frozen=True, slots=True)
class GoneTo:
    """What a place went back to, and when that was seen ``live_at``. ``label`` is empty where it is the only place."""

    label: str
    deployment_id: int
    sha: str
    url: str
    live_at: datetime


@dataclass(frozen=True, slots=True)
class GoneBack:
    """A rollback that is done, and whether it helped: ``stage`` was reached ``stage_at``. ``says`` is the title of what
    fires again, or what is live instead.

    ``blamed`` are the changes that it took away and the verdict named, else all of them; ``branch`` still has them, and
    ``ahead`` says what may bring them again. ``places`` are those that went back, ``with_them`` what else did.
    """

    at: datetime
    stage: Stage
    stage_at: datetime
    says: str = ""
    blamed: tuple[ChangeRef, ...] = ()
    branch: str = ""
    ahead: tuple[Caution, ...] = ()
    places: tuple[GoneTo, ...] = ()
    with_them: tuple[ChangeRef, ...] = ()


@dataclass(frozen=True, slots=True)
class LegLine:
    """How one leg of the newest rollback stands, in words that may follow "who". ``stage``: GitLab's while it runs,
    ``left_out`` where it was none.

    ``url`` leads to its deployment or job.
    """

    says: str
    stage: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class WayOn:
    """Where a failed trace leaves its reader: what to ask again, and where GitLab lists the deployments.

    ``question`` is what stands behind ``/backtrace``, in the words of whoever asked or alerted: plain text.
    """

    service: str
    question: str
    deployments_url: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """A rollback that somebody (a Slack user id) asked for and a second person has to agree to, ``until`` then.

    The others are what the modal said that was confirmed: what it ``undoes`` (or, where it ``is_forward``, brings
    again), the deployments (ids) that it ``cancels``
    first, what spoke against it.
    """

    slack_user: str
    until: datetime
    undoes: tuple[ChangeRef, ...] = ()
    is_forward: bool = False
    cancels: tuple[int, ...] = ()
    cautions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RuledOut:
    """A change that people (Slack user ids) said is not the culprit."""

    change: ChangeRef
    by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CardView:
    """All that a card is drawn from. ``verdict`` is None where the trace failed; ``failure`` then says why,
    and ``way_on`` how to go on, where the service is known.

    ``late_by_s`` is how many seconds after the alert the card comes, where that is worth saying, else 0.
    ``resolved_at`` is when the sender said that it was over. ``slack_ids`` maps GitLab usernames to Slack user ids
    (the ``[people]`` table turned round): only they may be mentioned. ``rolled_back`` stays true once it is resolved.
    ``asked_by`` is the Slack user id of who asked a question. ``told`` counts the alert messages by sender, and
    ``can_split`` says whether one of them could be an incident of its own. ``reopened_at`` is when it fired again after
    it was resolved, ``was_split`` whether it was part of another incident first. ``told_deployments`` are those that
    the channel was told of and GitLab does not have, newest first. ``gone_back`` is the newest rollback that is done.
    ``reverts`` are the merge requests that take a change back, by its key.
    ``waiting`` is set while a second person has to agree. ``legs`` are those of the newest rollback, where it has
    several or left some out. ``ruled_out`` are the changes that people took off the candidates, the newest last.
    ``cancelled`` are the deployments that were cancelled from the card.
    """

    incident_id: str
    verdict: Verdict | None
    state: IncidentState
    now: datetime
    buttons: Buttons = Buttons.ACTING
    actions: tuple[ActionLine, ...] = ()
    incident: IncidentLink | None = None
    failure: str = ""
    late_by_s: int = 0
    resolved_at: datetime | None = None
    slack_ids: Mapping[str, str] = field(default_factory=dict)
    progress: RollbackProgress | None = None
    rolled_back: bool = False
    asked_by: str = ""
    way_on: WayOn | None = None
    told: Mapping[str, int] = field(default_factory=dict)
    can_split: bool = False
    reopened_at: datetime | None = None
    was_split: bool = False
    told_deployments: tuple[DeployNotice, ...] = ()
    gone_back: GoneBack | None = None
    reverts: Mapping[str, IncidentLink] = field(default_factory=dict)
    legs: tuple[LegLine, ...] = ()
    waiting: Waiting | None = None
    ruled_out: tuple[RuledOut, ...] = ()
    cancelled: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class LegView:
    """One leg in the modal. ``key`` is what its tick carries; ``why_not`` is why it can't go back, where it can't.

    ``live`` is what is live there, ``cancel`` the suspect's deployment where that still runs, ``page`` the place's page
    in GitLab.
    """

    key: str
    label: str
    target: Deployment | None
    live: Deployment | None = None
    cancel: Deployment | None = None
    why_not: str = ""
    page: str = ""


@dataclass(frozen=True, slots=True)
class RollbackView:
    """What the rollback modal shows once the checks are done.

    ``seen`` identifies the state of the world that the presser saw; it comes back with the submit. ``undoes`` are the
    changes that going back takes away, or going forward brings again, ``suspects`` the keys of those that the card
    names, ``brought`` by key of a version bump the label of the library's change that came by it, ``also`` what else
    than code goes away. ``how`` it goes back.
    ``refusals`` are the reasons why this person can't do it now: when there are any, the modal has no submit button.
    """

    incident_id: str
    legs: tuple[LegView, ...]
    undoes: tuple[ChangeRef, ...]
    username: str
    seen: str
    refusals: tuple[str, ...] = ()
    cautions: tuple[Caution, ...] = ()
    suspects: frozenset[str] = frozenset()
    not_shown_to_be_cause: str = ""
    brought: Mapping[str, str] = field(default_factory=dict)
    also: tuple[Caution, ...] = ()
    how: GoingBack = GoingBack.RETRY

    @property
    def offered(self) -> tuple[LegView, ...]:
        return tuple(leg for leg in self.legs if leg.target is not None and not leg.why_not)
