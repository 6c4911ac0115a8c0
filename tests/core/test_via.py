"""A library's change arrives with the change of the service that took its version."""

from dataclasses import replace

from backtrace_core.contained import Asked
from backtrace_core.facts import change_node
from backtrace_core.model import Bump, Candidate, Change, Fact, Harvest, Lineage, Relation, Suspect
from backtrace_core.rollback import choose_rollback, what_to_ask
from backtrace_core.trace import trace
from tests.core.builders import alert, before, change, changed, deployment, harvest, lines

BUMP = change(52, "Update linden-auth to v1.5.0", changed("requirements.txt", lines("linden-auth==1.5.0")))
OTHER = change(51, "More room")
LIBRARY = replace(
    change(7, "Tell tenants apart", changed("linden_auth/tokens.py", lines("x"))),
    project="shop/linden-auth",
    bump=Bump("linden-auth", "1.4.2", "1.5.0", "requirements.txt", 1),
)
SHIPPED = ((deployment(1, before(600)), (OTHER,)), (deployment(2, before(10)), (BUMP,)))


def found(*by: Change, shipped=SHIPPED) -> Harvest:
    made = harvest(*shipped)
    hops = (Fact(change_node(one), Relation.BUMPS, change_node(LIBRARY), "GitLab", one.url) for one in by)
    return replace(made, changes=(*made.changes, LIBRARY), facts=(*made.facts, *hops))


def of_library(made: Harvest) -> Candidate | None:
    return next((one for one in trace(made, alert("sign-in fails")) if one.change.key == LIBRARY.key), None)


def test_it_arrives_with_the_bump() -> None:
    """Same deployment, and a path from the environment over the bump to the library; the bump is one of its own."""
    candidate = of_library(found(BUMP))

    assert candidate is not None
    assert candidate.deployment.id == 2
    assert candidate.via == BUMP
    assert candidate.shipped == BUMP
    relations = [fact.relation for fact in candidate.path]
    assert relations.index(Relation.IN_ENVIRONMENT) < relations.index(Relation.DEPLOYED_TO)
    assert relations.index(Relation.DEPLOYED_TO) < relations.index(Relation.BUMPS)
    own = next(one for one in trace(found(BUMP), alert("sign-in fails")) if one.change.key == BUMP.key)
    assert (own.via, own.shipped) == (None, BUMP)


def test_without_a_bump_it_is_no_candidate() -> None:
    """Nothing links it to the environment."""
    assert of_library(found()) is None


def test_a_bump_after_the_trouble_does_not_bring_it() -> None:
    """What shipped only later can't have brought the library's change either."""
    late = ((deployment(1, before(600)), (OTHER,)), (deployment(2, before(-5)), (BUMP,)))
    assert of_library(found(BUMP, shipped=late)) is None


def test_of_two_bumps_the_one_in_time_counts() -> None:
    """A later change that takes the same version does not hide the first."""
    again = change(53, "Take it once more")
    shipped = (*SHIPPED, (deployment(3, before(-5)), (again,)))
    candidate = of_library(found(again, BUMP, shipped=shipped))
    assert candidate is not None
    assert candidate.via == BUMP


def test_git_is_asked_about_the_bump() -> None:
    """The library's commits are not in the service's repository: containment is that of the bump."""
    made = found(BUMP)
    candidate = of_library(made)
    assert candidate is not None
    suspects = (Suspect(candidate, (), 0.9), Suspect(replace(candidate, change=BUMP, via=None), (), 0.1))
    asked = what_to_ask(made, suspects)

    assert [one.key for one in asked.changes] == [BUMP.key]
    git = Lineage(frozenset(), frozenset(), ((1, (BUMP.key,)),))
    plan = choose_rollback(made, suspects, git, asked)
    assert plan.target is not None
    assert plan.target.id == 1
    assert [ref.key for ref in plan.undoes] == [BUMP.key]
    held = replace(git, contains=frozenset({(1, BUMP.key)}))
    assert choose_rollback(made, suspects, held, asked).target is None
    assert choose_rollback(made, suspects, git, Asked()).target is None


def test_a_librarys_label_says_its_project() -> None:
    """So that its number is not taken for one of the service's own; keys stay as they are."""
    assert LIBRARY.label == LIBRARY.key == "shop/linden-auth!7"
    assert BUMP.label == "!52"
