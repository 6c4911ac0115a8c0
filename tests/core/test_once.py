"""One change counts once, and what many have tells little."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backtrace_core.evidence.change_words import change_words
from backtrace_core.evidence.context import context_of
from backtrace_core.evidence.literal_in_lines import literal_in_lines
from backtrace_core.evidence.name_shared import name_shared
from backtrace_core.evidence.rules import Rule
from backtrace_core.evidence.setting_in_error import QUOTED, setting_in_error
from backtrace_core.model import Alert, Candidate, Change, ChangeKind, Evidence, FileDiff, Frame, Hunk
from backtrace_core.rank import Ranking, rank
from backtrace_core.ties import points
from tests.core.builders import alert, before, change, changed, deployment, harvest, lines

SHIPPED = deployment(7, before(6))
ASKED = alert("LoginErrors", "check_expiry refused a session")
SESSION = change(45, "Tighten session expiry", changed("auth/session.py", lines("check_expiry(token)")))
QUEUE = change(46, "Sort the queue", changed("queue/sort.py", lines("rows.sort()")))


def edited(path: str, removed: str, added: str) -> FileDiff:
    return changed(path, Hunk(5, 1, 5, 1, "", ((5, added),), ((5, removed),)))


def judged(rule: Rule, asked: Alert, *changes: Change) -> Evidence:
    candidates = tuple(Candidate(each, SHIPPED, ()) for each in changes)
    found = rule(candidates[0], asked, context_of(candidates, asked, harvest((SHIPPED, changes))))
    assert found is not None
    return found


def ranked(*changes: Change, known: tuple[Change, ...] = (SESSION, QUEUE)) -> Ranking:
    return rank(tuple(Candidate(each, SHIPPED, ()) for each in changes), ASKED, harvest((SHIPPED, known)))


def numbers(ranking: Ranking) -> list[tuple[str, float, float]]:
    return [(s.candidate.change.key, s.score, s.probability) for s in ranking.suspects]


def test_the_same_change_twice_counts_once() -> None:
    """Not half for each: the answer is that of the change alone."""
    assert numbers(ranked(SESSION, QUEUE, SESSION)) == numbers(ranked(SESSION, QUEUE))


def test_a_commit_of_a_merge_request_is_no_second_change() -> None:
    """GitLab may tell the same commit by itself, before it links it."""
    merged = replace(SESSION, shas=frozenset((SESSION.sha, "c" * 40)))
    commit = replace(SESSION, kind=ChangeKind.COMMIT, iid=None, sha="c" * 40)

    known = (merged, commit, QUEUE)
    alone = numbers(ranked(merged, QUEUE, known=known))

    assert numbers(ranked(merged, commit, QUEUE, known=known)) == alone
    assert numbers(ranked(commit, merged, QUEUE, known=known)) == alone


def test_a_value_that_many_change_tells_little_of_each() -> None:
    """The sentence says how many others have it."""
    asked = alert("CartErrors", 'no rate for "old cart"')
    several = [change(n, "Work", edited(f"shop/part{n}.py", 'a = "old cart"', "a = None")) for n in range(50, 54)]
    alone, second, crowd = (judged(literal_in_lines, asked, *several[:count]) for count in (1, 2, 4))

    assert alone.says == 'Changes a line of shop/part50.py with "old cart", which the alert names'
    assert second.says == f"{alone.says}; 1 other has it in its lines"
    assert crowd.says == f"{alone.says}; 3 others have it in their lines"
    assert alone.weight > second.weight > crowd.weight == alone.weight / 2


def test_the_value_that_fewer_have_is_said() -> None:
    """Of two that the alert quotes."""
    asked = alert("CartErrors", 'no "rate one" for "cart two"')
    both = change(
        50, "Work", edited("shop/a.py", 'a = "rate one"', "a = 1"), edited("shop/b.py", 'b = "cart two"', "b = 1")
    )
    other = change(51, "Work", edited("shop/c.py", 'c = "rate one"', "c = 1"))

    assert '"cart two"' in judged(literal_in_lines, asked, both, other).says


def test_a_setting_that_all_have_is_no_exact_hit() -> None:
    """``timeout`` stands everywhere: that the error quotes it names nobody."""
    asked = alert("KeyError: 'timeout'", frames=(Frame("/srv/web/shop/run.py", 9, "run"),))
    several = [change(n, "Work", edited(f"conf/part{n}.toml", "timeout = 1", "limit = 1")) for n in range(50, 70)]
    rare, common = judged(setting_in_error, asked, several[0]), judged(setting_in_error, asked, *several)

    assert rare.weight == QUOTED
    assert points(rare)
    assert common.weight < QUOTED / 2
    assert not points(common)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("SESSION_TTL = 4", 'Has "SESSION_TTL" in auth/session.py, letter by letter as the alert writes it'),
        ("session_ttl = 4", 'Has "SESSION_TTL" in auth/session.py, but for capitals as the alert writes it'),
        ("session_ttl = SESSION_TTL", 'Has "SESSION_TTL" in auth/session.py, letter by letter as the alert writes it'),
    ],
)
def test_letters_are_the_letters(line: str, says: str) -> None:
    """Capital or small: where they differ the sentence says so."""
    asked = alert("LoginErrors", "SESSION_TTL is over")

    assert judged(name_shared, asked, change(45, "Work", changed("auth/session.py", lines(line))), QUEUE).says == says


def test_a_line_is_cut_between_words() -> None:
    """Of a line that is too long the beginning is read; half a word is none."""
    long = "x " * 247 + "properties of carts"
    words = change_words(change(45, "Tidy", changed("shop/rows.py", lines(long))))

    assert long[:500].endswith(" proper")
    assert not {"proper", "properti"} & words.all()
    assert words.all() >= {"shop", "row"}
