"""Each rule of evidence: what it says, and when it keeps silent."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backtrace_core.evidence.context import context_of
from backtrace_core.evidence.deployed_before_onset import deployed_before_onset
from backtrace_core.evidence.frame_in_hunk import frame_in_hunk
from backtrace_core.evidence.named_in_alert import named_in_alert
from backtrace_core.evidence.rules import Rule
from backtrace_core.evidence.same_subject import same_subject
from backtrace_core.evidence.symptom_fits import symptom_fits
from backtrace_core.evidence.words_in_code import words_in_code
from backtrace_core.evidence.words_shared import words_shared
from backtrace_core.frame_paths import same_file
from backtrace_core.model import Alert, Candidate, Change, Evidence, Frame, Hunk
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


SESSION = change(
    45,
    "Tighten session expiry",
    changed("auth/session.py", lines("check_expiry(token)", at=40, heading="def renew(token):")),
)


def timed(minutes: float, asked: Alert, *later: float) -> Evidence:
    """What time says of a change of that many minutes ago, with deployments of others after it."""
    own = (deployment(7, before(minutes)), (SESSION,))
    rows = (own, *((deployment(20 + n, before(each)), (OTHERS[n],)) for n, each in enumerate(later)))
    candidates = tuple(Candidate(shipped, row, ()) for row, (shipped,) in rows)
    evidence = deployed_before_onset(candidates[0], asked, context_of(candidates, asked, harvest(*rows)))
    assert evidence is not None
    return evidence


def test_time_is_said_in_minutes_and_fades() -> None:
    """The more went live after it, the less it weighs; the sentence tells how long ago, and what came since."""
    asked = alert("LoginErrors")
    last, second, third = timed(6, asked), timed(60, asked, 6), timed(300, asked, 60, 6)

    assert last.says == "Went live 6 min before the alert"
    assert second.says == "Went live 1 h before the alert; 1 deployment brought others since"
    assert third.says.endswith("; 2 deployments brought others since")
    assert last.weight > second.weight > third.weight


def test_time_says_less_of_what_builds_up_slowly() -> None:
    """A leak needs hours: the last deployment is hardly more suspect than those before."""
    fast, slow = alert("LoginErrors"), alert("MemoryHigh", "memory at 95 percent")

    assert 2 * (timed(6, slow).weight - timed(60, slow, 6).weight) < timed(6, fast).weight - timed(60, fast, 6).weight


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("raised in auth/session.py", "Changes auth/session.py, which the alert names"),
        ("raised in session.py", "Changes auth/session.py, which the alert names"),
        ("check_expiry refused", "Changes code with check_expiry in auth/session.py, which the alert names"),
    ],
)
def test_what_the_alert_names(text: str, sentence: str) -> None:
    """A whole path, the file's name, an identifier: each with the file's place in the diff."""
    evidence = judged(named_in_alert, SESSION, alert("WebErrors", text))

    assert said(evidence) == sentence
    assert evidence is not None
    assert evidence.url.startswith("https://gitlab.acme.test/shop/web/-/merge_requests/45/diffs#")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("sessions get lost", 'Changes auth/session.py, and the alert says "sessions"'),
        ("CheckFailed", 'Changes code about "check" in auth/session.py, and the alert says "check"'),
        ("the session's expiry", 'Changes auth/session.py, and the alert says "session", "expiry" too'),
    ],
)
def test_words_in_paths_and_lines(text: str, sentence: str) -> None:
    """Words meet however they are inflected; the alert's own form is shown."""
    untitled = replace(SESSION, title="Tidy")

    assert said(judged(words_in_code, untitled, alert("WebErrors", text))) == sentence


def test_a_word_that_all_candidates_have_weighs_little() -> None:
    """What every candidate touches tells none of them apart."""
    twins = tuple(change(n, "Twin", changed(f"auth/session_{n}.py")) for n in range(50, 90))
    one = change(45, "Tighten expiry", changed("auth/session.py"))
    rare = judged(words_in_code, one, alert("WebErrors", "session lost"))
    common = judged(words_in_code, one, alert("WebErrors", "session lost"), *twins)

    assert rare is not None
    assert common is not None
    assert common.weight < rare.weight / 3


