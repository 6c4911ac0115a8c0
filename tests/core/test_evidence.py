"""Each rule of evidence: what it says, and when it keeps silent."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backtrace_core.evidence import Rule
from backtrace_core.evidence.context import context_of
from backtrace_core.evidence.deployed_before_onset import deployed_before_onset
from backtrace_core.evidence.frame_in_hunk import frame_in_hunk
from backtrace_core.evidence.named_in_alert import named_in_alert
from backtrace_core.evidence.nothing_in_common import nothing_in_common
from backtrace_core.evidence.only_tests_or_docs import only_tests_or_docs
from backtrace_core.evidence.symptom_fits import symptom_fits
from backtrace_core.evidence.words_shared import words_shared
from backtrace_core.frame_paths import same_file
from backtrace_core.model import Alert, Candidate, Change, Evidence, Frame
from tests.core.builders import alert, before, change, changed, deployment, harvest, lines

OTHERS = tuple(change(90 + n, f"Other {n}", changed(f"part{n}/thing.go", lines("x := 1"))) for n in range(4))


def judged(rule: Rule, culprit: Change, asked: Alert, *others: Change, minutes: float = 6) -> Evidence | None:
    """What the rule says of the change, among others of the same deployment."""
    shipped = deployment(7, before(minutes))
    candidates = tuple(Candidate(each, shipped, ()) for each in (culprit, *(others or OTHERS)))
    found = harvest((shipped, (culprit, *others)))
    return rule(candidates[0], asked, context_of(candidates, asked, found))


def said(evidence: Evidence | None) -> str:
    assert evidence is not None
    return evidence.says


SESSION = change(45, "Tighten session expiry", changed("auth/session.py", lines("check_expiry(token)", at=40)))


def test_time_is_said_in_minutes_and_fades() -> None:
    """The nearer before the trouble, the more it weighs; the sentence tells the distance to the alert."""
    asked = alert("LoginErrors")
    weights = []
    for minutes in (6, 60, 300, 1000, 3000):
        evidence = judged(deployed_before_onset, SESSION, asked, minutes=minutes)
        assert evidence is not None
        weights.append(evidence.weight)

    assert said(judged(deployed_before_onset, SESSION, asked)) == "Went live 6 min before the alert"
    assert weights == sorted(weights, reverse=True)
    assert weights[0] > weights[-1]


def test_time_says_less_of_what_builds_up_slowly() -> None:
    """A leak needs hours: the last deployment is hardly more suspect than those before."""
    fast = judged(deployed_before_onset, SESSION, alert("LoginErrors"))
    slow = judged(deployed_before_onset, SESSION, alert("MemoryHigh", "memory at 95 percent"))

    assert fast is not None
    assert slow is not None
    assert slow.weight < fast.weight / 2


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("raised in auth/session.py", "Changes auth/session.py, which the alert names"),
        ("raised in session.py", "Changes auth/session.py, which the alert names"),
        ("check_expiry refused", "Changes code with check_expiry in auth/session.py, which the alert names"),
        ("sessions get lost", 'Changes auth/session.py, and the alert says "session"'),
        ("CheckExpiryFailed", 'Changes code about "check" in auth/session.py, and the alert says "check"'),
    ],
)
def test_what_the_alert_names(text: str, sentence: str) -> None:
    """A whole path outweighs an identifier, that a word of the path, that a word of the changed lines."""
    evidence = judged(named_in_alert, SESSION, alert("WebErrors", text))

    assert said(evidence) == sentence
    assert evidence is not None
    assert evidence.url.startswith("https://gitlab.acme.test/shop/web/-/merge_requests/45/diffs#")


def test_a_word_that_all_candidates_have_weighs_little() -> None:
    """What every candidate touches tells none of them apart."""
    twins = tuple(change(n, "Twin", changed(f"auth/session_{n}.py")) for n in range(50, 90))
    one = change(45, "Tighten expiry", changed("auth/session.py"))
    rare = judged(named_in_alert, one, alert("WebErrors", "session lost"))
    common = judged(named_in_alert, one, alert("WebErrors", "session lost"), *twins)

    assert rare is not None
    assert common is not None
    assert common.weight < rare.weight / 3


def test_the_services_own_name_is_no_clue() -> None:
    """``web`` says where the alert is from, so a path with ``web`` in it is no match."""
    front = change(1, "Front page", changed("web/front.py", lines("render()")))

    assert judged(named_in_alert, front, alert("Errors web", "web in production")) is None


def test_tests_and_documents_are_not_matched() -> None:
    """A test on the failing path did not break it."""
    tested = change(1, "Cover sessions", changed("tests/test_session.py", lines("check_expiry(token)")))

    assert judged(named_in_alert, tested, alert("Errors", "session.py check_expiry")) is None


def test_title_and_work_item_words() -> None:
    """The title's words count, and those of the work item that the title lacks."""
    item = change(3, "Cache key by tenant", changed("a/b.go"), closes="Coupons of other shops shown")
    titled = change(4, "Tighten session expiry", changed("auth/ttl.py"))

    assert (
        said(judged(words_shared, titled, alert("SessionErrors"))) == 'Its title says "session", and so does the alert'
    )
    assert said(judged(words_shared, item, alert("CouponErrors"))) == (
        'It closes #3 "Coupons of other shops shown", and the alert says "coupon"'
    )
    assert judged(words_shared, SESSION, alert("CouponErrors")) is None


