"""Where to go back to, and what speaks against it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backtrace_core.contained import Asked
from backtrace_core.history import rolled_back_from
from backtrace_core.model import Candidate, Change, Deployment, Lineage, Suspect
from backtrace_core.rollback import choose_rollback, last_deployment_plan, possible_targets, what_to_ask
from backtrace_core.trace import trace
from tests.core.builders import Shipped, alert, before, change, changed, chosen, deployment, harvest, lineage

BAD = change(45, "Bad", changed("a.py"))
GOOD = change(44, "Good", changed("b.py"))
MORE = change(43, "More", changed("c.py"))


def suspect(change: Change, deployment: Deployment) -> Suspect:
    return Suspect(Candidate(change, deployment, ()), (), 0.9)


def test_finish_time_orders_what_is_live() -> None:
    """A deployment with a higher id may have finished earlier: ids come with the pipeline."""
    old, slow = deployment(9, before(90)), deployment(3, before(30))
    bad = deployment(7, before(6))
    found = harvest((old, (MORE,)), (slow, (GOOD,)), (bad, (BAD,)))

    assert [t.id for t in possible_targets(found, (suspect(BAD, bad),))] == [3, 9]


def test_a_target_that_contains_the_change_is_passed_over() -> None:
    """Git decides, not the clock: a hotfix branch may hold the change already. Unknown counts as contained."""
    pairs = (
        (deployment(1, before(300)), (MORE,)),
        (deployment(2, before(200)), (GOOD,)),
        (deployment(3, before(100)), ()),
    )
    bad = deployment(4, before(6))
    found = harvest(*pairs, (bad, (BAD,)))
    git = Lineage(contains=frozenset({(3, BAD.key)}), unknown=frozenset({(2, BAD.key)}))
    plan = chosen(found, (suspect(BAD, bad),), git)

    assert plan.target is not None
    assert plan.target.id == 1


def test_one_that_was_live_only_after_the_suspect_began_is_no_target() -> None:
    """A deployment that finished while the suspect's ran was never known to be good by itself."""
    bad = deployment(4, before(6))
    overlapping = deployment(3, before(7))
    good = deployment(2, before(60))
    found = harvest((good, ()), (overlapping, (GOOD,)), (bad, (BAD,)))

    assert [t.id for t in possible_targets(found, (suspect(BAD, bad),))] == [2]


def rolled_back() -> tuple[Shipped, ...]:
    """1 good, 2 bad, 3 goes back to the sha and pipeline of 1, 4 brings the suspect."""
    return (
        (deployment(1, before(400), version="a", pipeline=100), (MORE,)),
        (deployment(2, before(300), version="b", pipeline=101), (GOOD,)),
        (deployment(3, before(200), version="a", pipeline=100), ()),
        (deployment(4, before(6), version="d", pipeline=103), (BAD,)),
    )


def test_rollback_rows_are_recognised() -> None:
    """The sha of an older row in an older pipeline; a repeated deployment of the same version is none."""
    rows = tuple(d for d, _ in rolled_back())
    again = deployment(5, before(2), version="d", pipeline=103)

    assert rolled_back_from((*rows, again)) == {2: rows[2].finished_at}


def test_what_somebody_rolled_back_from_is_no_target() -> None:
    """People left it for a reason."""
    found = harvest(*rolled_back())
    bad = found.deployments[0]

    assert [t.id for t in possible_targets(found, (suspect(BAD, bad),))] == [3, 1]


def test_a_change_that_was_rolled_back_before_the_onset_is_no_candidate() -> None:
    """What is not live breaks nothing; once deployed again it counts by that deployment."""
    asked = alert("Errors")
    gone = trace(harvest(*rolled_back()), asked)
    redeployed = (deployment(5, before(90), version="e", pipeline=104), (GOOD,))
    back = trace(harvest(*rolled_back(), redeployed), asked)

    assert [c.change.label for c in gone] == ["!45", "!43"]
    assert [(c.change.label, c.deployment.id) for c in back] == [("!45", 4), ("!44", 5), ("!43", 1)]


def test_a_target_without_a_job_or_with_an_archived_one_is_passed_over_with_a_caution() -> None:
    """GitLab rolls back by retrying a job: without one the next older version is taken, and the plan says why."""
    outside = replace(deployment(3, before(100)), job=None)
    archived = deployment(2, before(200))
    assert archived.job is not None
    archived = replace(archived, job=replace(archived.job, archived=True))
    good, bad = deployment(1, before(300)), deployment(4, before(6))
    shipped = ((good, ()), (archived, (MORE,)), (outside, (GOOD,)), (bad, (BAD,)))
    plan = chosen(harvest(*shipped), (suspect(BAD, bad),), lineage(*shipped))

    assert plan.target is not None
    assert plan.target.id == 1
    assert [ref.label for ref in plan.undoes] == ["!45", "!43", "!44"]
    assert ["no CI job" in c.says or "archived" in c.says for c in plan.cautions] == [True, True]


