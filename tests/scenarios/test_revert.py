"""A merge request that takes the change back: opened once, with the right of whoever pressed, right for each merge."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pygit2
import pytest

from sandbox.gitlab import Fault
from sandbox.gitlab.records import Proposal
from sandbox.gitlab.repository import Repository
from sandbox.slack import SlackUser
from sandbox.slack.draw import render_text
from sandbox.worlds.model import MergeRequest, World
from tests.scenarios.linking import link, own_rights
from tests.scenarios.looking import (
    alert_card,
    buttons_of,
    card_says,
    one_line,
    press,
    press_on,
    roll_back,
    shown_only_to,
)
from tests.scenarios.stage import PROMPT, QUICK, Scene, scene

WITH_A_NOBODY = replace(QUICK, visitors=(SlackUser(id="U0NOBODY01", name="nobody", real_name="No Body"),))
GRAVE = replace(PROMPT, gitlab='open_incidents_from = "critical"')
HOSTILE = "Fix #1 /close @all `x` ~bug\n/assign @kim"


def only(play: Scene) -> Proposal:
    (proposal,) = play.stage.gitlab.state.proposals.values()
    return proposal


def differs(play: Scene, one: str, other: str) -> list[str]:
    return [file.new_path for file in play.stage.gitlab.state.repository.diff(one, other)]


PATHS = {"branch": "repository/branches", "revert": "repository/commits/*/revert", "merge_request": "merge_requests"}


async def gone_back(play: Scene) -> None:
    await alert_card(play)
    await roll_back(play, "mara")
    await card_says(play, "Rolled back.", "!45 is still on main")


async def test_the_button_opens_it_and_then_leads_there(tmp_path: Path) -> None:
    """From the branch's head, with the author, the labels and the incident; the change is taken back, and no other."""
    async with scene("login", tmp_path, bot_options=GRAVE) as play:
        await gone_back(play)
        (issue,) = play.stage.gitlab.state.incidents
        await press(play, "tomas", "revert")

        said = await card_says(play, "tomas opened !", "to revert !45", "reverts !45, once it is merged")
        made = only(play)
        assert (made.title, made.target_branch, made.assignees) == (
            'Revert "Tighten session expiry"',
            "main",
            ["vani"],
        )
        assert made.labels == ["revert"]
        assert f"Related to shop/web#{issue.iid}" in made.description
        assert "which Backtrace holds for the likely culprit" in made.description
        assert "Opened by Backtrace for `tomas`" in made.description
        # What !45 changed is as it was before it, and nothing else differs from main.
        culprit = play.stage.gitlab.state.merge_requests[45]
        merged = play.stage.gitlab.state.repository.commit(culprit.merge_commit_sha or "")
        assert differs(play, "main", made.source_branch) == differs(play, str(merged.parents[0].id), str(merged.id))
        button = buttons_of(await play.player.card())
        assert "revert" not in button
        assert button["open_revert"]["url"].endswith(f"/-/merge_requests/{made.iid}")
        assert f"View revert !{made.iid}" in said


async def test_pressed_by_several_at_once_there_is_one(tmp_path: Path) -> None:
    """And one branch, with one revert on it; the second one is told so."""
    async with scene("login", tmp_path) as play:
        await gone_back(play)
        card = await play.player.card()
        await asyncio.gather(press_on(play, card, "tomas", "revert"), press_on(play, card, "kim", "revert"))
        await card_says(play, "is open already")
        await press_on(play, card, "aiko", "revert")

        await card_says(play, "aiko asked to revert !45")
        effects = play.stage.gitlab.state.effects
        assert (effects["branch"], effects["revert"], effects["merge_request"]) == (1, 1, 1)


async def test_before_a_rollback_it_is_in_the_menu(tmp_path: Path) -> None:
    """A revert is also the way where nobody wants to go back."""
    async with scene("login", tmp_path) as play:
        await alert_card(play)
        await press(play, "tomas", "more", "revert")

        await card_says(play, "tomas opened !", "View revert")
        assert play.stage.gitlab.state.retries == []


