"""The graph of a window answers as git would, or not at all."""

from collections.abc import Mapping
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from backtrace_core.model import Change, ChangeKind
from bot.sources.commits import CommitGraph, is_whole
from bot.sources.ranges import Commit

History = Mapping[str, tuple[str, ...]]


def commit(sha: str, *parents: str) -> Commit:
    change = Change(
        ChangeKind.COMMIT, "shop/web", None, sha, "Work", "", None, "Vani", datetime(2026, 11, 21, tzinfo=UTC)
    )
    return Commit(change, parents, frozenset())


@st.composite
def histories(draw: st.DrawFn) -> History:
    """Up to twelve commits, each with up to two earlier ones as parents; several roots may be."""
    count = draw(st.integers(2, 12))
    made: dict[str, tuple[str, ...]] = {}
    for n in range(count):
        earlier = list(made)
        parents = draw(st.lists(st.sampled_from(earlier), max_size=2, unique=True)) if earlier else []
        made[f"c{n}"] = tuple(parents)
    return made


def ancestors(history: History, sha: str) -> set[str]:
    """Itself and all before it, the slow way."""
    return {sha}.union(*(ancestors(history, parent) for parent in history[sha]))


def compare(history: History, base: str, tips: list[str]) -> CommitGraph:
    """What GitLab would answer to ``compare?from=base&to=tip`` for each tip, put together."""
    seen = set().union(*(ancestors(history, tip) for tip in tips)) - ancestors(history, base)
    return CommitGraph(base, [commit(sha, *history[sha]) for sha in sorted(seen)])


@given(histories(), st.data())
def test_ranges_are_those_of_git_or_unknown(history: History, data: st.DataObject):
    """Whatever the shape of the history: a range that the graph tells is exactly the one that git would tell."""
    shas = st.sampled_from(list(history))
    base, tips = data.draw(shas), data.draw(st.lists(shas, min_size=1, max_size=3))
    graph = compare(history, base, tips)
    for old in history:
        for new in history:
            told = graph.between(old, new)
            if told is not None:
                assert {found.sha for found in told} == ancestors(history, new) - ancestors(history, old)


@given(histories(), st.data())
def test_containment_is_that_of_git_or_unknown(history: History, data: st.DataObject):
    """The same for the question whether a commit is in another."""
    shas = st.sampled_from(list(history))
    graph = compare(history, data.draw(shas), data.draw(st.lists(shas, min_size=1, max_size=3)))
    for tip in history:
        for sha in history:
            told = graph.contains(tip, sha)
            assert told is None or told is (sha in ancestors(history, tip))


def test_on_one_main_line_nothing_is_unknown():
    """Where all was deployed from one branch, no range between two deployments needs another question."""
    history: dict[str, tuple[str, ...]] = {"m0": ()}
    for n in range(1, 6):
        history |= {f"f{n}": (f"m{n - 1}",), f"m{n}": (f"m{n - 1}", f"f{n}")}
    graph = compare(history, "m0", ["m5"])

    ranges = {(a, b): graph.between(f"m{a}", f"m{b}") for a in range(6) for b in range(6)}
    assert None not in ranges.values()
    assert {found.sha for found in ranges[2, 4] or ()} == {"m3", "f3", "m4", "f4"}
    assert ranges[4, 2] == ()
    assert {found.sha for found in graph.branch_of("m3") or ()} == {"m3", "f3"}


def test_what_was_cut_off_is_not_believed():
    """Whole is a list whose main line ends at base: without its tip, its middle or its end it is not."""
    line = {sha: commit(sha, parent) for sha, parent in (("a", "base"), ("b", "a"), ("c", "b"))}
    without = {name: {sha: found for sha, found in line.items() if sha != name} for name in line}

    assert is_whole("base", "c", line)
    assert not any(is_whole("base", "c", left) for left in without.values())
    assert not is_whole("base", "c", {})
    assert is_whole("base", "base", {})


def test_answers_that_are_no_history_end():
    """Two commits that name each other as parents: nonsense, but no endless loop."""
    rows = {"a": commit("a", "b"), "b": commit("b", "a")}

    assert not is_whole("base", "a", rows)
    assert CommitGraph("base", rows.values()).contains_base("a") is False
