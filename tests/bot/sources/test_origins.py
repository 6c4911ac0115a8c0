"""Cherry-picks, backports, reverts, merge trains: who brought a change here, and where it came from."""

import pytest

from backtrace_core.model import Alert, AlertStatus, Change, Frame, Harvest
from bot.gitlab.client import GitLabClient
from bot.sources.gitlab import GitLabSource
from tests.bot.gitlab.fake import FakeGitLab
from tests.bot.sources.rows import (
    SCOPE,
    T0,
    P,
    Row,
    commit,
    diff,
    harvest,
    merge_request,
    plan_change,
    plan_project,
    sha,
    shipped_by,
)


def plan(fake: FakeGitLab, commits: list[Row], *merged: Row) -> None:
    """Deployment 502 (sha b) brought ``commits``; ``merged`` is what GitLab's list of merge requests has."""
    plan_project(fake)
    fake.on("GET", f"{P}/repository/compare", {"commits": commits})
    fake.on("GET", f"{P}/deployments/502/merge_requests", [])
    fake.on("GET", f"{P}/merge_requests", list(merged))
    for row in merged:
        plan_change(fake, row["iid"])
    for row in commits:
        fake.on("GET", f"{P}/repository/commits/{row['id']}/diff", [diff("ops/cron.py")])


def change(found: Harvest, label: str) -> Change:
    return next(one for one in found.changes if one.label == label)


async def test_a_backport_is_named_with_where_it_came_from(fake: FakeGitLab, client: GitLabClient):
    """!50 merged a cherry-pick of !45's commit: !50 brought it, !45 did not, and !45's commits stay its own."""
    picked = commit("d", "a", message=f"Work\n\n(cherry picked from commit {sha('7')})")
    plan(fake, [picked, commit("b", "a", "d")], merge_request(50, sha("b"), sha=sha("d")),
         merge_request(45, sha("7"), sha=sha("6")))  # fmt: skip
    found = await harvest(client)

    assert shipped_by(found, 502) == {"shop/web!50"}
    assert [ref.label for ref in change(found, "!50").came_from] == ["!45"]
    assert change(found, "!50").shas == {sha("b"), sha("d")}
    assert change(found, "!50").origin_shas == {sha("7"), sha("6")}


async def test_an_inner_commit_of_a_branch_tells_for_its_merge_request(fake: FakeGitLab, client: GitLabClient):
    """The pick and the revert lie below the head, which GitLab names: both are said of !50, and !45 stays out."""
    picked = commit("d", "a", message=f"Work\n\n(cherry picked from commit {sha('7')})")
    undo = commit("c", "d", message=f"Revert\n\nThis reverts commit {sha('8')}.")
    plan(fake, [picked, undo, commit("e", "c"), commit("b", "a", "e")], merge_request(50, sha("b"), sha=sha("e")),
         merge_request(45, sha("7"), sha=sha("6")), merge_request(44, sha("8"), sha=sha("5")))  # fmt: skip
    found = await harvest(client)

    assert shipped_by(found, 502) == {"shop/web!50"}
    assert [ref.label for ref in change(found, "!50").came_from] == ["!45"]
    assert [ref.label for ref in change(found, "!50").reverts] == ["!44"]


async def test_what_a_branch_began_from_tells_nothing_for_it(fake: FakeGitLab, client: GitLabClient):
    """A pick was pushed to main, and !50's branch begins there; !51's merged it in, and began before it."""
    picked = commit("d", "a", message=f"Work\n\n(cherry picked from commit {sha('7')})")
    commits = [picked, commit("e", "d"), commit("9", "d", "e"), commit("8", "a"), commit("c", "8", "d"),
               commit("b", "9", "c")]  # fmt: skip
    plan(fake, commits, merge_request(50, sha("9"), sha=sha("e")), merge_request(51, sha("b"), sha=sha("c")),
         merge_request(45, sha("7"), sha=sha("6")))  # fmt: skip
    found = await harvest(client)

    assert {one.label: [ref.label for ref in one.came_from] for one in found.changes} == {
        "!50": [], "!51": [], "!45": [],
    }  # fmt: skip


