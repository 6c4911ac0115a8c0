"""A frame inside changed lines outweighs the clock and chance words; shared folders, and paths, are no words."""

from __future__ import annotations

import pytest

from backtrace_core.alerts.stack import frames_in
from backtrace_core.evidence.context import context_of
from backtrace_core.model import Candidate, Change, Outcome
from backtrace_core.rank import Ranking, rank
from backtrace_core.trace import trace
from tests.core.builders import Shipped, alert, before, change, changed, deployment, harvest, lines

TRACE = (
    'Traceback (most recent call last):\n  File "shop/views.py", line 9, in get\n'
    '  File "shop/login.py", line 5, in session_of\n    return user["session"]\nKeyError: \'session\''
)
LOGIN = change(3, "Read the user from the store", changed("shop/login.py", lines('return user["session"]', at=5)))
IMAGES = change(5, "Thumbnails", changed("shop/img.py", lines("size = 128")))
PLANS = change(2, "Rename plans", changed("shop/plans.py", lines("plans = []")))


def ranked(text: str, *shipped: Shipped, title: str = "KeyError in shop") -> Ranking:
    asked = alert(title, text, frames=frames_in(text))
    found = harvest(*shipped)
    return rank(trace(found, asked), asked, found)


def labels(ranking: Ranking) -> list[str]:
    return [suspect.candidate.change.label for suspect in ranking.suspects]


@pytest.mark.parametrize("hours", [1, 7, 70])
def test_the_change_of_the_raising_line_is_named_over_a_later_one(hours: float) -> None:
    """However long ago it shipped within the window, and although the later one has words of the alert's title."""
    title = "KeyError in shop thumbnails"
    gallery = change(5, "Thumbnails of the gallery", changed("shop/gallery.py"))
    ranking = ranked(
        TRACE, (deployment(1, before(hours=hours)), (PLANS, LOGIN)), (deployment(2, before(6)), (gallery,)), title=title
    )

    assert ranking.outcome is Outcome.NAMED
    assert labels(ranking)[0] == "!3"
    assert any("inside the lines" in fact.says for fact in ranking.suspects[0].evidence)


def test_a_folder_that_all_share_is_not_named() -> None:
    """``shop`` tells no candidate from another; the one on the trace is first, and no path of the others is quoted."""
    ranking = ranked(TRACE, (deployment(1, before(hours=3)), (PLANS, LOGIN)), (deployment(2, before(6)), (IMAGES,)))
    said = [e.says for suspect in ranking.suspects[1:] for e in suspect.evidence]

    assert ranking.outcome is Outcome.NAMED
    assert labels(ranking)[0] == "!3"
    assert [words for words in said if '"shop"' in words] == []


@pytest.mark.parametrize(
    ("paths", "counts"),
    [
        (("shop/a.py", "shop/b.py"), False),
        (("src/shop/a.py", "src/shop/b.py", "src/shop/c.py", "docs/shop.md"), False),
        (("shop/a.py", "mail/b.py"), True),
        (("shop/a.py",), True),
        (("shop/a.py", "shop/b.py", "cart/c.py"), True),
        (tuple(f"{'shop' if n < 6 else f'part{n}'}/x{n}.py" for n in range(10)), False),
    ],
)
def test_which_folders_are_shared(paths: tuple[str, ...], *, counts: bool) -> None:
    """Nearly all candidates, or the most of many changes; a folder of two out of three still tells something."""
    changes = tuple(change(n, "Tidy", changed(path)) for n, path in enumerate(paths, 1))
    shipped = deployment(1, before(6))
    candidates = tuple(Candidate(each, shipped, ()) for each in changes)
    context = context_of(candidates, alert("ShopErrors"), harvest((shipped, changes)))

    assert ("shop" in context.shared(changes[0].key)) is counts


def shared(of: Change, text: str) -> set[str]:
    shipped = deployment(1, before(6))
    asked = alert("Errors", text, frames=frames_in(text))
    context = context_of((Candidate(of, shipped, ()),), asked, harvest((shipped, (of,))))
    return set(context.shared(of.key))


def test_words_of_a_path_in_the_alert_are_not_counted_again() -> None:
    """A file that the alert names is named, or it is not; its folders and name are no words that people chose."""
    views = change(6, "Login views", changed("shop/account/views.py"))

    assert shared(views, 'File "/srv/shop/account/login.py", line 5, in call') == set()
    assert shared(views, "raised in shop/login.ts:7") == set()
    assert shared(views, "POST /shop/login answers 500") == {"shop", "login"}
    assert shared(views, "login fails in shop/login.py") == {"login"}
