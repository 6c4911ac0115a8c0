"""What will bring back what a rollback took away."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from backtrace_core.ahead import Ahead, Due, ahead_of
from backtrace_core.contained import Answers, Asked
from backtrace_core.model import Deployment, DeploymentStatus, Lineage
from tests.core.builders import T0, change, deployment

CULPRIT = change(45, "Tighten session expiry")
PAGE = "https://gitlab.acme.test/shop/web/-/pipeline_schedules"
NOW = T0 + timedelta(minutes=1)


def waiting(number: int, minutes: float, status: DeploymentStatus = DeploymentStatus.CREATED) -> Deployment:
    """Made so many minutes after the rollback."""
    made = T0 + timedelta(minutes=minutes)
    return replace(deployment(number, T0), status=status, created_at=made, started_at=None, finished_at=None)


def told(
    *under_way: Deployment, forward: bool | None = True, holds: str = "yes", due: tuple[Due, ...] = ()
) -> list[str]:
    asked = Asked(under_way=under_way, changes=(CULPRIT,))
    pairs = frozenset((one.id, CULPRIT.key) for one in under_way)
    lineage = Lineage(contains=pairs if holds == "yes" else frozenset(), unknown=pairs if holds == "?" else frozenset())
    ahead = Ahead("main", T0, under_way, (CULPRIT,), ("!45",), due, forward)
    return [caution.says for caution in ahead_of(ahead, Answers(asked, lineage), NOW)]


@pytest.mark.parametrize(
    ("one", "forward", "holds", "says"),
    [
        (waiting(9, 5), True, "yes", "is waiting, and brings !45 back"),
        (waiting(9, 5), True, "?", "is waiting, and may bring !45 back"),
        (waiting(9, 5), True, "no", ""),
        (waiting(9, -5), True, "yes", ""),
        (waiting(9, -5), None, "yes", "is waiting, and brings !45 back unless GitLab refuses it as outdated"),
        (waiting(9, -5), False, "yes", "is waiting, and brings !45 back"),
        (waiting(9, -5, DeploymentStatus.RUNNING), True, "yes", "is running, and brings !45 back"),
    ],
    ids=["after", "git was not asked", "without it", "before", "before, not known", "before, allowed", "runs already"],
)
def test_what_is_on_its_way_with_the_change(one: Deployment, forward: bool | None, holds: str, says: str) -> None:  # noqa: FBT001 - a column
    """Only what git says has it; and what GitLab will refuse is no danger."""
    found = [line for line in told(one, forward=forward, holds=holds) if line.startswith("Deployment 9")]

    assert [line.partition(") ")[2] for line in found] == ([says] if says else [])


@pytest.mark.parametrize(("forward", "verb"), [(True, "will be refused"), (None, "may be refused"), (False, "")])
def test_a_fix_needs_a_new_pipeline_where_the_project_says_so(forward: bool | None, verb: str) -> None:  # noqa: FBT001 - a column
    """Where nobody knows the setting it may be so; where outdated jobs may run nothing is said."""
    found = [line for line in told(forward=forward) if line.startswith("Start a new pipeline for the fix")]

    assert len(found) == (1 if verb else 0)
    assert all(verb in line for line in found)


def test_schedules_of_the_next_day_are_told_soonest_first() -> None:
    """With their times, and three at most."""
    hours = (5, 1, 30, 2, 3)
    due = tuple(Due(f"nightly {hour}", T0 + timedelta(hours=hour), PAGE) for hour in hours)
    found = [line for line in told(due=due) if "scheduled" in line]

    assert [line.partition("“")[2].partition("”")[0] for line in found] == ["nightly 1", "nightly 2", "nightly 3"]
    assert found[0].endswith("runs on main at 22 Nov 13:40 UTC: if it deploys, it ships !45 again")


def test_what_could_not_be_read_is_said() -> None:
    """A silence would look like an answer."""
    ahead = Ahead("main", T0, (), (), ("!45",), (), None, ("Whether a pipeline is due could not be read (403)",))

    assert ahead_of(ahead, Answers(Asked(), Lineage()), NOW)[-1].says.endswith("could not be read (403)")