async def test_a_line_of_the_original_is_not_blamed_on_its_backport(fake: FakeGitLab, client: GitLabClient):
    """!45 and its backport !50 both arrived: who wrote the line is the one whose own commit blame names."""
    picked = commit("d", "c", message=f"Work\n\n(cherry picked from commit {sha('c')})")
    commits = [commit("e", "a"), commit("c", "a", "e"), picked, commit("b", "c", "d")]
    plan(fake, commits, merge_request(50, sha("b"), sha=sha("d")), merge_request(45, sha("c"), sha=sha("e")))
    blamed = {"commit": {"id": sha("e")}, "lines": ["x"]}
    fake.on("GET", f"{P}/repository/files/auth%2Fsession.py/blame", [blamed])
    onset = SCOPE.onset
    asked = Alert("test", AlertStatus.FIRING, "Errors", "Errors", T0, onset, "f", frames=(Frame("auth/session.py", 1),))
    found = await GitLabSource(client, lambda: T0).harvest(SCOPE, asked)

    assert [one.label for one in found.changes] == ["!50", "!45"]
    assert [(blame.commit, blame.change) for blame in found.blames] == [(sha("e"), "shop/web!45")]


async def test_a_pushed_pick_of_an_inner_commit_names_its_merge_request(fake: FakeGitLab, client: GitLabClient):
    """A commit inside !45's branch was picked by hand: the pushed commit says that it came from !45."""
    inner, merged = commit("e", "a"), commit("c", "a", "e")
    picked = commit("b", "c", message=f"Work\n\n(cherry picked from commit {sha('e')})")
    plan(fake, [inner, merged, picked], merge_request(45, sha("c"), sha=sha("9")))
    found = await harvest(client)

    assert shipped_by(found, 502) == {"shop/web!45", "shop/web@bbbbbbbb"}
    assert [ref.label for ref in change(found, "@bbbbbbbb").came_from] == ["!45"]


async def test_a_description_that_speaks_of_a_pick_adopts_nothing(fake: FakeGitLab, client: GitLabClient):
    """Prose with a sha in it makes no backport; the line that tools write, alone on its line, does."""
    prose = f"We cherry picked from commit {sha('7')} for 14.1. (cherry picked from commit {sha('7')}) was first."
    told = f"For 14.1.\n\n(cherry picked from commit {sha('7')})\n\n- [x] tested"
    for description, origins in ((prose, []), (told, ["!45"])):
        plan(fake, [commit("d", "a"), commit("b", "a", "d")],
             merge_request(50, sha("b"), sha=sha("d"), description=description),
             merge_request(45, sha("7"), sha=sha("6")))  # fmt: skip
        found = await harvest(client)

        assert [ref.label for ref in change(found, "!50").came_from] == origins
        assert bool(change(found, "!50").origin_shas) == bool(origins)


@pytest.mark.parametrize(
    "message",
    [
        "This reverts merge request !40",
        "This reverts merge request shop/web!40",
        f"This reverts commit {sha('7')}.",
        f"This reverts commit {sha('7')[:10]}, reversing\nchanges made to {sha('1')}.",
    ],
)
async def test_a_revert_says_what_it_takes_back(fake: FakeGitLab, client: GitLabClient, message: str):
    """By GitLab's own button or by git's words, in the merge request's commits."""
    undo = commit("d", "a", message=f'Revert "Work"\n\n{message}')
    plan(fake, [undo, commit("b", "a", "d")], merge_request(51, sha("b"), sha=sha("d")),
         merge_request(40, sha("7"), sha=sha("6")))  # fmt: skip
    found = await harvest(client)

    assert [(ref.label, ref.title) for ref in change(found, "!51").reverts] == [("!40", "Change 40")]


async def test_a_revert_of_what_was_merged_long_ago_has_its_number(fake: FakeGitLab, client: GitLabClient):
    """Nothing was read of !3, but its number and page are known."""
    row = merge_request(51, sha("b"), sha=sha("d"), description="This reverts merge request !3")
    plan(fake, [commit("d", "a"), commit("b", "a", "d")], row)
    found = await harvest(client)

    ref = change(found, "!51").reverts[0]
    assert (ref.label, ref.url) == ("!3", "https://gitlab.example.com/shop/web/-/merge_requests/3")


