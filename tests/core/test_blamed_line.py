"""A blamed line names its change, once, and only a candidate."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backtrace_core.blaming import MOST_BLAMED, lines_to_blame, version_at_onset
from backtrace_core.evidence.blamed_line import RULE, WEIGHT
from backtrace_core.model import Blame, Deployment, DeploymentStatus, Frame, Harvest, Outcome
from backtrace_core.rank import rank
from backtrace_core.trace import trace
from tests.core.builders import alert, before, change, changed, deployment, harvest, lines, sha

SESSION = change(45, "Rework", changed("auth/session.py", lines("ttl = 30", at=42)))
ICONS = change(46, "Icons", changed("static/icons.svg"))
FRAMES = (Frame("/srv/web/core/run.py", 3), Frame("/srv/web/auth/session.py", 42, "check"))
PAGE = "https://gitlab.acme.test/shop/web/-/blame/x/auth/session.py#L42"


def blamed(key: str | None, depth: int = 0) -> Blame:
    return Blame(depth, "auth/session.py", 42, "5c105fba" * 5, sha("commit"), key, PAGE)


def found(*blames: Blame) -> Harvest:
    shipped = (deployment(1, before(hours=30)), ()), (deployment(2, before(6)), (SESSION, ICONS))
    return replace(harvest(*shipped), blames=blames)


def test_the_change_that_wrote_the_line_is_named_with_the_page() -> None:
    """Path, line and deployed version stand in the sentence, and its link is the blame."""
    asked = alert("web 5xx", frames=FRAMES)
    harvested = found(blamed("shop/web!45"))
    ranking = rank(trace(harvested, asked), asked, harvested)
    said = next(e for e in ranking.suspects[0].evidence if e.rule == RULE)

    assert ranking.outcome is Outcome.NAMED
    assert said.says == "Line 42 of auth/session.py, where the trace passes, was last changed by it (blame at 5c105fba)"
    assert said.url == PAGE


def test_blame_alone_ties_a_change_to_the_alert() -> None:
    """Nothing else speaks for it: the line is enough to name it, and surer than words could be."""
    hidden = change(45, "Rework", replace(changed("auth/session.py"), text_missing=True))
    shipped = (deployment(1, before(hours=30)), ()), (deployment(2, before(6)), (hidden, ICONS))
    harvested = replace(harvest(*shipped), blames=(blamed("shop/web!45"),))
    asked = alert("web 5xx")
    ranking = rank(trace(harvested, asked), asked, harvested)

    assert ranking.outcome is Outcome.NAMED
    assert ranking.suspects[0].probability > 0.9


def test_the_frame_and_its_blame_count_once() -> None:
    """Both speak of one line: with both the odds are those of the stronger one."""
    asked = alert("web 5xx", frames=FRAMES)
    with_both = rank(trace(found(blamed("shop/web!45")), asked), asked, found(blamed("shop/web!45")))
    with_frame = rank(trace(found(), asked), asked, found())
    first, other = with_both.suspects[0], with_frame.suspects[0]
    rules = {e.rule: e.weight for e in first.evidence}

    assert rules["frame_in_hunk"] < rules[RULE] == WEIGHT
    assert first.probability / (1 - first.probability) < 2 * other.probability / (1 - other.probability)


@pytest.mark.parametrize("key", [None, "shop/web!9"])
def test_older_code_is_silent(key: str | None) -> None:
    """The line's last change is no candidate: that speaks for nobody and against nobody."""
    asked = alert("web 5xx", frames=FRAMES)

    assert rank(trace(found(blamed(key)), asked), asked, found(blamed(key))) == rank(
        trace(found(), asked), asked, found()
    )


def test_an_outer_line_says_less() -> None:
    """Everything passes the router."""
    asked = alert("web 5xx", frames=FRAMES)
    inner, outer = (rank(trace(h, asked), asked, h) for h in (found(blamed("shop/web!45", d)) for d in (0, 4)))
    weights = [next(e.weight for e in r.suspects[0].evidence if e.rule == RULE) for r in (inner, outer)]

    assert weights[0] > 2 * weights[1]


def test_few_lines_are_asked_for_innermost_first() -> None:
    """Only own code, only files that a change touches, each line once, and at most five."""
    touched = change(1, "All", *(changed(f"shop/m{n}.py") for n in range(9)))
    library = Frame("/usr/lib/python3/site-packages/shop/m1.py", 5)
    frames = (*(Frame(f"/app/shop/m{n}.py", n + 1) for n in range(9)), Frame("/app/shop/m8.py", 9), library)
    asked = lines_to_blame(alert("web 5xx", frames=(*frames, Frame("/app/shop/other.py", 1))), (touched,))

    assert [line.path for line in asked] == [f"shop/m{n}.py" for n in (8, 7, 6, 5, 4)]
    assert len(asked) == MOST_BLAMED


def test_the_frames_own_path_is_tried_only_where_a_change_s_paths_are_unknown() -> None:
    """A commit pushed without a merge request has no cheap paths; the innermost frame's path may be right."""
    seen = alert("web 5xx", frames=FRAMES[1:])
    pushed = change(47, "Pushed")

    assert lines_to_blame(seen, (ICONS,)) == ()
    assert [line.path for line in lines_to_blame(seen, (ICONS, pushed))] == ["auth/session.py", "web/auth/session.py"]


OLD, LATE, RUNNING = deployment(1, before(hours=30)), deployment(3, before(-9)), deployment(4, None)
LIVE = deployment(2, before(hours=2))
BROKEN = replace(deployment(5, before(20)), status=DeploymentStatus.FAILED)
EARLIER = replace(deployment(6, before(hours=3)), status=DeploymentStatus.FAILED)


@pytest.mark.parametrize(
    ("rows", "version"),
    [
        ((OLD, LIVE), LIVE),
        ((OLD, LIVE, LATE), LIVE),
        ((OLD, LIVE, RUNNING), RUNNING),
        ((OLD, LIVE, BROKEN), LIVE),
        ((BROKEN,), BROKEN),
        ((OLD, LIVE, EARLIER), LIVE),
        ((LATE,), None),
        ((), None),
    ],
)
def test_the_version_is_the_one_of_the_onset(rows: tuple[Deployment, ...], version: Deployment | None) -> None:
    """What was arriving, else what was live, else what broke off; never what came later."""
    assert version_at_onset(harvest(*((row, ()) for row in rows))) == version
