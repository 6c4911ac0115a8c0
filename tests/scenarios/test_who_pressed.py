"""Who pressed is said by name also of people whom only their link names, and not the administrator's table."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.scenarios.linking import link, own_rights
from tests.scenarios.looking import alert_card, card_says, press, roll_back
from tests.scenarios.stage import Scene
from tests.scenarios.test_audit import audit, exported
from tests.scenarios.test_link import NEWCOMER, jonas_is_new, visitor


@asynccontextmanager
async def jonas_by_his_link(folder: Path) -> AsyncIterator[Scene]:
    stage = visitor("Jonas Brandt", "jonas@lindenshop.example")
    async with own_rights(folder, stage, change=jonas_is_new) as play:
        await link(play, NEWCOMER, "jonas")
        await alert_card(play)
        yield play


async def test_a_claim_is_taken_over_by_name_and_stands_so_on_record(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In Slack's record and in the exported one."""
    async with jonas_by_his_link(tmp_path) as play:
        await press(play, NEWCOMER, "claim")
        await card_says(play, "is on it")
        await press(play, "kim", "claim")
        await card_says(play, "kim is on it")

        said = await audit(play, play.stage.slack_id("kim"))
        assert 'jonas pressed "I\'m on it"' in said
        assert "took this over from jonas" in said
        linked, taken, over = await exported(play, capsys)
        assert [one["gitlab_user"] for one in (linked, taken, over)] == ["jonas", "jonas", "kim"]


async def test_a_revert_merge_request_says_for_whom_it_is(tmp_path: Path) -> None:
    """GitLab's readers know the person by the name there."""
    async with jonas_by_his_link(tmp_path) as play:
        await link(play, "mara")
        await roll_back(play, "mara")
        await card_says(play, "Rolled back.", "!45 is still on main")
        await press(play, NEWCOMER, "revert")
        await card_says(play, "opened !")

        (proposal,) = play.stage.gitlab.state.proposals.values()
        assert "Opened by Backtrace for `jonas`." in proposal.description