async def test_each_merge_request_of_a_train_is_named(fake: FakeGitLab, client: GitLabClient):
    """A merge train's commits lie upon each other; every merge request has its own merge commit."""
    commits = [commit("d", "a"), commit("c", "a", "d"), commit("e", "a"), commit("b", "c", "e")]
    plan(fake, commits, merge_request(45, sha("c"), sha=sha("d")), merge_request(46, sha("b"), sha=sha("e")))
    found = await harvest(client)

    assert shipped_by(found, 502) == {"shop/web!45", "shop/web!46"}


async def test_a_revert_of_a_part_takes_back_no_whole(fake: FakeGitLab, client: GitLabClient):
    """One of !45's commits is reverted by hand: that says nothing of the rest of !45."""
    inner, merged = commit("e", "a"), commit("c", "a", "e")
    undo = commit("b", "c", message=f"Revert\n\nThis reverts commit {sha('e')}.")
    plan(fake, [inner, merged, undo], merge_request(45, sha("c"), sha=sha("9")))
    found = await harvest(client)

    assert change(found, "@bbbbbbbb").reverts == ()


UNDO = f'Revert "Work"\n\nThis reverts commit {sha("7")}.'
BY_BUTTON = 'Revert "Work"\n\nThis reverts merge request !40'


@pytest.mark.parametrize(
    ("messages", "reverts"),
    [
        ((UNDO, f'Revert "Revert "Work""\n\nThis reverts commit {sha("d")}.'), []),
        ((UNDO, f'Reapply "Work"\n\nThis reverts commit {sha("d")[:10]}.'), []),
        ((BY_BUTTON, f'Revert "Revert "Work""\n\nThis reverts commit {sha("d")}.'), []),
        # Rebased: the sha in the message is one that the history lost.
        ((UNDO, f'Revert "Revert "Work""\n\nThis reverts commit {sha("9")}.'), []),
        # And taken back once more.
        ((UNDO, f'Revert "Revert "Work""\n\nThis reverts commit {sha("d")}.', UNDO), ["!40"]),
        ((UNDO, f'Reapply "Work"\n\nThis reverts commit {sha("9")}.', UNDO), ["!40"]),
        # Another one is taken back, not this.
        ((UNDO, f'Revert "Other"\n\nThis reverts commit {sha("9")}.'), ["!40"]),
        # Squashed: one commit has the words of all.
        ((f'Try\n\n* {UNDO}\n\n* Revert "Revert "Work""\n\nThis reverts commit {sha("9")}.',), []),
        ((f"Try\n\n* Prepare\n\n* {UNDO}",), ["!40"]),
    ],
)
@pytest.mark.parametrize("described", ["", "This reverts merge request !40"])
async def test_reverts_that_cancel_out_inside_one_merge_request_take_nothing_back(
    fake: FakeGitLab, client: GitLabClient, messages: tuple[str, ...], reverts: list[str], described: str
):
    """A revert and its revert leave everything as it was, whatever the description began with."""
    line = ["a", *"def"[: len(messages)]]
    commits = [commit(new, old, message=text) for old, new, text in zip(line, line[1:], messages, strict=False)]
    plan(fake, [*commits, commit("b", "a", line[-1])],
         merge_request(51, sha("b"), sha=sha(line[-1]), description=described),
         merge_request(40, sha("7"), sha=sha("6")))  # fmt: skip
    found = await harvest(client)

    assert [ref.label for ref in change(found, "!51").reverts] == reverts


async def test_a_description_alone_still_tells(fake: FakeGitLab, client: GitLabClient):
    """Another revert in the same merge request cancels nothing that it does not name."""
    other = commit("d", "a", message=f'Revert "Other"\n\nThis reverts commit {sha("9")}.')
    row = merge_request(51, sha("b"), sha=sha("d"), description="This reverts merge request !40")
    plan(fake, [other, commit("b", "a", "d")], row, merge_request(40, sha("7"), sha=sha("6")))

    assert [ref.label for ref in change(await harvest(client), "!51").reverts] == ["!40"]
