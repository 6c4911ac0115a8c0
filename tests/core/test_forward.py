"""What is rolled forward to after a rollback."""

from __future__ import annotations

from dataclasses import replace

from backtrace_core.contained import Answers, Asked
from backtrace_core.forward import NOT_FOUND, brought_back, cautions_forward, choose_forward
from backtrace_core.model import ChangeRef, Deployment, DeploymentStatus, Lineage
from tests.core.builders import before, change, deployment

OLD, BAD = deployment(6, before(300)), deployment(7, before(60))
BACK = replace(deployment(8, before(20)), sha=OLD.sha)
JOB = OLD.job.name if OLD.job else ""
CULPRIT, OTHER = change(45, "Tighten session expiry"), change(46, "Round cart totals")


def chosen(*rows: Deployment, made: int | None = BACK.id) -> tuple[int | None, str]:
    plan = choose_forward(rows, JOB, made)
    return (plan.target.id if plan.target else None), plan.why_none


def test_what_the_rollback_replaced_is_deployed_again() -> None:
    """Whatever the order of the rows, and whatever another job deployed."""
    other = replace(deployment(9, before(40)), job=replace(BAD.job, name="deploy-worker") if BAD.job else None)

    assert chosen(OLD, BAD, BACK) == (BAD.id, "")
    assert chosen(BACK, other, BAD, OLD) == (BAD.id, "")


def test_what_failed_between_was_never_live() -> None:
    """The last success before the rollback counts."""
    failed = replace(deployment(9, before(30)), status=DeploymentStatus.FAILED)

    assert chosen(OLD, BAD, failed, BACK)[0] == BAD.id


def test_where_something_went_live_since_there_is_nothing_to_do() -> None:
    """A fix, or somebody who went forward in GitLab; the rollback's own version once more is none."""
    fix = replace(deployment(10, before(5)), job=None)
    again = replace(deployment(11, before(5)), sha=BACK.sha)

    number, why = chosen(OLD, BAD, BACK, fix)
    assert number is None
    assert why.startswith(f"Deployment {fix.id} ")
    assert chosen(OLD, BAD, BACK, again) == (BAD.id, "")


def test_what_is_not_known_is_not_guessed() -> None:
    """The rollback's deployment is not among the rows; nothing else was live before."""
    assert chosen(OLD, BAD) == (None, NOT_FOUND)
    assert chosen(OLD, BAD, BACK, made=None) == (None, NOT_FOUND)
    assert chosen(OLD, BACK)[1] == "Nothing else is known to have been live before the rollback."


def test_what_was_blamed_and_is_in_it_is_named_with_its_page() -> None:
    """By git; what git could not be asked about counts as in it."""
    asked = Asked(targets=(BAD,), changes=(CULPRIT, OTHER))
    yes = Lineage(contains=frozenset(((BAD.id, CULPRIT.key),)))
    unknown = Lineage(unknown=frozenset(((BAD.id, CULPRIT.key),)))

    (caution,) = cautions_forward(BAD, (CULPRIT, OTHER), Answers(asked, yes))
    assert (caution.says, caution.url) == ("!45 is in it, and is not reverted there", CULPRIT.url)
    (caution,) = cautions_forward(BAD, (CULPRIT, OTHER), Answers(asked, unknown))
    assert caution.says == "!45 may be in it: git could not be asked"


def test_what_is_not_in_it_does_not_come_back() -> None:
    """What the rollback cancelled was never live; what git was not asked about, or could not say, is listed."""
    refs = tuple(ChangeRef(f"shop/web!{iid}", f"!{iid}", "", "", "") for iid in (45, 46, 47))
    asked = Asked(targets=(BAD,), changes=(CULPRIT, OTHER))
    lacks = Answers(asked, Lineage(contains=frozenset(((BAD.id, OTHER.key),))))
    unknown = Answers(asked, Lineage(unknown=frozenset(((BAD.id, CULPRIT.key), (BAD.id, OTHER.key)))))

    assert [ref.label for ref in brought_back(BAD, refs, (CULPRIT, OTHER), lacks)] == ["!46", "!47"]
    assert brought_back(BAD, refs, (CULPRIT, OTHER), unknown) == refs
