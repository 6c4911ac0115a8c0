"""Deployments that are not over when somebody wants to go back."""

from __future__ import annotations

from dataclasses import replace

from backtrace_core.model import Candidate, Deployment, DeploymentStatus, Lineage, Suspect
from tests.core.builders import before, change, changed, chosen, deployment, harvest

BAD = change(45, "Bad", changed("a.py"))
GOOD = change(44, "Good", changed("b.py"))
BEFORE, SHIPS = deployment(1, before(300)), deployment(4, before(6))


def suspect(deployment: Deployment) -> Suspect:
    return Suspect(Candidate(BAD, deployment, ()), (), 0.9)


def under_way(number: int, status: DeploymentStatus) -> Deployment:
    return replace(deployment(number, None), status=status)


RUNS = under_way(5, DeploymentStatus.RUNNING)
WAITS, CREATED = under_way(6, DeploymentStatus.BLOCKED), under_way(7, DeploymentStatus.CREATED)


def warned(git: Lineage, *more: Deployment) -> list[tuple[str, str]]:
    found = harvest((BEFORE, (GOOD,)), (SHIPS, (BAD,)), *((each, ()) for each in more))
    git = replace(git, undone=((BEFORE.id, ()),))
    return [(c.says, c.url) for c in chosen(found, (suspect(SHIPS),), git).cautions]


def test_a_deployment_under_way_that_carries_the_suspect_is_named() -> None:
    """It would undo the rollback a minute later, without anybody seeing why."""
    held = frozenset({(5, BAD.key), (6, BAD.key)})
    name = {d.id: f"Deployment {d.id} ({d.sha[:8]})" for d in (RUNS, WAITS)}

    assert warned(Lineage(contains=held), RUNS, WAITS, CREATED) == [
        (f"{name[5]} is still running and would bring !45 back", RUNS.url),
        (f"{name[6]} is waiting and would bring !45 back once it starts", WAITS.url),
    ]


def test_one_under_way_of_which_git_knows_nothing_may_carry_it() -> None:
    """Unknown is no all-clear; what is known to be free is only mentioned while it runs."""
    name = f"Deployment 5 ({RUNS.sha[:8]}) is still running"

    assert warned(Lineage(unknown=frozenset({(5, BAD.key)})), RUNS) == [(f"{name} and may bring !45 back", RUNS.url)]
    assert warned(Lineage(), RUNS, WAITS) == [(name, RUNS.url)]


def test_one_under_way_is_named_although_somebody_already_went_back() -> None:
    """Already back is not over, while a deployment with the suspect runs."""
    shipped = (
        (deployment(1, before(300), version="a", pipeline=100), (GOOD,)),
        (deployment(2, before(6), version="b", pipeline=101), (BAD,)),
        (deployment(3, before(1), version="a", pipeline=100), ()),
    )
    git = Lineage(contains=frozenset({(5, BAD.key)}))
    plan = chosen(harvest(*shipped, (RUNS, ())), (suspect(shipped[1][0]),), git)

    assert "already back" in plan.why_none
    assert ["would bring !45 back" in c.says for c in plan.cautions] == [True]


def test_many_that_wait_are_one_caution() -> None:
    """Manual jobs that nobody plays pile up: they are counted, not listed."""
    rows = tuple(under_way(number, DeploymentStatus.BLOCKED) for number in range(10, 30))
    git = Lineage(contains=frozenset((row.id, BAD.key) for row in rows))
    (caution,) = warned(git, *rows)

    assert caution[0].endswith("and 19 more are waiting and would bring !45 back once they start")


def test_an_unknown_deployment_under_way_is_not_why_there_is_no_target() -> None:
    """Each reason is about the targets: git knew them all."""
    found = harvest((BEFORE, (GOOD,)), (SHIPS, (BAD,)), (RUNS, ()))
    git = Lineage(contains=frozenset({(1, BAD.key)}), unknown=frozenset({(5, BAD.key)}))

    assert chosen(found, (suspect(SHIPS),), git).why_none.startswith("Every earlier deployment")
    assert "Git could not say" in chosen(found, (suspect(SHIPS),), Lineage(unknown=git.contains)).why_none