def test_no_target_says_why() -> None:
    """Silence is no answer: without a target the plan has a reason."""
    bad = deployment(4, before(6))
    alone = chosen(harvest((bad, (BAD,))), (suspect(BAD, bad),), Lineage())

    assert alone.target is None
    assert alone.why_none == "No earlier successful deployment is known."


def test_already_back_needs_no_rollback() -> None:
    """Somebody was faster: what is live has the target's version."""
    shipped = (
        (deployment(1, before(300), version="a", pipeline=100), (GOOD,)),
        (deployment(2, before(6), version="b", pipeline=101), (BAD,)),
    )
    back = (deployment(3, before(1), version="a", pipeline=100), ())
    plan = chosen(harvest(*shipped, back), (suspect(BAD, shipped[1][0]),), lineage(*shipped))

    assert plan.target is None
    assert "already back" in plan.why_none


def test_cautions_name_migrations_crowds_and_running_deployments() -> None:
    """What else going back takes away, and what is under way, is said before anybody presses."""
    crowd = tuple(change(n, "Small", changed("s.py")) for n in range(100, 111))
    migrating = change(60, "Slots", changed("shop/migrations/0042_slot.py"))
    unread = change(61, "Huge")
    shipped = (
        (deployment(1, before(300)), (GOOD,)),
        (deployment(2, before(6)), (BAD, migrating, unread, *crowd)),
        (deployment(3, None), ()),
    )
    plan = chosen(harvest(*shipped), (suspect(BAD, shipped[1][0]),), lineage(*shipped))
    says = " | ".join(c.says for c in plan.cautions)

    assert "!60 migrated the database (shop/migrations/0042_slot.py)" in says
    assert "The files of !61 could not be read" in says
    assert "undoes 14 changes" in says
    assert "Deployment 3" in says
    assert plan.cancel is None


def test_the_last_deployment_is_undone_to_another_version() -> None:
    """A repeated deployment of what is live is nothing to go back to."""
    shipped = (
        (deployment(1, before(300), version="a"), ()),
        (deployment(2, before(200), version="b"), ()),
        (deployment(3, before(6), version="b"), ()),
    )
    plan = last_deployment_plan(harvest(*shipped), lineage(*shipped))

    assert plan.target is not None
    assert plan.target.id == 1
    assert plan.replaces is not None
    assert plan.replaces.id == 3


BEFORE, SHIPS = deployment(1, before(300)), deployment(4, before(6))


def test_a_pair_that_git_was_not_asked_about_counts_as_contained() -> None:
    """Silence of a lineage is no answer: only a pair that was asked, and neither held nor unknown, is free."""
    found, suspects = harvest((BEFORE, (GOOD,)), (SHIPS, (BAD,))), (suspect(BAD, SHIPS),)
    asked = what_to_ask(found, suspects)

    assert (asked.targets, asked.changes) == ((BEFORE,), (BAD,))
    assert choose_rollback(found, suspects, Lineage(), asked).target == BEFORE
    assert choose_rollback(found, suspects, Lineage(), Asked((BEFORE,), (), ())).target is None
    assert choose_rollback(found, suspects, Lineage(), Asked((), (), (BAD,))).target is None


def test_what_is_undone_and_could_not_be_read_is_no_empty_list() -> None:
    """Nothing known of what going back takes away: the migration in it, if any, would be kept quiet."""
    found = harvest((BEFORE, (GOOD,)), (SHIPS, (BAD,)))
    says = "What going back undoes could not be read: a migration can't be ruled out"
    unread = chosen(found, (suspect(BAD, SHIPS),), Lineage())
    nothing = chosen(found, (suspect(BAD, SHIPS),), Lineage(undone=((BEFORE.id, ()),)))

    assert [c.says for c in unread.cautions] == [says]
    assert [c.says for c in last_deployment_plan(found, Lineage()).cautions] == [says]
    assert nothing.cautions == ()


FIRST = (deployment(1, before(300), version="a", pipeline=100), (MORE,))
SECOND = (deployment(2, before(200), version="b", pipeline=101), (GOOD,))
THIRD = (deployment(3, before(100), version="c", pipeline=102), (BAD,))