def test_a_word_counts_once_over_all_places() -> None:
    """In path, title, work item and code it is one word: it weighs where it says most, and nowhere else."""
    asked = alert("SessionErrors")
    everywhere = change(45, "Session", changed("auth/session.py", lines("session = 1")), closes="Session")
    path_only = change(46, "Tighten", changed("auth/session.py"))
    by_path, alone = judged(named_in_alert, everywhere, asked), judged(named_in_alert, path_only, asked)

    assert by_path is not None
    assert alone is not None
    assert by_path.weight == alone.weight
    assert judged(words_shared, everywhere, asked) is None


@pytest.mark.parametrize(
    ("frame", "part"),
    [
        (Frame("/srv/auth/session.py", 40, "check"), "inside the lines"),
        (Frame("/srv/auth/session.py", 52, "check"), "a few lines from"),
        (Frame("/srv/auth/session.py", 900, "other"), "a file that it changes"),
        (Frame("auth/session", None, "check_expiry"), "it changes check_expiry"),
    ],
)
def test_a_frame_meets_a_change(frame: Frame, part: str) -> None:
    """The closer the frame is to the changed lines, the stronger the sentence."""
    assert part in said(judged(frame_in_hunk, SESSION, alert("Errors", frames=(frame,))))


def test_the_outer_frame_weighs_less() -> None:
    """Everything passes the router; what raised is innermost, and that is last."""
    here, there = Frame("auth/session.py", 40, "check"), Frame("core/run.py", 3, "run")
    inner = judged(frame_in_hunk, SESSION, alert("Errors", frames=(there, there, here)))
    outer = judged(frame_in_hunk, SESSION, alert("Errors", frames=(here, there, there)))

    assert inner is not None
    assert outer is not None
    assert inner.weight > outer.weight


@pytest.mark.parametrize(
    ("printed", "path", "same"),
    [
        ("/srv/app/auth/session.py", "auth/session.py", True),
        ("CartService.java", "src/main/java/com/acme/CartService.java", True),
        ("com/acme/CartService", "src/main/java/com/acme/CartService.java", True),
        ("C:\\app\\Cart.cs", "src/shop/Cart.cs", False),
        ("/usr/lib/python3/session.py", "auth/session.py", False),
        ("", "auth/session.py", False),
    ],
)
def test_same_file(printed: str, path: str, *, same: bool) -> None:
    """Traces print more or fewer folders than git knows; another folder is another file."""
    assert same_file(printed, path) is same


