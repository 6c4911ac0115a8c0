"""Where the trouble was seen and the change is not: against it. Where only the new version is hit: for what is new."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from backtrace_core.evidence.context import context_of
from backtrace_core.evidence.rules import evidence_for
from backtrace_core.model import Alert, Change, DeploymentStatus, FileDiff, Harvest, Onset, Outcome, Suspect
from backtrace_core.rank import Ranking, rank
from backtrace_core.ties import is_tied
from backtrace_core.trace import trace
from backtrace_core.versions import versions_to_ask
from tests.core.builders import Shipped, alert, before, change, changed, deployment, harvest, lines

RULES = ("not_in_version", "new_in_version", "gone_before_onset")
OLD = change(40, "Round prices", changed("cart/totals.py", lines("total = round(total, 2)")))
EXPIRY = changed("auth/session.py", lines("check_expiry(token)"))
FIRST = change(44, "Sessions end with the browser", changed("auth/session.py", lines("session.permanent = False")))
SECOND = change(45, "Tighten session expiry", EXPIRY)
ONE = (replace(deployment(1, before(hours=30)), ref="v1.4.0"), (OLD,))
TWO = (replace(deployment(2, before(40)), ref="v1.4.1"), (FIRST,))
THREE = (replace(deployment(3, before(20)), ref="v1.4.2"), (SECOND,))


def as_git_says(asked: Alert, *shipped: Shipped) -> Harvest:
    """The harvest with what git says of its versions, in a history without branches: each row builds on those before,
    and one that has an older one's sha is that version again."""
    found = harvest(*shipped)
    contents: dict[str, frozenset[str]] = {}
    newest: frozenset[str] = frozenset()
    for row, changes in sorted(shipped, key=lambda pair: pair[0].finished_at or asked.received_at):
        if row.sha not in contents:
            newest |= {each.key for each in changes}
            contents[row.sha] = newest
    versions = (
        replace(version, has=contents[version.sha], lacks=newest - contents[version.sha])
        for version in versions_to_ask(asked, found)
    )
    return replace(found, versions=tuple(versions))


def ranked(asked: Alert, *shipped: Shipped) -> Ranking:
    found = as_git_says(asked, *shipped)
    return rank(trace(found, asked), asked, found)


def said(ranking: Ranking) -> dict[str, list[str]]:
    """What these rules say, by the change's label."""
    return {s.candidate.change.label: list(_says(s)) for s in ranking.suspects if list(_says(s))}


def _says(suspect: Suspect) -> Iterator[str]:
    return (e.says for e in suspect.evidence if e.rule in RULES)


SESSIONS = "login fails: session lost"


def test_the_alert_of_the_older_version_clears_the_newer() -> None:
    """Without a version the later one comes first, with it the one that was there."""
    without = ranked(alert("LoginErrors", SESSIONS), ONE, TWO, THREE)
    with_it = ranked(alert("LoginErrors", f"{SESSIONS}\nversion: 1.4.1"), ONE, TWO, THREE)

    assert without.suspects[0].candidate.change.label == "!45"
    assert with_it.suspects[0].candidate.change.label == "!44"
    assert said(without) == {}
    assert said(with_it) == {"!45": ["The alert is of version 1.4.1, which does not have it"]}
    cleared = next(s for s in with_it.suspects if s.candidate.change.label == "!45")
    (fact,) = (e for e in cleared.evidence if e.rule == "not_in_version")
    assert fact.url == TWO[0].url
    assert fact.weight == -3.0


@pytest.mark.parametrize(
    ("said_so", "printed"),
    [
        ("image: registry.acme.test:5000/shop/platform/team/web:v1.4.1", "web:v1.4.1"),
        (f"release: {TWO[0].sha}", TWO[0].sha[:8]),
        (f"image_tag: {'long-' * 9}{TWO[0].sha}", TWO[0].sha[:8]),
        (f"release: {TWO[0].sha[:12]}", TWO[0].sha[:12]),
    ],
)
def test_a_version_is_printed_short(said_so: str, printed: str) -> None:
    """As the alert writes it, as long as that fits into a sentence."""
    facts = said(ranked(alert("LoginErrors", f"{SESSIONS}\n{said_so}"), ONE, TWO, THREE))

    assert facts == {"!45": [f"The alert is of version {printed}, which does not have it"]}


