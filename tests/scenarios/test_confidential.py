"""Confidential incidents of GitLab's: nothing of them reaches a Slack channel that may not see it."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from backtrace_core.alerts.gitlab_incident import told_by_row
from bot.gitlab.paths import in_project
from bot.gitlab_inbox import GitLabInbox
from tests.scenarios.gitlab_side import (
    NO_POLL,
    gitlab,
    open_incident,
    play,
    the_card,
    the_note,
)
from tests.scenarios.looking import cards_in, modal_says, press_on
from tests.scenarios.town import ALERTS, GENERAL


async def test_a_confidential_incident_shows_nothing_in_slack(tmp_path: Path) -> None:
    """The paper is written in full; no channel has a word of it."""
    async with play(tmp_path) as on:
        issue = await open_incident(on, confidential=True)

        await the_note(on, issue, "Likely culprit")
        assert [*await cards_in(on, GENERAL), *await cards_in(on, ALERTS)] == []


async def test_a_confidential_incident_is_shown_where_the_settings_allow_it(tmp_path: Path) -> None:
    """In the channel that is named for that."""
    bot = replace(NO_POLL, service=f'confidential_channels = ["{GENERAL}"]')
    async with play(tmp_path, bot=bot) as on:
        await open_incident(on, confidential=True)

        await the_card(on, "Likely culprit")


async def test_made_confidential_later_its_card_takes_everything_back(tmp_path: Path) -> None:
    """Title, suspects and buttons are gone, and an old screen's button explains nothing."""
    async with play(tmp_path) as on:
        issue = await open_incident(on)
        shown = await the_card(on, "Likely culprit")
        await the_note(on, issue, "The card in Slack")
        await gitlab(on, "PUT", f"issues/{issue.iid}", {"confidential": True})

        card = await the_card(on, "This incident is confidential")
        assert "Login errors" not in str(card)
        assert "session expiry" not in str(card)
        await press_on(on, {**shown, "channel": GENERAL}, "tomas", "why")
        await modal_says(on, "tomas", "confidential in GitLab")


async def test_two_deliveries_at_once_make_nothing_public(tmp_path: Path) -> None:
    """An older hook that comes together with the one that makes the incident confidential does not take that back."""
    async with play(tmp_path, hooked=False) as on:
        issue = await open_incident(on)
        await on.bot.polls.look()
        await the_card(on, "Likely culprit")
        rows = await on.bot.house.gitlab.list_all(in_project("shop/web", "issues"), limit=9)
        told = next(one for row in rows if (one := told_by_row(row, "shop/web")) and one.iid == issue.iid)
        closed = replace(told, confidential=True, updated_at=told.updated_at + timedelta(seconds=9))
        older = replace(told, updated_at=told.updated_at + timedelta(seconds=5))
        inbox = GitLabInbox(on.bot.house, on.bot.inbox.start, on.bot.inbox.own_team)

        await asyncio.gather(inbox.take(older), inbox.take(closed), inbox.take(older))

        paper = await on.bot.house.store.papers.get(told.key)
        assert paper is not None
        assert paper.confidential


async def test_old_buttons_of_a_confidential_incident_tell_nothing(tmp_path: Path) -> None:
    """A card that is still on somebody's screen: its buttons are refused."""
    async with play(tmp_path) as on:
        issue = await open_incident(on)
        card = await the_card(on, "Likely culprit")
        await gitlab(on, "PUT", f"issues/{issue.iid}", {"confidential": True})
        await the_card(on, "confidential")
        await press_on(on, {**card, "channel": GENERAL}, "tomas", "roll_back")

        await modal_says(on, "tomas", "This incident is confidential in GitLab")
