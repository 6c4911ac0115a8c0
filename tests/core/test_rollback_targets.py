"""Which deployment is gone back to, by what GitLab says of its job and by what fired in its time."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backtrace_core.model import Candidate, Deployment, Job, RollbackPlan, Suspect
from backtrace_core.own_time import Fired
from backtrace_core.retrying import Attempt, ForwardOnly, Retrying
from backtrace_core.rollback import choose_rollback, targets_to_ask, what_to_ask
from backtrace_core.targets import TargetFacts
from tests.core.builders import before, change, changed, deployment, harvest, lineage

BAD = change(45, "Bad", changed("a.py"))
FIRST, SECOND, THIRD = deployment(1, before(300)), deployment(2, before(200)), deployment(3, before(100))
SHIPS = deployment(4, before(6))
SHIPPED = ((FIRST, ()), (SECOND, ()), (THIRD, ()), (SHIPS, (BAD,)))
SUSPECTS = (Suspect(Candidate(BAD, SHIPS, ()), (), 0.9),)
DEFAULTS = ForwardOnly(enabled=True, back_allowed=True)
STRICT = ForwardOnly(enabled=True, back_allowed=False)


def job_of(one: Deployment, status: str = "success", number: int = 0, *, archived: bool = False) -> Job:
    assert one.job is not None
    return replace(one.job, id=number or one.job.id, status=status, archived=archived)


def fine(one: Deployment) -> Attempt:
    return Attempt(job_of(one), one.id)


def told(*third: Attempt, rule: ForwardOnly = DEFAULTS, fired: tuple[Fired, ...] = ()) -> TargetFacts:
    """All jobs are as they should be, but the newest target's, which is ``third``."""
    attempts = {one.id: fine(one) for one in (FIRST, SECOND, THIRD)} | ({THIRD.id: third[0]} if third else {})
    return TargetFacts(Retrying(attempts, rule), fired)


def plan(facts: TargetFacts) -> RollbackPlan:
    found = harvest(*SHIPPED)
    return choose_rollback(found, SUSPECTS, lineage(*SHIPPED), what_to_ask(found, SUSPECTS), facts)


def says(facts: TargetFacts) -> str:
    return " | ".join(caution.says for caution in plan(facts).cautions)


NEVER = {
    "archived": (Attempt(job_of(THIRD, archived=True), 3), "its job is archived and can't be retried"),
    "gone": (Attempt(None), "its pipeline has no job deploy any more"),
    "rejected": (Attempt(job_of(THIRD), 3, rejected_by=("kim",)), "kim rejected it in GitLab"),
    "skipped": (Attempt(job_of(THIRD, "skipped"), 3), "its job is skipped, and GitLab retries only jobs that have"),
}


@pytest.mark.parametrize(("third", "why"), NEVER.values(), ids=NEVER)
def test_what_gitlab_would_not_retry_is_passed_over_with_why(third: Attempt, why: str) -> None:
    """The next older one is taken, and the plan says what speaks against the nearer one."""
    found = plan(told(third))

    assert found.target == SECOND
    assert len(found.cautions) == 1
    assert found.cautions[0].says.startswith(f"Deployment 3 ({THIRD.sha[:8]}) would be nearer, but ")
    assert why in found.cautions[0].says


@pytest.mark.parametrize("status", ["success", "failed", "canceled"])
def test_an_attempt_that_ended_can_be_retried_whatever_its_end(status: str) -> None:
    """GitLab retries failed and cancelled jobs as well."""
    assert plan(told(Attempt(job_of(THIRD, status, 9000), 9))).target == THIRD


@pytest.mark.parametrize("status", ["pending", "running", "waiting_for_resource", "manual"])
def test_where_somebody_is_at_it_nothing_farther_back_is_offered(status: str) -> None:
    """Somebody retries the very deployment: a rollback to an older one would run against theirs."""
    assert plan(told(Attempt(job_of(THIRD, status, 9000), 9))).target == THIRD


GONE = Attempt(job_of(THIRD), 3, artifacts_gone=("build",))


def test_gone_artifacts_lead_to_an_older_deployment_that_has_its_own() -> None:
    """GitLab would start the job and it would fail: what is whole is better."""
    found = plan(told(GONE))

    assert found.target == SECOND
    assert "the artifacts of build are gone" in found.cautions[0].says


def test_where_all_artifacts_are_gone_the_nearest_is_offered_with_a_warning() -> None:
    """Nobody can see whether the deploy job needs them: that is no reason to offer nothing."""
    attempts = {one.id: replace(fine(one), artifacts_gone=("build",)) for one in (FIRST, SECOND, THIRD)}
    found = plan(TargetFacts(Retrying(attempts, DEFAULTS)))

    assert found.target == THIRD
    then = "if deploy needs them, GitLab accepts the retry and the job then fails"
    assert [c.says for c in found.cautions] == [f"For deployment 3 the artifacts of build are gone: {then}"]