def test_an_old_version_that_is_affected_too_clears_what_only_the_new_one_has() -> None:
    """Of two versions the older one counts: what is in both stays a suspect."""
    asked = alert("LoginErrors", f"{SESSIONS}\nversions 1.4.1 and 1.4.2")

    assert said(ranked(asked, ONE, TWO, THREE)) == {
        "!45": ["The alert is of version 1.4.1 too, which does not have it"]
    }


def test_what_is_not_in_the_version_is_not_named() -> None:
    """However well its words fit: it is likely by them, and was not there."""
    text = f"{SESSIONS}\ncheck_expiry refuses every user"
    without = ranked(alert("LoginErrors", text), ONE, THREE)
    with_it = ranked(alert("LoginErrors", f"{text}\nversion: 1.4.0"), ONE, THREE)

    assert without.outcome is Outcome.NAMED
    assert with_it.suspects[0].candidate.change.label == "!45"
    assert with_it.outcome is Outcome.NOT_ENOUGH
    assert with_it.probability_none > 2 * without.probability_none


def test_what_runs_anyway_says_nothing() -> None:
    """Every alert of a sender that prints versions is of the one that is live: that accuses nobody."""
    assert said(ranked(alert("LoginErrors", f"{SESSIONS}\nversion: 1.4.2"), ONE, TWO, THREE)) == {}


def test_a_question_is_no_alert() -> None:
    """A person asks: then it is the question that says the version."""
    asked = replace(alert("LoginErrors", f"{SESSIONS}\nversion 1.4.1"), sender="question")

    assert said(ranked(asked, ONE, TWO, THREE)) == {"!45": ["The question is of version 1.4.1, which does not have it"]}


def test_a_migration_is_not_cleared_by_a_version() -> None:
    """It changed the database under the old version's feet, and stays when its code is gone."""
    moves = changed("shop/migrations/0042_sessions.py", lines("migrations.RemoveField('session', 'id')"))
    migrating = (THREE[0], (replace(SECOND, files=(EXPIRY, moves)),))
    asked = alert("LoginErrors", f"{SESSIONS}\nversion: 1.4.1")

    assert said(ranked(asked, ONE, TWO, migrating)) == {}
    assert said(ranked(alert("X", "boom"), ONE, TWO, migrating, _back_to(TWO, 18))) == {}


def test_where_git_says_nothing_the_version_says_nothing() -> None:
    """Neither has nor lacks: silence, never evidence against."""
    asked = alert("LoginErrors", f"{SESSIONS}\nversion: 1.4.1")
    found = as_git_says(asked, ONE, TWO, THREE)
    unknown = replace(found, versions=tuple(replace(v, has=frozenset(), lacks=frozenset()) for v in found.versions))

    assert said(rank(trace(unknown, asked), asked, unknown)) == {}
    assert said(rank(trace(found, asked), asked, harvest(ONE, TWO, THREE))) == {}


# --- a version beside another one -------------------------------------------------------------------------------------

ROLLING = replace(deployment(3, None), ref="v1.4.2")
NEW = f"The alert is of version 1.4.2, the first with it, not of {TWO[0].sha[:8]}, which ran beside it"


def of_the_new_one(text: str, *changes: Change) -> Ranking:
    return ranked(alert("ShopErrors", f"{text}\nversion: 1.4.2"), ONE, TWO, (ROLLING, changes))


def _plain(iid: int, path: str) -> Change:
    return change(iid, "Tidy", _file(path))


def _file(path: str) -> FileDiff:
    return changed(path, lines("x = 1"))


def test_while_it_rolls_out_the_new_version_alone_is_hit() -> None:
    """Both run, and the alert is of one: that speaks for what this one brought, and for nothing else."""
    assert said(of_the_new_one("boom", SECOND)) == {"!45": [NEW]}
    both = alert("ShopErrors", "boom\nversions 1.4.1 and 1.4.2")
    assert said(ranked(both, ONE, TWO, (ROLLING, (SECOND,)))) == {
        "!45": ["The alert is of version 1.4.1 too, which does not have it"]
    }


def test_an_older_version_that_is_hit_speaks_for_nothing_new() -> None:
    """Also where the one that runs beside is spared."""
    asked = alert("ShopErrors", "boom\nversions 1.4.0 and 1.4.2")

    assert said(ranked(asked, ONE, TWO, (ROLLING, (SECOND,)))) == {
        "!44": ["The alert is of version 1.4.0 too, which does not have it"],
        "!45": ["The alert is of version 1.4.0 too, which does not have it"],
    }