@pytest.mark.parametrize("lost", ["branch", "revert", "merge_request"])
async def test_what_an_answer_was_lost_of_is_not_done_twice(lost: str, tmp_path: Path) -> None:
    """GitLab did it, and nobody heard: the next try finds it."""
    async with scene("login", tmp_path) as play:
        await gone_back(play)
        where = f"/projects/*/{PATHS[lost]}"
        play.stage.gitlab.faults.add(Fault("POST", where, "took_effect_then_reset"))
        await press(play, "tomas", "revert")

        await card_says(play, "to revert !45")
        effects = play.stage.gitlab.state.effects
        assert (effects["branch"], effects["revert"], effects["merge_request"]) == (1, 1, 1)


def merged_as(change: Callable[[MergeRequest], MergeRequest]) -> Callable[[World], World]:
    def changed(world: World) -> World:
        found = tuple(change(one) if one.iid == 45 else one for one in world.merge_requests)
        return replace(world, merge_requests=found)

    return changed


def conflicting(repository: Repository, sha: str) -> None:
    """Somebody has changed the same lines on main since."""
    git = repository.to_write_in()
    head = repository.commit("main")
    tree = pygit2.Index()
    tree.read_tree(head.tree)
    path = repository.changes_of(sha)[0].new_path
    tree.add(pygit2.IndexEntry(path, git.create_blob(b"something else\n"), pygit2.enums.FileMode.BLOB))
    by = pygit2.Signature("Kim", "kim@example.com", int(head.commit_time) + 60, 0)
    git.create_commit("refs/heads/main", by, by, "Rewrite", tree.write_tree(git), [head.id])


async def test_what_gitlab_cannot_revert_is_said_with_the_way_by_hand(tmp_path: Path) -> None:
    """Nothing is opened; the card says why, and the presser gets the command that fits the merge."""
    async with scene("login", tmp_path) as play:
        await gone_back(play)
        state = play.stage.gitlab.state
        culprit = state.merge_requests[45]
        conflicting(state.repository, culprit.sha)
        await press(play, "tomas", "revert")

        await card_says(play, "tried to open a revert merge request for !45, without success", "by itself")
        told = await shown_only_to(play, play.stage.slack_id("tomas"), "By hand")
        said = one_line(render_text(told))
        assert f"git revert -m 1 {culprit.merge_commit_sha}" in said
        assert "git switch backtrace/revert-45-" in said
        assert state.proposals == {}


@pytest.mark.parametrize(
    ("who", "why"), [("tomas", "needs at least the role Developer"), ("U0NOBODY01", "not matched")]
)
async def test_who_may_not_is_told_why(who: str, why: str, tmp_path: Path) -> None:
    """The bot's token may open one; the presser may not."""
    async with scene("login", tmp_path, WITH_A_NOBODY) as play:
        await gone_back(play)
        play.stage.gitlab.state.levels["tomas"] = 20
        await press(play, who, "revert")

        await shown_only_to(play, who if who.startswith("U0") else play.stage.slack_id(who), why)
        assert play.stage.gitlab.state.proposals == {}
        assert play.stage.gitlab.state.effects["branch"] == 0


async def test_a_hostile_title_does_nothing_in_gitlab(tmp_path: Path) -> None:
    """No quick action, no mention, nothing closed, in title and description."""
    async with scene("login", tmp_path, change=merged_as(lambda one: replace(one, title=HOSTILE))) as play:
        await alert_card(play)
        await press(play, "tomas", "more", "revert")
        await card_says(play, "tomas opened !")

        made = only(play)
        for text in (made.title, made.description):
            assert "Fix #1" not in text
            assert "@all" not in text
            assert "~bug" not in text
            assert not any(line.lstrip().startswith("/") for line in text.splitlines())


async def test_it_is_opened_as_whoever_pressed(tmp_path: Path) -> None:
    """With their own token: GitLab says who opened it, and decides whether they may."""
    async with own_rights(tmp_path) as play:
        await alert_card(play)
        await press(play, "tomas", "more", "revert")
        await shown_only_to(play, play.stage.slack_id("tomas"), "Nothing was opened", "/backtrace link")
        await link(play, "tomas")
        await press(play, "tomas", "more", "revert")

        await card_says(play, "tomas opened !", "View revert")
        assert only(play).author == "tomas"
        head = play.stage.gitlab.state.repository.commit(only(play).source_branch)
        assert head.author.name == next(one.name for one in play.world.users if one.username == "tomas")