def test_a_project_that_deploys_forward_only_has_no_target() -> None:
    """Every one of them is older than what is live: the reason stands in one sentence, not once for each."""
    found = plan(told(rule=STRICT))

    assert found.target is None
    assert "the project lets no older deployment run again" in found.why_none
    assert len(found.cautions) == 1


@pytest.mark.parametrize(
    ("attempt", "rule", "target"),
    [
        (fine(THIRD), ForwardOnly(enabled=False, back_allowed=False), 3),
        (Attempt(job_of(THIRD, "success", 9000), 9), STRICT, 3),
        (Attempt(job_of(THIRD, "canceling", 9000), 3), DEFAULTS, 2),
        (Attempt(job_of(THIRD, "canceling", 9000), 9), DEFAULTS, 3),
    ],
    ids=[
        "not forward only",
        "its newest attempt is younger than what is live",
        "has not ended",
        "has not ended, young",
    ],
)
def test_outdated_is_what_gitlab_calls_so(attempt: Attempt, rule: ForwardOnly, target: int) -> None:
    """Id and sha of the newest attempt's deployment are held against those of what is live."""
    found = plan(told(attempt, rule=rule)).target

    assert found is not None
    assert found.id == target


@pytest.mark.parametrize("rule", [ForwardOnly(), ForwardOnly(enabled=True)], ids=["neither", "an older GitLab"])
def test_settings_that_are_not_shown_are_unknown_and_the_retry_is_tried(rule: ForwardOnly) -> None:
    """Only Maintainers see them: what is not known is said, and does not refuse."""
    assert plan(told(rule=rule)).target == THIRD
    assert "is unknown: GitLab may refuse it" in says(told(rule=rule))
    assert "unknown" not in says(told(rule=DEFAULTS))


def test_of_what_nobody_asked_about_nothing_is_said() -> None:
    """A plan without any facts is the plan of the list alone."""
    assert plan(TargetFacts()).target == THIRD
    assert says(TargetFacts()) == ""


# --- alerts in its own time


EARLIER = Fired("DiskAlmostFull", before(50), before(49), "https://acme.slack.test/1")


def test_an_alert_in_the_targets_own_time_is_a_warning_with_its_link() -> None:
    """Another trouble: the target stays, and whoever goes back knows."""
    found = plan(told(fired=(EARLIER,)))

    assert found.target == THIRD
    assert [(c.says, c.url) for c in found.cautions] == [
        ("While it was live 50 min ago, this fired: DiskAlmostFull", EARLIER.url)
    ]


def test_this_very_alert_in_the_targets_own_time_leads_farther_back() -> None:
    """It had the trouble as well: that it is free of the suspect does not help."""
    found = plan(told(fired=(replace(EARLIER, is_ours=True),)))

    assert found.target == SECOND
    assert [(c.says, c.url) for c in found.cautions] == [
        (
            f"Deployment 3 ({THIRD.sha[:8]}) would be nearer, but this alert fired in its time too, 50 min ago",
            EARLIER.url,
        )
    ]


@pytest.mark.parametrize("minutes", [5, 8, 100, 150, 400])
def test_what_fired_in_another_time_says_nothing_of_the_target(minutes: int) -> None:
    """Since the suspect began to arrive, and before the target was live, other versions had the trouble."""
    ours = Fired("LoginErrors", before(minutes), before(minutes - 1), "", is_ours=True)

    assert plan(told(fired=(ours,))).target == THIRD
    assert says(told(fired=(ours,))) == ""


def test_what_is_told_only_after_the_suspect_arrived_counts_for_the_suspect() -> None:
    """Senders state a beginning that is earlier than the trouble: this very alert must not rule its target out."""
    stated_early = Fired("LoginErrors", before(9), before(1), "", is_ours=True)

    assert plan(told(fired=(stated_early,))).target == THIRD


# --- what is asked


def asked(facts: TargetFacts) -> list[int]:
    found = harvest(*SHIPPED)
    rows = targets_to_ask(found, SUSPECTS, lineage(*SHIPPED), what_to_ask(found, SUSPECTS), facts)
    return [row.id for row in rows]


def known(*several: tuple[int, Attempt]) -> TargetFacts:
    return TargetFacts(Retrying(dict(several), DEFAULTS))


def test_the_nearest_is_asked_about_first_and_the_others_at_once_if_it_fails() -> None:
    """One question as a rule; two rounds at most."""
    archived = Attempt(job_of(THIRD, archived=True), 3)

    assert asked(TargetFacts()) == [3]
    assert asked(known((3, fine(THIRD)))) == []
    assert asked(known((3, archived))) == [2, 1]
    assert asked(known((3, GONE))) == [2, 1]
    assert asked(known((3, archived), (2, fine(SECOND)))) == []
    assert asked(known((3, archived), (2, Attempt(None)), (1, Attempt(None)))) == []
