"""A service that lives in several environments, or in several projects: one culprit, wherever it arrived."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backtrace_core.evidence.context import context_of
from backtrace_core.facts import change_node
from backtrace_core.flag import Flag, Strategy
from backtrace_core.flags import flag_states, switchable
from backtrace_core.history import here
from backtrace_core.model import (
    Bump,
    Change,
    Deployment,
    Fact,
    Frame,
    Gap,
    Harvest,
    Outcome,
    Place,
    Relation,
    Service,
)
from backtrace_core.places import at, narrowed, united
from backtrace_core.rank import Ranking, rank
from backtrace_core.rollback_lines import lines_of
from backtrace_core.trace import shipped_later, trace
from tests.core.builders import alert, before, change, changed, deployment, harvest, lines

SESSION = change(45, "Tighten session expiry", changed("auth/session.py", lines("check_expiry(token)")))
CART = change(44, "Cart totals", changed("cart/totals.py", lines("round(x)")))
ASKED = alert("LoginErrors", "session check fails in auth/session.py")
EU, US = "production/eu", "production/us"
WHOLE = Service("web", "shop/web", ("production/*",))


def in_place(row: Deployment, environment: str, project: str = "shop/web") -> Deployment:
    return replace(row, environment=environment, project=project)


def alone(environment: str, *shipped: tuple[Deployment, tuple[Change, ...]], project: str = "shop/web") -> Harvest:
    """The harvest of one place."""
    rows = tuple((in_place(row, environment, project), changes) for row, changes in shipped)
    found = harvest(*rows)
    place = Place(project, environment)
    return replace(found, scope=narrowed(replace(found.scope, service=WHOLE), place))


def regions() -> Harvest:
    """!45 reached eu 20 minutes before the alert, and us 5 minutes before it."""
    eu = alone(EU, (deployment(1, before(300)), (CART,)), (deployment(3, before(20), version="b"), (SESSION,)))
    us = alone(
        US, (deployment(2, before(290), version="v1"), (CART,)), (deployment(4, before(5), version="b"), (SESSION,))
    )
    scope = replace(eu.scope, service=WHOLE, environment="production/*")
    return united(scope, (eu, us))


def ranked(found: Harvest) -> Ranking:
    return rank(trace(found, ASKED), ASKED, found)


def test_what_reached_two_environments_is_one_candidate_by_its_first_arrival() -> None:
    """Twice in the list it would be its own rival; the first arrival says when it could begin to do harm."""
    found = {c.change.key: (c.deployment.environment, c.deployment.id) for c in trace(regions(), ASKED)}

    assert found == {SESSION.key: (EU, 3), CART.key: (EU, 1)}
    assert ranked(regions()).outcome is Outcome.NAMED


def test_the_same_environment_of_another_project_is_another_place() -> None:
    """Both projects have a production; the worker's newer row is neither what is live in web nor a target there."""
    web = alone("production", (deployment(1, before(300)), (CART,)), (deployment(3, before(6)), (SESSION,)))
    job = replace(change(7, "Retry mails", changed("mail/retry.py")), project="shop/worker")
    worker = alone("production", (deployment(2, before(3)), (job,)), project="shop/worker")
    service = Service("web", "shop/web", projects=("shop/worker",))
    whole = united(replace(web.scope, service=service), (web, worker))
    narrow = at(whole, Place("shop/web", "production"))

    assert [d.id for d in here(narrow)] == [3, 1]
    assert {c.change.label for c in trace(whole, ASKED)} == {"!44", "!45", "shop/worker!7"}
    assert {c.change.key for c in trace(whole, ASKED)} == {"shop/web!44", "shop/web!45", "shop/worker!7"}
    assert {line.place.project for line in lines_of((whole,), ranked(whole).suspects[:1])} == {"shop/web"}


def test_what_shipped_later_in_all_places_is_left_out_once() -> None:
    """A change that came to eu before the trouble and to us after it is a candidate, not a late one."""
    late = change(46, "Later")
    eu = alone(EU, (deployment(1, before(300)), ()), (deployment(3, before(6)), (SESSION,)))
    us = alone(US, (deployment(2, before(290)), ()), (deployment(4, before(-9)), (SESSION, late)))
    whole = united(replace(eu.scope, service=WHOLE, environment="production/*"), (eu, us))

    assert [change.key for change in shipped_later(whole, ASKED)] == [late.key]
    assert [c.change.key for c in trace(whole, ASKED)] == [SESSION.key]


