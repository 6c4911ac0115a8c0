"""Whether GitLab would retry a possible target's job, as far as that can be known before it is tried.

GitLab's rule (Ci::Processable#retryable?, Ci::Build#outdated_deployment?): the newest attempt of the job, which has
ended, is not archived, whose deployment nobody rejected; and, where the project deploys forward only, not older than
what is live.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto

from backtrace_core.model import Deployment, Job

RETRYABLE = frozenset({"success", "failed", "canceled", "canceling"})
UNDER_WAY = frozenset(
    {"created", "waiting_for_resource", "waiting_for_callback", "preparing", "pending", "running", "scheduled"}
)
WAITS_FOR_A_PERSON = "manual"

FORWARD_SETTING = "Settings > CI/CD > General pipelines > Allow job retries for rollback deployments"
"""Where people find ``ci_forward_deployment_rollback_allowed`` in GitLab."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """The newest attempt of a deploy job as it is now; ``job`` None: its pipeline has no job of that name any more.

    ``deployment_id`` is the deployment that this attempt made; None where that is not known. ``rejected_by`` are those
    who rejected it. ``artifacts_gone`` are the jobs before it of which the artifacts expired or were erased.
    """

    job: Job | None
    deployment_id: int | None = None
    rejected_by: tuple[str, ...] = ()
    artifacts_gone: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ForwardOnly:
    """The project's settings; None where GitLab does not show one.

    ``enabled`` is ``ci_forward_deployment_enabled``, ``back_allowed`` ``ci_forward_deployment_rollback_allowed``.
    """

    enabled: bool | None = None
    back_allowed: bool | None = None


@dataclass(frozen=True, slots=True)
class Retrying:
    """What GitLab said of possible targets: ``attempts`` by the target's id. A missing one was not read."""

    attempts: Mapping[int, Attempt] = field(default_factory=dict)
    forward_only: ForwardOnly = ForwardOnly()

    def and_also(self, other: Retrying) -> Retrying:
        return Retrying({**self.attempts, **other.attempts}, other.forward_only)


class Chance(Enum):
    """``UNDER_WAY``: somebody is at it. ``DOUBTFUL``: GitLab would start it, and it may fail at once."""

    GOOD = auto()
    UNDER_WAY = auto()
    DOUBTFUL = auto()
    NONE = auto()


@dataclass(frozen=True, slots=True)
class Judgement:
    """``why`` goes on after "Deployment 7 would be nearer, but "; empty where the chance is good."""

    chance: Chance
    why: str = ""


GOOD = Judgement(Chance.GOOD)


def judge(target: Deployment, known: Retrying, live: Deployment | None) -> Judgement:
    """``live`` is the newest successful deployment of the environment, whichever job made it."""
    if target.job is None:
        return _never("no CI job made it, so it can't be retried")
    attempt = known.attempts.get(target.id)
    if attempt is None:
        return _never("its job is archived and can't be retried") if target.job.archived else GOOD
    if attempt.job is None:
        return _never(f"its pipeline has no job {target.job.name} any more")
    return _judged(attempt, attempt.job, is_outdated=outdated(target, known, live) is True)


def _judged(attempt: Attempt, job: Job, *, is_outdated: bool) -> Judgement:
    if job.status == WAITS_FOR_A_PERSON or job.status in UNDER_WAY:
        return Judgement(Chance.UNDER_WAY, f"its job is {job.status.replace('_', ' ')} already")
    reasons = (
        (job.archived, "its job is archived and can't be retried"),
        (job.status not in RETRYABLE, f"its job is {job.status}, and GitLab retries only jobs that have ended"),
        (bool(attempt.rejected_by), f"{_listed(attempt.rejected_by)} rejected it in GitLab"),
        (is_outdated, f"the project lets no older deployment run again ({FORWARD_SETTING})"),
    )
    why = next((why for applies, why in reasons if applies), "")
    if why:
        return _never(why)
    if attempt.artifacts_gone:
        return Judgement(Chance.DOUBTFUL, f"the artifacts of {_listed(attempt.artifacts_gone)} are gone")
    return GOOD


def outdated(target: Deployment, known: Retrying, live: Deployment | None) -> bool | None:
    """Whether GitLab refuses the target as older than what is live; None: that can't be known before it is tried.

    ``older``: another id and sha than what is live, and the smaller id. Of the newest attempt, not of the target.
    """
    attempt, rule = known.attempts.get(target.id), known.forward_only
    if attempt is None or attempt.job is None or live is None or live.sha == target.sha:
        return False
    has_ended = attempt.job.status != "canceling"
    if rule.enabled is False or (has_ended and rule.back_allowed is True):
        return False
    if attempt.deployment_id is not None and attempt.deployment_id >= live.id:
        return False
    is_known = rule.enabled is not None and attempt.deployment_id is not None
    return True if is_known and not (has_ended and rule.back_allowed is None) else None


def _never(why: str) -> Judgement:
    return Judgement(Chance.NONE, why)


def _listed(names: tuple[str, ...]) -> str:
    shown = 3
    more = f" and {len(names) - shown} more" if len(names) > shown else ""
    return ", ".join(names[:shown]) + more