def test_what_came_alone_with_the_version_is_tied_by_it() -> None:
    """Nothing else is new in what is hit: no word need be shared. Of two that came it ties neither."""
    box, other = _plain(45, "search/box.py"), _plain(46, "mail/footer.py")

    assert tied("boom", box) == ["!45"]
    assert tied("boom", box, other) == []


def tied(text: str, *changes: Change) -> list[str]:
    """The labels of the changes of the version under way that are tied to an alert of it."""
    asked = alert("ShopErrors", f"{text}\nversion: 1.4.2")
    found = as_git_says(asked, ONE, TWO, (ROLLING, changes))
    candidates = trace(found, asked)
    context = context_of(candidates, asked, found)
    return [c.change.label for c in candidates if is_tied(c, evidence_for(c, asked, context), context)]


def test_of_several_that_came_with_the_version_it_names_nobody() -> None:
    """Only together with something of the content: then a word is enough that alone would name nobody."""
    others = tuple(_plain(50 + n, f"part{n}/thing.py") for n in range(3))
    plain = of_the_new_one("boom", _plain(45, "search/box.py"), *others)
    sessions = of_the_new_one("session lost", replace(SECOND, title="Tighten session"), *others)
    unversioned = ranked(
        alert("ShopErrors", "session lost"),
        ONE,
        TWO,
        (ROLLING, (replace(SECOND, title="Tighten session"), *others)),
    )

    assert plain.outcome is not Outcome.NAMED
    assert len(said(plain)) == 4
    assert sessions.outcome is Outcome.NAMED
    assert sessions.suspects[0].candidate.change.label == "!45"
    assert unversioned.outcome is not Outcome.NAMED


def test_another_jobs_version_runs_no_beside() -> None:
    """The worker's old version is spared because it is the worker's."""
    job = TWO[0].job
    assert job is not None
    worker = replace(TWO[0], job=replace(job, name="deploy-worker"))
    shipped = (ONE, (worker, (FIRST,)), (ROLLING, (SECOND,)))

    assert [f for f in said(ranked(alert("X", "boom\nversion: 1.4.2"), *shipped)).get("!45", ()) if "1.4.1" in f] == []
    assert TWO[0].sha[:8] not in str(said(ranked(alert("X", "boom\nversion: 1.4.2"), *shipped)))


# --- gone before the trouble began ------------------------------------------------------------------------------------


def _back_to(row: Shipped, minutes: float) -> Shipped:
    """Somebody went back to that version, by its old pipeline."""
    old = row[0].job
    assert old is not None
    again = deployment(9, before(minutes), pipeline=old.pipeline_id)
    return replace(again, sha=row[0].sha, ref=row[0].ref), ()


def test_what_was_gone_back_past_was_not_live() -> None:
    """From 1.4.2 to 1.4.0: what 1.4.1 brought is gone as well, though nobody went back from that row."""
    ranking = ranked(alert("LoginErrors", SESSIONS), ONE, TWO, THREE, _back_to(ONE, 18))

    gone = f"Was gone when the alert fired: {ONE[0].sha[:8]}, which was live then, does not have it"
    assert said(ranking) == {"!44": [gone]}
    assert ranking.outcome is not Outcome.NAMED


@pytest.mark.parametrize("minutes", [14, 1])
def test_who_went_back_while_the_trouble_began_may_have_had_a_reason(minutes: float) -> None:
    """The onset is a span: it may have been the cause until then."""
    assert said(ranked(alert("LoginErrors", SESSIONS), ONE, TWO, THREE, _back_to(ONE, minutes))) == {}


def test_what_never_arrived_was_not_gone_from() -> None:
    """A deployment that failed may have left something: what was live says nothing about it."""
    failed = (replace(THREE[0], status=DeploymentStatus.FAILED), THREE[1])

    assert said(ranked(alert("LoginErrors", SESSIONS), ONE, TWO, failed)) == {}


def test_a_stated_start_is_believed() -> None:
    """Gone back from half an hour before the alert, but the trouble began an hour ago: it was live then."""
    asked = replace(alert("LoginErrors", SESSIONS), started_at=before(35), onset=Onset(before(35), before(35)))
    found = as_git_says(asked, ONE, TWO, _back_to(ONE, 30))
    found = replace(found, scope=replace(found.scope, onset=asked.onset))

    assert said(rank(trace(found, asked), asked, found)) == {}