@pytest.mark.parametrize(
    "after",
    [
        (deployment(4, before(9), version="b", pipeline=101),),
        (deployment(4, before(9), version="b", pipeline=103),),
        (replace(deployment(4, before(9), version="b"), job=None),),
        (deployment(4, before(9), version="a", pipeline=100),),
        (deployment(4, before(9), version="b", pipeline=101), deployment(5, before(3), version="b", pipeline=101)),
    ],
    ids=["rolled back", "deployed anew", "by an outside tool", "two steps back", "repeated"],
)
def test_what_was_rolled_back_already_is_not_rolled_back_further(after: tuple[Deployment, ...]) -> None:
    """What is live is an older version already: one step more would take away what was good."""
    shipped = (FIRST, SECOND, THIRD, *((each, ()) for each in after))
    plan = last_deployment_plan(harvest(*shipped), lineage(*shipped))
    back = f"deployment 4, {after[0].sha[:8]}"

    assert plan.target is None
    assert plan.why_none == f"production was already rolled back 9 min ago ({back})."
    assert plan.replaces == after[-1]


def test_going_forward_again_is_a_deployment_like_any_other() -> None:
    """Back to a, then b once more: b is the newer version, and a what it can be taken back to."""
    back = (deployment(3, before(50), version="a", pipeline=100), ())
    shipped = (FIRST, SECOND, back, (deployment(4, before(9), version="b", pipeline=101), ()))

    assert last_deployment_plan(harvest(*shipped), lineage(*shipped)).target == back[0]


def test_a_version_that_came_after_the_trouble_is_not_its_cause() -> None:
    """One that was live before, gone back from, and is live again may well be: nothing is said against undoing it."""
    late, again = (deployment(5, before(-9), version=version) for version in ("d", "c"))
    back = (deployment(4, before(-4), version="b", pipeline=101), ())
    new, anew = (
        last_deployment_plan(harvest(*shipped), lineage(*shipped))
        for shipped in ((FIRST, SECOND, THIRD, (late, ())), (FIRST, SECOND, THIRD, back, (again, ())))
    )

    assert new.cautions[0].says == "Deployment 5 began 7 min after the trouble: it can't be what caused it"
    assert anew.replaces == again
    assert [caution for caution in anew.cautions if "caused" in caution.says] == []


def test_whoever_went_back_farther_than_needed_is_back() -> None:
    """Live is free of the suspect already: the target would be newer than what is live."""
    shipped = (FIRST, SECOND, THIRD, (deployment(4, before(9), version="a", pipeline=100), ()))
    plan = chosen(harvest(*shipped), (suspect(BAD, THIRD[0]),), lineage(*shipped))

    assert plan.target is None
    assert "already back" in plan.why_none


def test_what_shipped_after_a_rollback_is_the_last_deployment() -> None:
    """Somebody went back, then a new version came: that one is taken back, to what was live before it."""
    back = (deployment(4, before(50), version="b", pipeline=101), ())
    shipped = (FIRST, SECOND, THIRD, back, (deployment(5, before(9), version="d", pipeline=104), ()))
    plan = last_deployment_plan(harvest(*shipped), lineage(*shipped))

    assert plan.target == back[0]


def test_a_version_that_is_deployed_again_has_its_changes_again() -> None:
    """They are in the sha: no fact has to link them to the new deployment, which replaced a newer version."""
    again = (deployment(5, before(20), version="c", pipeline=105), ())
    found = harvest(FIRST, SECOND, THIRD, (deployment(4, before(90), version="b", pipeline=101), ()), again)
    arrived = {c.change.label: c for c in trace(found, alert("Errors"))}

    assert {label: c.deployment.id for label, c in arrived.items()} == {"!43": 1, "!44": 2, "!45": 5}
    assert [f.relation for f in arrived["!45"].path] == [f.relation for f in arrived["!44"].path]


def test_what_is_undone_is_listed_suspects_first_then_the_newest_merge() -> None:
    """Whoever reads the first three sees what matters; what nobody knows the merge of stands last."""
    merged = [replace(change(n, "C"), merged_at=before(at)) for n, at in ((44, 80), (46, 20), (42, 90), (43, 70))]
    known, unknown = replace(BAD, merged_at=before(95)), change(41, "Unknown")
    shipped = ((BEFORE, ()), (SHIPS, (unknown, *merged[:2], known, *merged[2:])))
    plan = chosen(harvest(*shipped), (suspect(known, SHIPS),), lineage(*shipped))

    assert [ref.label for ref in plan.undoes] == ["!45", "!46", "!43", "!44", "!42", "!41"]