def test_only_tests_or_docs() -> None:
    """Tests and prose alone speak against a change; with one line of code they don't."""
    tests = change(1, "Tests", changed("tests/test_a.py"), changed("web/a_test.go"), changed("src/CartTest.java"))
    docs = change(2, "Docs", changed("docs/a.md"), changed("README"))
    both = change(3, "Both", changed("README.md"), changed("app/a.py"))
    pinned = change(4, "Bump", changed("requirements.txt"))
    asked = alert("Errors")

    assert said(judged(only_tests_or_docs, tests, asked)) == "Changes only tests"
    assert said(judged(only_tests_or_docs, docs, asked)) == "Changes only documents"
    assert judged(only_tests_or_docs, both, asked) is None
    assert judged(only_tests_or_docs, pinned, asked) is None


def test_symptom_and_kind_of_change() -> None:
    """Latency goes with a migration, memory with a cache; not the other way round."""
    migration = change(1, "Add slot", changed("db/migrate/20261120_add_slot.rb", lines("add_column :a, :b")))
    cache = change(2, "Faster lists", changed("lists/cache.go", lines("seen[k] = v")))

    assert "changes the database" in said(judged(symptom_fits, migration, alert("CheckoutLatencyP99")))
    assert said(judged(symptom_fits, cache, alert("MemoryHigh", "OOMKilled"))) == (
        "The alert is about memory, and it changes lists/cache.go"
    )
    assert judged(symptom_fits, migration, alert("MemoryHigh", "OOMKilled")) is None


def test_a_fit_is_said_as_people_say_it() -> None:
    """Where the word stands is named: a file, the title, what it closes; and each kind of trouble has its name."""
    titled = change(1, "Keep cookies longer", changed("shop/img.py"))
    closing = change(2, "Tidy", changed("shop/img.py"), closes="Cookie flags")
    files = changed("ops/logs.py")

    assert said(judged(symptom_fits, titled, alert("LoginErrors"))) == (
        'The alert is about sign-in, and its title says "cookie"'
    )
    assert said(judged(symptom_fits, closing, alert("LoginErrors"))) == (
        'The alert is about sign-in, and it closes #2 "Cookie flags"'
    )
    assert said(judged(symptom_fits, change(3, "Tidy", files), alert("DiskFull"))) == (
        "The alert is about disk space, and it changes ops/logs.py"
    )
    assert "is about a backlog, and" in said(judged(symptom_fits, change(4, "Batch", files), alert("LagHigh")))


def test_time_against_a_change_is_said_as_such() -> None:
    """Days before sudden trouble speak against it, in words; before trouble that builds up they speak of nothing."""
    sudden = judged(deployed_before_onset, SESSION, alert("LoginErrors"), minutes=44 * 60)
    slow = judged(deployed_before_onset, SESSION, alert("MemoryHigh", "memory at 95 percent"), minutes=44 * 60)

    assert said(sudden) == "Went live 44 h before the alert, long ago for such trouble"
    assert said(slow) == "Went live 44 h before the alert"
    assert sudden is not None
    assert slow is not None
    assert sudden.weight < 0
    assert slow.weight == 0


def test_nothing_in_common_needs_an_alert_that_says_enough() -> None:
    """A thin alert proves nothing by its silence, and an unread diff nothing by its absence."""
    rich = alert("CouponErrors", "coupon percent negative for tenant basket")
    unread = replace(SESSION, files=(replace(changed("auth/session.py"), text_missing=True),))

    assert said(judged(nothing_in_common, SESSION, rich)) == "Nothing that it changes is mentioned in the alert"
    assert judged(nothing_in_common, SESSION, alert("CouponErrors")) is None
    assert judged(nothing_in_common, SESSION, alert("CouponErrors", "coupon percent negative session")) is None
    assert judged(nothing_in_common, unread, rich) is None
    assert judged(nothing_in_common, SESSION, replace(rich, frames=(Frame("auth/session.py", 9),))) is None