def test_the_services_own_name_is_no_clue() -> None:
    """``web`` says where the alert is from, so a path with ``web`` in it is no match."""
    front = change(1, "Front page", changed("web/front.py", lines("render()")))

    assert judged(named_in_alert, front, alert("Errors web", "web in production")) is None


def test_tests_and_documents_are_not_matched() -> None:
    """A test on the failing path did not break it: neither its path nor its code is named."""
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
    by_title, by_path = judged(words_shared, everywhere, asked), judged(words_in_code, path_only, asked)

    assert by_title is not None
    assert by_path is not None
    assert by_path.weight < by_title.weight < 3 * by_path.weight
    assert judged(words_in_code, everywhere, asked) is None


@pytest.mark.parametrize(
    ("frame", "part"),
    [
        (Frame("/srv/auth/session.py", 40, "check"), "inside the lines"),
        (Frame("/srv/auth/session.py", 52, "check"), "a few lines from"),
        (Frame("/srv/auth/session.py", 900, "other"), "a file that it changes"),
        (Frame("auth/session", None, "check_expiry"), "a file that it changes"),
        (Frame("auth/session.py", 900, "renew"), "it changes renew"),
    ],
)
def test_a_frame_meets_a_change(frame: Frame, part: str) -> None:
    """The closer the frame is to the changed lines, the stronger the sentence."""
    assert part in said(judged(frame_in_hunk, SESSION, alert("Errors", frames=(frame,))))


@pytest.mark.parametrize(
    ("line", "where"),
    [(10, "a few lines from"), (12, "right beside the lines that"), (13, "inside the lines that"), (16, "a few lines")],
)
def test_lines_around_the_changed_ones_are_not_changed(line: int, where: str) -> None:
    """A hunk has some as they were; only a line beside a changed one may be its statement's."""
    hunk = Hunk(10, 7, 10, 7, "", ((13, "x = 1"),), ((13, "x = 2"),))
    asked = alert("Errors", frames=(Frame("shop/app.py", line, "run"),))
    evidence = judged(frame_in_hunk, change(1, "Work", changed("shop/app.py", hunk)), asked)

    assert where in said(evidence)


@pytest.mark.parametrize(("line", "beside"), [(20, False), (22, True), (23, True), (25, False)])
def test_a_frame_beside_what_is_gone(line: int, *, beside: bool) -> None:
    """Two lines were taken away after line 22, and the file is ten lines longer above: only the new numbers count."""
    hunk = Hunk(10, 8, 20, 6, "", (), ((13, "a = 1"), (14, "b = 2")))
    asked = alert("Errors", frames=(Frame("shop/app.py", line, "run"),))
    evidence = judged(frame_in_hunk, change(1, "Work", changed("shop/app.py", hunk)), asked)

    assert ("right beside the lines that it changes" in said(evidence)) is beside


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
        'The alert is about sign-in, and its title is about "cookie"'
    )
    assert said(judged(symptom_fits, closing, alert("LoginErrors"))) == (
        'The alert is about sign-in, and it closes #2 "Cookie flags"'
    )
    assert said(judged(symptom_fits, change(3, "Tidy", files), alert("DiskFull"))) == (
        "The alert is about disk space, and it changes ops/logs.py"
    )
    assert "is about a backlog, and" in said(judged(symptom_fits, change(4, "Batch", files), alert("LagHigh")))


def test_a_change_about_something_else() -> None:
    """That it has nothing in common speaks against a change, and not against one that could not be read."""
    rich = alert("CouponErrors", "coupon percent negative for tenant basket")
    basket = change(9, "Coupons of a tenant's basket", changed("coupon/basket.py", lines("percent = -1")))
    unread = replace(SESSION, files=(replace(changed("auth/session.py"), text_missing=True),))
    against = judged(same_subject, SESSION, rich, *OTHERS, basket)

    assert against is not None
    assert against.weight < 0
    assert against.says == "Has no word of what the alert says is wrong"
    assert judged(same_subject, unread, rich, *OTHERS, basket) is None