def test_flags_are_those_of_the_main_project_and_are_switched_in_one_place_alone() -> None:
    """Where several environments are meant it is told how a flag is in each, and none is switched off in all."""
    everybody = (Strategy(1, "default", {}, ("production/*",)),)
    seen, other = (Flag(name, is_active=True, strategies=everybody) for name in ("seen", "other"))
    eu, us = (replace(alone(name), flags=(seen,)) for name in (EU, US))
    worker = replace(alone("production", project="shop/worker"), flags=(other,))
    names = change(45, "Use the flag", changed("auth/session.py", lines('enabled("seen") or enabled("other")')))
    whole = united(replace(eu.scope, service=WHOLE, environment="production/*"), (worker, eu, us))

    assert whole.flags == (seen,)
    (state,) = flag_states((names,), whole.flags, (EU, "staging"), whole.harvested_at)
    assert state.states == ((EU, "on for everybody"), ("staging", "off"))
    assert switchable((names,), whole.flags, "production/*") == ""


def test_a_gap_says_which_place_it_belongs_to() -> None:
    """What all places lack is said once; what one lacks with its place."""
    everywhere, own = Gap("GitLab", "work items", "no"), Gap("GitLab", "diff of !45", "too large")
    eu, us = (replace(alone(name), gaps=(everywhere, own)[: 2 if name == EU else 1]) for name in (EU, US))
    whole = united(replace(eu.scope, service=WHOLE, environment="production/*"), (eu, us))

    assert [gap.what for gap in whole.gaps] == ["work items", "diff of !45 (shop/web production/eu)"]


def test_one_place_is_left_as_it_is() -> None:
    """Nothing is made anew for the usual service."""
    found = harvest((deployment(1, before(300)), (CART,)))

    assert at(found, Place("shop/web", "production")) is found


def test_nothing_can_be_united() -> None:
    """A service without any place has no harvest."""
    with pytest.raises(ValueError, match="nothing to unite"):
        united(regions().scope, ())


BUMP = change(52, "Update linden-auth to v1.5.0", changed("requirements.txt", lines("linden-auth==1.5.0")))
AUTH = replace(
    change(7, "Tell tenants apart", changed("linden_auth/tokens.py", lines("x"))), project="shop/linden-auth"
)


def with_own_library(own: Deployment | None, by: Deployment) -> Harvest:
    """The service's second project is a library of its first, where ``by`` took its new version; ``own`` ran it."""
    taken = replace(AUTH, files=(*AUTH.files, *AUTH.files), bump=Bump("linden-auth", "1.4.2", "1.5.0", "r.txt", 1))
    web = alone("production", (deployment(1, before(600)), (CART,)), (by, (BUMP,)))
    hop = Fact(change_node(BUMP), Relation.BUMPS, change_node(AUTH), "GitLab", BUMP.url)
    web = replace(web, changes=(*web.changes, taken), facts=(*web.facts, hop))
    shipped = ((own, (AUTH,)),) if own is not None else ()
    library = alone("production", (deployment(3, before(700)), ()), *shipped, project="shop/linden-auth")
    service = replace(WHOLE, environments=("production",), projects=("shop/linden-auth",))
    return united(replace(web.scope, service=service), (web, library))


@pytest.mark.parametrize(
    ("own", "by", "arrived", "via"),
    [
        (deployment(4, before(20)), deployment(2, before(-5)), 4, None),
        (deployment(4, before(20)), deployment(2, before(10)), 4, None),
        (deployment(4, before(10)), deployment(2, before(20)), 2, BUMP.key),
        (deployment(4, before(-5)), deployment(2, before(10)), 2, BUMP.key),
        (None, deployment(2, before(10)), 2, BUMP.key),
    ],
)
def test_a_project_of_the_service_that_is_its_library_too_arrives_both_ways(
    own: Deployment | None, by: Deployment, arrived: int, via: str | None
) -> None:
    """By its own deployment or by the bump, whichever was first; a copy with more files does not take its own away."""
    candidate = next(one for one in trace(with_own_library(own, by), ASKED) if one.change.key == AUTH.key)

    assert candidate.deployment is not None
    assert (candidate.deployment.id, candidate.via.key if candidate.via else None) == (arrived, via)


def test_what_arrived_by_itself_is_no_mere_library_change() -> None:
    """Frames of the service's own code may mean it, so that no copy may say it came with a version only."""
    found = with_own_library(deployment(4, before(20)), deployment(2, before(10)))
    assert next(one for one in found.changes if one.key == AUTH.key).bump is None


def test_an_installers_path_means_it_where_a_bump_brought_it() -> None:
    """Its own frames may mean it as well: it is one of the service's projects."""
    found = with_own_library(deployment(4, before(10)), deployment(2, before(20)))
    for printed in ("/usr/lib/site-packages/linden_auth/tokens.py", "/srv/app/linden_auth/tokens.py"):
        asked = replace(ASKED, frames=(Frame(printed, 1, "subject"),))
        context = context_of(trace(found, asked), asked, found)
        assert set(context.trace.passing) == {"linden_auth/tokens.py"}
