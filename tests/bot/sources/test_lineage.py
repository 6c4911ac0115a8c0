"""Lineage: which targets contain which changes, by git's word alone."""

from dataclasses import replace

import pytest

from backtrace_core.model import Change, ChangeKind, Deployment, Harvest, Lineage
from bot.gitlab.client import GitLabClient
from bot.gitlab.shapes import deployment_of
from bot.sources.gitlab import GitLabSource
from tests.bot.gitlab.fake import FakeGitLab, Reply
from tests.bot.sources.rows import SCOPE, T0, WEB, P, commit, deployment, sha

COMPARE = f"{P}/repository/compare"
GONE = Reply({"message": "404 Ref Not Found"}, 404)
CHANGE = Change(
    ChangeKind.MERGE_REQUEST, "shop/web", 45, sha("b"), "Tighten", f"{WEB}/-/merge_requests/45", None, "", T0,
    shas=frozenset({sha("b"), sha("e")}),
)  # fmt: skip


def row(number: int, letter: str, hours_ago: float) -> Deployment:
    return deployment_of(deployment(number, letter, hours_ago), "shop/web", WEB)


TARGET, LIVE = row(501, "a", 30), row(502, "c", 1)


async def lineage(client: GitLabClient, *changes: Change, target: Deployment = TARGET) -> Lineage:
    harvest = Harvest(SCOPE, None, (LIVE, TARGET), changes, (), (), T0)
    return await GitLabSource(client, lambda: T0, 5).lineage(harvest, changes, (target,))


def plan(fake: FakeGitLab, **only_in: object) -> None:
    """``b=[...]``: the commits that b has and the target has not."""
    answers = {sha(name): found if isinstance(found, Reply) else {"commits": found} for name, found in only_in.items()}
    fake.on_query("GET", COMPARE, "to", answers, {"commits": []})


async def test_a_target_without_the_change_is_free_of_it(fake: FakeGitLab, client: GitLabClient):
    """Each commit of the change is new to the target; going back takes the change away."""
    plan(fake, b=[commit("b", "a", "e")], e=[commit("e", "a")], c=[commit("b", "a", "e"), commit("c", "b")])

    assert await lineage(client, CHANGE) == Lineage(undone=((501, ("shop/web!45",)),))


async def test_one_commit_in_the_target_is_enough(fake: FakeGitLab, client: GitLabClient):
    """The target has the branch's head, though not the merge: it contains the change."""
    plan(fake, b=[commit("b", "a", "e")], e=[], c=[commit("c", "b")])

    assert (await lineage(client, CHANGE)).contains == {(501, "shop/web!45")}


async def test_ids_and_times_decide_nothing(fake: FakeGitLab, client: GitLabClient):
    """A target with the highest id and the newest finish is free of the change, if git says so."""
    plan(fake, b=[commit("b", "a", "e")], e=[commit("e", "a")], c=[])
    newest = row(999, "a", 0.1)

    found = await lineage(client, CHANGE, target=newest)
    assert (found.contains, found.unknown) == (frozenset(), frozenset())


async def test_a_cherry_pick_in_the_target_counts(fake: FakeGitLab, client: GitLabClient):
    """None of its own commits is there, but a commit that says it was picked from one of them."""
    picked = commit("a", "9", message=f"Tighten\n\n(cherry picked from commit {sha('b')})")
    plan(fake, a=[picked], b=[commit("b", "9")], e=[commit("e", "9")], c=[])

    assert (await lineage(client, CHANGE)).contains == {(501, "shop/web!45")}


async def test_a_lost_branch_commit_is_no_obstacle(fake: FakeGitLab, client: GitLabClient):
    """Squashed, and the branch is gone: what GitLab does not have, no target can contain."""
    plan(fake, b=[commit("b", "a")], e=GONE, c=[commit("b", "a")])

    found = await lineage(client, CHANGE)
    assert (found.contains, found.unknown) == (frozenset(), frozenset())


