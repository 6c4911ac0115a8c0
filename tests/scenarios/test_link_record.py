"""Who linked which GitLab user, and who unlinked, stands in the record of presses; no token ever does."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox.browser import browsing
from tests.scenarios.linking import link, linked_as, own_rights, told
from tests.scenarios.stage import Scene
from tests.scenarios.test_audit import audit, exported
from tests.scenarios.test_link_device import ask, without_page


def number_of(play: Scene, username: str) -> int:
    return play.stage.gitlab.state.users[username].id


async def test_linking_and_unlinking_are_on_record(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By the page: each once, with both users, in Slack and as JSON lines."""
    async with own_rights(tmp_path) as play:
        await link(play, "mara")
        tokens = [word for pair in play.stage.gitlab.state.oauth.pairs.values() for word in (pair.access, pair.refresh)]
        mara, number = play.stage.slack_id("mara"), number_of(play, "mara")
        await play.stage.slack.command(mara, play.stage.alerts, "unlink")
        await play.stage.slack.command(mara, play.stage.alerts, "unlink")

        said = await audit(play, mara)
        assert f"Slack member {mara} linked the GitLab user mara ({number}), by the page" in said
        assert f"Slack member {mara} unlinked the GitLab user mara ({number})" in said
        linked, unlinked = await exported(play, capsys)
        assert (linked["did"], linked["how"], unlinked["did"], unlinked["how"]) == (
            "linked",
            "page",
            "unlinked",
            "asked",
        )
        for entry in (linked, unlinked):
            assert (entry["slack_user"], entry["gitlab_user"], entry["gitlab_user_id"]) == (mara, "mara", number)
        assert tokens
        assert not any(token in f"{said} {linked} {unlinked}" for token in tokens)


async def test_linking_by_a_device_is_on_record(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With its way."""
    async with without_page(tmp_path) as play, browsing() as browser:
        url, code = await ask(play, "mara")
        await browser.allow_device(url, code, "mara")
        await told(play, "mara", "Linked:")

        (linked,) = await exported(play, capsys)
        assert (linked["did"], linked["how"], linked["gitlab_user"]) == ("linked", "device", "mara")
        assert "by GitLab's page for devices" in await audit(play, play.stage.slack_id("mara"))


async def test_who_is_refused_is_not_on_record_as_linked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Another person's GitLab user."""
    async with own_rights(tmp_path) as play:
        await link(play, "mara", gitlab="kim")

        assert await linked_as(play, "mara") == ""
        assert await exported(play, capsys) == []


async def test_who_is_gone_from_slack_is_unlinked_on_record(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With the reason."""
    async with own_rights(tmp_path) as play:
        await link(play, "mara")
        await play.stage.slack.leave(play.stage.slack_id("mara"))
        await play.stage.slack.settled()

        _, unlinked = await exported(play, capsys)
        assert (unlinked["did"], unlinked["how"]) == ("unlinked", "gone")
        assert "by being gone from Slack" in await audit(play, play.stage.slack_id("kim"))
