"""What kind of change it is, and how large: little weights that come without a look at the alert."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backtrace_core.evidence.context import context_of
from backtrace_core.evidence.kind_of_change import kinds_of_change
from backtrace_core.evidence.size_of_change import USUAL, size_of_change
from backtrace_core.model import Candidate, Change, Evidence, FileDiff
from backtrace_core.ranking_model import shipped
from tests.core.builders import alert, before, change, changed, deployment, harvest, lines

ASKED = alert("LoginErrors", "sessions expire too early")


def of_size(*files: FileDiff) -> Evidence | None:
    candidate = _candidate(change(45, "Tighten session expiry", *files))
    return size_of_change(candidate, ASKED, context_of((candidate,), ASKED, harvest()))


def kinds(culprit: Change) -> set[str]:
    candidate = _candidate(culprit)
    return {e.rule for e in kinds_of_change(candidate, ASKED, context_of((candidate,), ASKED, harvest()))}


def _candidate(culprit: Change) -> Candidate:
    return Candidate(culprit, deployment(7, before(6)), ())


def _lines(count: int, path: str = "auth/session.py") -> FileDiff:
    return changed(path, lines(*(f"x = {n}" for n in range(count))))


def test_the_larger_change_is_the_likelier() -> None:
    """The weight grows with the lines, by their logarithm, and the sentence says how many there are."""
    small, large, huge = of_size(_lines(2)), of_size(_lines(200)), of_size(_lines(1000), _lines(1000, "auth/b.py"))
    assert small is not None
    assert large is not None
    assert huge is not None

    assert (small.says, large.says) == ("Changes only 2 lines", "Changes 200 lines")
    assert small.weight < 0 < large.weight < huge.weight
    assert huge.weight <= 3 * shipped().weight("size_of_change")


def test_a_usual_size_says_nothing() -> None:
    """A change as large as most is neither more nor less suspect for it."""
    assert of_size(_lines(USUAL)) is None


def test_lines_that_were_not_read_say_nothing() -> None:
    """Where GitLab kept a file's text back, or nobody asked for it, the size is unknown: no evidence either way."""
    known, hidden = _lines(500), replace(_lines(0, "auth/big.py"), text_missing=True)
    assert of_size(known, hidden) is None
    assert of_size(known, replace(hidden, text_missing=False, text_skipped=True)) is None
    assert of_size() is None
    assert of_size(changed("logo.png")) is None


def test_what_tools_wrote_is_not_counted() -> None:
    """A lock file of thousands of lines makes no large change; the sentence says that it is left aside."""
    without, with_lock = of_size(_lines(2)), of_size(_lines(2), _lines(3000, "package-lock.json"))

    assert without is not None
    assert with_lock is not None
    assert with_lock.weight == without.weight
    assert with_lock.says == f"{without.says} beside tests, documents and what tools or others wrote"


def test_lines_that_break_nothing_are_not_counted() -> None:
    """Tests and documents add nothing to a change's size; one of nothing else is as small as can be."""
    both = of_size(_lines(2), _lines(500, "tests/test_session.py"), _lines(90, "docs/session.md"))
    alone = of_size(_lines(500, "tests/test_session.py"))

    assert both is not None
    assert alone is not None
    assert both.says == "Changes only 2 lines beside tests, documents and what tools or others wrote"
    assert alone.says == "Changes only tests or documents"
    assert alone.weight < both.weight < 0


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        (".gitlab-ci.yml", "only_pipeline"),
        (".gitlab/ci/deploy.yml", "only_pipeline"),
    ],
)
def test_kinds_by_their_files(path: str, kind: str) -> None:
    """A change of nothing but the pipeline is told; with code beside it is not."""
    only = change(45, "Weekly sync", _lines(3, path))
    with_code = change(46, "Weekly sync", _lines(3, path), _lines(3))

    assert kind in kinds(only)
    assert kind not in kinds(with_code)
    assert shipped().weight(kind) < 0


TITLES = [
    ("Remove the session cache", set()),
    ("Move the session cache", {"tidies"}),
    ("[cart] Renames the cache", {"tidies"}),
    ("feat(cart): refactor the cache", {"tidies"}),
    ("Clean up the cache", {"tidies"}),
    ("Crash on rename of a cart", set()),
    ("Store the filename of uploads", set()),
    ("Fix crash when users make an order", set()),
    ("Handle default currency", set()),
    ("Make the page faster", set()),
    ("Make the new page the default", {"switches_over"}),
    ("cart: use the new client", {"switches_over"}),
    ("Enable caching", {"switches_over"}),
    ("Adds a cache", {"adds_something"}),
    ("Address the cache by name", set()),
]


@pytest.mark.parametrize(("title", "expected"), TITLES)
def test_kinds_by_their_titles(title: str, expected: set[str]) -> None:
    """By the verb with which a title begins, not by letters inside of a word or a verb further on."""
    assert kinds(change(45, title, _lines(3))) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("src/QueryBUILDER.java", set()),
        ("src/rebuild/MyBUILDINGS.rb", set()),
        ("src/DEPSolver.py", set()),
        ("src/lang/parser.go", set()),
        ("app/locale/middleware.py", set()),
        ("shop/BUILD", {"only_settings"}),
        ("shop/Makefile", {"only_settings"}),
        ("config/shop.yml", {"only_settings"}),
        ("config/locales/de.yml", set()),
        ("src/lang/de.json", set()),
    ],
)
def test_kinds_by_names_of_files(path: str, expected: set[str]) -> None:
    """A build file by its whole name; translations are no settings."""
    assert kinds(change(45, "Weekly sync", _lines(3, path))) == expected