@pytest.mark.parametrize(
    "failure", [Reply({"message": "403 Forbidden"}, 403), Reply(b"", 502), Reply({"commits": None}), Reply([])]
)
async def test_what_git_did_not_say_is_unknown(fake: FakeGitLab, client: GitLabClient, failure: Reply):
    """One question without an answer makes the pair unknown, never free."""
    plan(fake, b=[commit("b", "a")], e=failure, c=[])

    found = await lineage(client, CHANGE)
    assert (found.contains, found.unknown) == (frozenset(), {(501, "shop/web!45")})


async def test_when_everything_is_gone_nothing_is_known(fake: FakeGitLab, client: GitLabClient):
    """404 for all commits of the change: it may be the target that is gone, after a rewritten history."""
    fake.on("GET", COMPARE, GONE)

    assert await lineage(client, CHANGE) == Lineage(unknown=frozenset({(501, "shop/web!45")}))


async def test_undone_is_what_is_live_and_not_in_the_target(fake: FakeGitLab, client: GitLabClient):
    """All changes of the harvest that going back takes away, not only the suspects."""
    other = replace(CHANGE, iid=46, sha=sha("c"), shas=frozenset({sha("c")}))
    old = replace(CHANGE, iid=40, sha=sha("0"), shas=frozenset({sha("0")}))
    plan(fake, b=[commit("b", "a")], e=[commit("e", "a")], c=[commit("b", "a"), commit("c", "b")])

    found = await lineage(client, CHANGE, other, old)
    assert found.undone == ((501, ("shop/web!45", "shop/web!46")),)


async def test_commits_that_go_and_belong_to_no_known_change_are_no_empty_list(fake: FakeGitLab, client: GitLabClient):
    """They came before the window: what going back takes away is not known, which is not the same as nothing."""
    plan(fake, b=[commit("b", "a", "e")], e=[commit("e", "a")], c=[commit("c", "d"), commit("d", "a")])

    assert (await lineage(client, CHANGE)).undone == ()


async def test_a_pick_of_a_single_commit_inside_a_merge_counts(fake: FakeGitLab, client: GitLabClient):
    """The target has a cherry-pick of one commit of the merged branch, which the change is not known by itself."""
    change = replace(CHANGE, shas=frozenset({sha("b")}))
    picked = commit("f", "9", message=f"Tighten\n\n(cherry picked from commit {sha('e')})")
    live = [commit("9", "a"), commit("e", "9"), commit("b", "9", "e"), commit("c", "b")]
    plan(fake, c=live, b=live[:3], f=[commit("9", "a"), picked])

    found = await lineage(client, change, target=row(501, "f", 30))
    assert (found.contains, found.unknown) == ({(501, "shop/web!45")}, frozenset())


BACKPORT = replace(CHANGE, iid=50, sha=sha("d"), shas=frozenset({sha("d")}), origin_shas=CHANGE.shas)


async def test_a_target_with_the_original_contains_the_backport(fake: FakeGitLab, client: GitLabClient):
    """It is the same change, by other commits: none of the backport's own is there, but one of the original's."""
    plan(fake, d=[commit("d", "9")], b=[], e=[], c=[commit("d", "9"), commit("c", "d")])

    assert (await lineage(client, BACKPORT)).contains == {(501, "shop/web!50")}


async def test_a_target_with_another_pick_of_the_original_contains_the_backport(fake: FakeGitLab, client: GitLabClient):
    """Two branches got the same fix: what the picks say of themselves decides."""
    picked = commit("a", "9", message=f"Tighten\n\n(cherry picked from commit {sha('b')})")
    plan(fake, a=[picked], d=[commit("d", "9")], b=[commit("b", "9")], e=[commit("e", "9")], c=[])

    assert (await lineage(client, BACKPORT)).contains == {(501, "shop/web!50")}


async def test_a_backport_goes_by_its_own_commits(fake: FakeGitLab, client: GitLabClient):
    """Going back takes the original's commits away; of the backport, which the target has, it takes nothing."""
    gone = [commit("e", "a"), commit("b", "a", "e"), commit("c", "b")]
    plan(fake, d=[], b=gone[:2], e=gone[:1], c=gone)

    assert (await lineage(client, CHANGE, BACKPORT)).undone == ((501, ("shop/web!45",)),)
