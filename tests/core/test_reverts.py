"""What was taken back before the trouble began is no likely cause any more."""

from dataclasses import replace

from backtrace_core.model import Change, ChangeRef
from backtrace_core.rank import rank
from backtrace_core.trace import trace
from tests.core.builders import alert, before, change, changed, deployment, harvest, lines

ALERT = alert("KeyError in is_expired", "auth/session.py")
CODE = changed("auth/session.py", lines("def is_expired(): raise KeyError"))
CULPRIT = change(45, "Tighten session expiry", CODE)
GOOD = (deployment(1, before(hours=30)), ())
BAD = (deployment(2, before(120)), (CULPRIT,))


def revert(iid: int, of: Change) -> Change:
    ref = ChangeRef(of.key, of.label, of.title, of.url, "vani")
    return replace(change(iid, f'Revert "{of.title}"', CODE), reverts=(ref,))


UNDO = revert(50, CULPRIT)


def says_reverted(*shipped: tuple) -> list[str]:
    found = harvest(*shipped, BAD, GOOD)
    suspects = rank(trace(found, ALERT), ALERT, found).suspects
    own = next(s for s in suspects if s.candidate.change.iid == 45)
    return [e.says for e in own.evidence if e.rule == "reverted"]


def test_its_revert_speaks_against_it():
    """With the sentence that says by what, and when that went live."""
    assert says_reverted((deployment(3, before(60)), (UNDO,))) == [
        "Was taken back by !50, which went live 1 h before the alert"
    ]


def test_a_revert_that_came_with_the_trouble_says_nothing():
    """The onset is an interval: what went live within it may have come too late, or be the cause."""
    assert says_reverted((deployment(3, before(5)), (UNDO,))) == []


def test_a_revert_of_the_revert_brings_it_back():
    """Then it is a suspect as before."""
    again = revert(51, UNDO)

    assert says_reverted((deployment(4, before(40)), (again,)), (deployment(3, before(60)), (UNDO,))) == []


def test_the_revert_itself_can_be_named():
    """Taking something back is a change like any other."""
    found = harvest((deployment(3, before(16)), (UNDO,)), BAD, GOOD)

    assert rank(trace(found, ALERT), ALERT, found).suspects[0].candidate.change.iid == 50


def test_reverted_once_more_after_all_is_taken_back():
    """!48 takes back what !47 brought back again: the order in which they are read says nothing."""
    again, once_more = revert(51, UNDO), revert(52, CULPRIT)

    assert says_reverted(
        (deployment(5, before(30)), (once_more,)),
        (deployment(4, before(40)), (again,)),
        (deployment(3, before(60)), (UNDO,)),
    ) == ["Was taken back by !52, which went live 30 min before the alert"]
