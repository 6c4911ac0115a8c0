"""Taking a merge request back in an embedded GitLab, by how it was merged."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pygit2
import pytest

from backtrace_core.model import Change, ChangeKind
from bot.gitlab.client import GitLabClient, GitLabRefused
from bot.gitlab.reverting import CannotRevertError, NewRevert, open_revert, standing_revert, way_back
from sandbox.gitlab import BOT_TOKEN, GitLab, GitLabOptions, serve_gitlab
from sandbox.gitlab.records import ProtectedBranch
from sandbox.worlds.model import MergeRequest
from tests.scenarios.stage import T0, Clock, told

LOGIN = told("login")
CULPRIT = next(one for one in LOGIN.merge_requests if one.iid == 45)
CHANGE = Change(ChangeKind.MERGE_REQUEST, "shop/web", 45, CULPRIT.sha, CULPRIT.title, "", None, "", None)

_GIT = pygit2.Repository(str(LOGIN.project.repository))
LOGIN_FIRST = str(_GIT[CULPRIT.sha].parent_ids[0])
"""The first of the two commits of !45."""
LOGIN_BASE = str(_GIT[LOGIN_FIRST].parent_ids[0])
FORWARDED = replace(CULPRIT, merge_commit_sha=None, base_sha=LOGIN_BASE)


@asynccontextmanager
async def gitlab_with(change: MergeRequest) -> AsyncIterator[tuple[GitLab, GitLabClient]]:
    found = tuple(change if one.iid == 45 else one for one in LOGIN.merge_requests)
    async with serve_gitlab(replace(LOGIN, merge_requests=found), Clock(T0), options=GitLabOptions()) as gitlab:
        client = GitLabClient(gitlab.url, BOT_TOKEN)
        try:
            yield gitlab, client
        finally:
            await client.close()


def new(way: object, **more: object) -> NewRevert:
    made = NewRevert("shop/web", "backtrace/revert-45", way, 'Revert "x"', "Takes it back.", labels=("revert", "b"))  # type: ignore[arg-type]
    return replace(made, **more)  # type: ignore[arg-type]


def _on_branch(gitlab: GitLab) -> list[str]:
    return [one.message for one in gitlab.state.repository.between("main", "backtrace/revert-45")]


async def test_a_merge_goes_by_its_first_parent() -> None:
    """One revert takes all its commits back; GitLab says which merge request."""
    async with gitlab_with(CULPRIT) as (gitlab, client):
        opened = await open_revert(client, new(await way_back(client, CHANGE)))

        (message,) = _on_branch(gitlab)
        assert "This reverts merge request !45" in message
        assert (opened.is_new, opened.state) == (True, "opened")
        state = gitlab.state
        merge = state.repository.commit(CULPRIT.merge_commit_sha or "")
        (made,) = state.proposals.values()
        changed = {file.new_path for file in state.repository.diff("main", made.source_branch)}
        assert changed == {file.new_path for file in state.repository.changes_of(str(merge.id))}
        assert made.labels == ["revert", "b"]


async def test_a_squash_is_one_commit() -> None:
    """Also where the server repeats it as the merge commit."""
    first = LOGIN_FIRST
    for merged in (None, first):
        squashed = replace(CULPRIT, merge_commit_sha=merged, squash_commit_sha=first)
        async with gitlab_with(squashed) as (gitlab, client):
            await open_revert(client, new(await way_back(client, CHANGE)))

            assert [f"This reverts commit {first}" in one for one in _on_branch(gitlab)] == [True]


async def test_a_fast_forward_goes_commit_by_commit_newest_first() -> None:
    """Each with a revert of its own; a run that was cut off goes on where it was."""
    async with gitlab_with(FORWARDED) as (gitlab, client):
        way = await way_back(client, CHANGE)
        assert way.shas == (CULPRIT.sha, LOGIN_FIRST)
        await open_revert(client, new(replace(way, shas=way.shas[:1])))
        gitlab.state.proposals.clear()
        await open_revert(client, new(way))

        newest, older = _on_branch(gitlab)
        assert f"This reverts commit {LOGIN_FIRST}" in newest
        assert f"This reverts commit {CULPRIT.sha}" in older
        assert gitlab.state.effects["revert"] == 2


async def test_a_merge_inside_a_fast_forward_is_left_to_people() -> None:
    """Which side stays nobody but them knows."""
    merge = CULPRIT.merge_commit_sha or ""
    several = replace(FORWARDED, sha=merge, base_sha=str(_GIT[merge].parent_ids[0]))
    async with gitlab_with(several) as (_, client):
        with pytest.raises(CannotRevertError, match="a merge among its commits") as raised:
            await way_back(client, CHANGE)

        assert raised.value.command.startswith("git revert --no-edit ")


async def test_what_is_taken_back_already_says_so() -> None:
    """GitLab refuses the second revert; the branch stays for doing it by hand."""
    async with gitlab_with(CULPRIT) as (gitlab, client):
        way = await way_back(client, CHANGE)
        twice = replace(way, shas=(*way.shas, *way.shas))
        with pytest.raises(CannotRevertError, match="may already have been reverted") as raised:
            await open_revert(client, new(twice))

        assert (raised.value.command, raised.value.branch) == (way.command, "backtrace/revert-45")
        assert gitlab.state.proposals == {}


async def test_a_branch_that_the_caller_may_not_push_to_is_refused() -> None:
    """By GitLab, in its words."""
    async with gitlab_with(CULPRIT) as (gitlab, client):
        gitlab.state.protected_branches["backtrace/revert-45"] = ProtectedBranch(push=(), merge=())
        with pytest.raises(GitLabRefused, match="not allowed to push"):
            await open_revert(client, new(await way_back(client, CHANGE)))


async def test_one_that_was_closed_is_found_and_not_opened_again() -> None:
    """Somebody decided so; an open or merged one is found first."""
    async with gitlab_with(CULPRIT) as (gitlab, client):
        wanted = new(await way_back(client, CHANGE))
        await open_revert(client, wanted)
        (made,) = gitlab.state.proposals.values()
        made.state = "closed"

        again = await open_revert(client, wanted)
        assert (again.is_new, again.state, len(gitlab.state.proposals)) == (False, "closed", 1)
        gitlab.state.proposals[99] = replace(made, iid=99, state="opened")
        gitlab.state.proposals[100] = replace(made, iid=100)
        found = await standing_revert(client, "shop/web", wanted.branch)
        assert found is not None
        assert found.label == "!99"


async def test_a_pushed_commit_goes_from_the_default_branch() -> None:
    """One that came by no merge request."""
    pushed = replace(CHANGE, kind=ChangeKind.COMMIT, iid=None, sha=LOGIN_FIRST)
    async with gitlab_with(CULPRIT) as (gitlab, client):
        await open_revert(client, new(await way_back(client, pushed)))

        assert [f"This reverts commit {LOGIN_FIRST}" in one for one in _on_branch(gitlab)] == [True]


async def test_a_flag_has_no_way_back_in_the_code() -> None:
    """It is switched, not merged."""
    flag = replace(CHANGE, kind=ChangeKind.FEATURE_FLAG, iid=None, title="checkout_v2")
    async with gitlab_with(CULPRIT) as (_, client):
        with pytest.raises(CannotRevertError, match="flag checkout_v2 is no merge request"):
            await way_back(client, flag)
