"""What is enough to name somebody's change, and what is not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backtrace_core.alerts.labels import without_keys
from backtrace_core.model import Change, FileDiff, Frame, Outcome
from backtrace_core.rank import Ranking, rank
from backtrace_core.trace import trace
from tests.core.builders import alert, before, change, changed, deployment, harvest, lines

STYLES = changed("assets/site.css", lines(".container { margin: 0 }", ".page { color: red }", heading=".footer {"))
POD = "pod web-7f9 is restarting\ncontainer: nginx\nreason: OOMKilled\n - container = nginx\nlast{container=nginx}"


def ranked(title: str, text: str, *changes: Change, minutes: float = 6, frames: tuple[Frame, ...] = ()) -> Ranking:
    asked = alert(title, text, frames=frames)
    found = harvest((deployment(7, before(minutes)), changes))
    return rank(trace(found, asked), asked, found)


@pytest.mark.parametrize(
    ("title", "text", "innocent", "minutes"),
    [
        ("HighCPU on web", "CPU usage 95%", change(1, "Print how to call it", changed("cli/usage.py")), 33 * 60),
        ("HighCPU on web", "CPU usage 95%", change(1, "CPU usage in the CLI", changed("cli/usage.py")), 6),
        (
            "Checkout page latency",
            "",
            change(2, "Footer of the page", changed("checkout/footer.css", *STYLES.hunks)),
            6,
        ),
        ("Checkout page latency", "p99 above 2s", change(2, "Footer", changed("checkout/page/footer.css")), 6),
        ("KubePodCrashLooping", POD, change(3, "Rename container class", STYLES), 6),
        ("SearchErrors", "search fails", change(4, "Search box is wider", changed("search/box.html")), 6),
        ("ImportErrors", "request_id=7 user_id=9", change(5, "Ids", changed("ids.py", lines("user_id = 1"))), 6),
        ("QueueErrors", "worker gave up", change(6, "Tidy", changed("x.py", lines("worker()", "gave = up"))), 6),
    ],
)
def test_one_everyday_word_names_nobody(title: str, text: str, innocent: Change, minutes: float) -> None:
    """However new and alone the change is: a word that both happen to have is chance, a label's key is nothing."""
    assert ranked(title, text, innocent, minutes=minutes).outcome in (Outcome.NOT_ENOUGH, Outcome.NO_CHANGE)


def touching(*texts: str) -> tuple[FileDiff, ...]:
    return (changed("auth/session.py", lines(*texts, at=40, heading="def check_expiry(session):")),)


SESSION = change(45, "Tighten expiry", *touching("raise SessionExpired('the session is too old now')"))


@pytest.mark.parametrize(
    ("text", "frames"),
    [
        ("raised in auth/session.py", ()),
        ("SessionExpired raised", ()),
        ("Last error: Refused: the session is too old now", ()),
        ("something raised", (Frame("/srv/auth/session.py", 40, "check_expiry"),)),
        ("session expiry goes wrong", ()),
    ],
)
def test_what_names_a_change(text: str, frames: tuple[Frame, ...]) -> None:
    """A path, an identifier, the error's own words, a frame, or two words that tell something."""
    ranking = ranked("WebErrors", text, SESSION, frames=frames)

    assert ranking.outcome is Outcome.NAMED


def test_the_same_change_by_one_word_is_not_named() -> None:
    """Session alone, in path, code and title, is one word and not three."""
    thrice = replace(SESSION, title="Session", files=touching("session = None"))

    assert ranked("WebErrors", "session lost", thrice).outcome is Outcome.NOT_ENOUGH


def test_a_word_and_the_kind_of_trouble_name_a_change() -> None:
    """Login trouble goes with auth, and the alert says session: two things, not one."""
    assert ranked("LoginErrors", "session lost", SESSION).outcome is Outcome.NAMED
    assert ranked("LoginErrors", "nobody gets in", SESSION).outcome is not Outcome.NAMED


def test_keys_of_labels_are_dropped_and_values_stay() -> None:
    """``container`` says which label it is; prose, code and places in files keep their words."""
    text = (
        " • *pod:* x\n - queue = mails\ncontainer: nginx, topic: orders\nenv:prod a{job=b} Region: eu\n"
        "auth/session.py:42 in check\nlogin fails: session lost\nSessionExpired: 300\nhttp://x.test/login\n"
        "total = cart.sum(tax=1)\nShop::Cart"
    )
    kept = without_keys(text)

    assert [key for key in ("pod", "queue", "container", "topic", "env", "job", "Region") if key in kept.split()] == []
    for word in ("x", "mails", "nginx", "orders", "prod", "b", "eu", "auth/session.py:42", "fails:", "SessionExpired:"):
        assert word in kept
    for line in ("http://x.test/login", "total = cart.sum(tax=1)", "Shop::Cart"):
        assert line in kept
