"""A press by somebody who is not linked: the wish is kept, GitLab decides, and what is missing is said."""

from dataclasses import replace
from pathlib import Path

import pytest

from sandbox.browser import browsing
from sandbox.gitlab.records import Access
from sandbox.slack import SlackUser
from sandbox.slack.draw import render_text
from tests.scenarios.linking import invitation, link, own_rights, with_page
from tests.scenarios.looking import (
    alert_card,
    buttons_of,
    card_says,
    confirm,
    has_submit,
    modal_says,
    one_line,
    press,
    ready_to_submit,
    roll_back,
    shown_only_to,
)
from tests.scenarios.stage import PROMPT, QUICK, Scene, scene

PREMIUM = replace(QUICK, gitlab=replace(QUICK.gitlab, tier="premium"))


async def press_unlinked(play: Scene, who: str) -> tuple[str, str]:
    """Press "Roll back" without being linked; the page and the code that the modal shows."""
    await press(play, who, "roll_back")
    await modal_says(play, who, "Link your GitLab account first.", "Open the page")
    view = await play.stage.slack.view_of(play.stage.slack_id(who))
    assert view is not None
    return invitation(f"{view} {one_line(render_text(view))}")


async def test_the_modal_goes_on_by_itself(tmp_path: Path) -> None:
    """It asks to link; once that is done the same modal has the checks as they are now, and can be confirmed."""
    async with own_rights(tmp_path) as play, browsing() as browser:
        await alert_card(play)
        url, code = await press_unlinked(play, "mara")
        assert not await has_submit(play, "mara")
        assert buttons_of(await play.player.card()).keys() >= {"roll_back"}

        await browser.link(url, code, "mara")

        await modal_says(play, "mara", "In GitLab you are mara", "deployment 49519")
        await confirm(play, "mara")
        await card_says(play, "Rolled back.", "mara rolled production back")
        assert [retry.by for retry in play.stage.gitlab.state.retries] == ["mara"]


async def test_a_closed_modal_leaves_a_button(tmp_path: Path) -> None:
    """Slack opens no modal by itself: the message that names the pair has a button which does, with fresh checks."""
    async with own_rights(tmp_path) as play, browsing() as browser:
        await alert_card(play)
        url, code = await press_unlinked(play, "mara")
        mara = play.stage.slack_id("mara")
        await play.stage.slack.close(mara)
        await browser.link(url, code, "mara")

        offered = await shown_only_to(play, mara, "Linked:", "go on here")
        await play.stage.slack.press(mara, play.stage.alerts, offered["ts"], "backtrace:roll_back")

        await modal_says(play, "mara", "In GitLab you are mara", "deployment 49519")
        await confirm(play, "mara")
        await card_says(play, "Rolled back.")


async def test_the_offered_button_is_for_its_reader_alone(tmp_path: Path) -> None:
    """Whoever sends the same press for a message that they were never shown gets nothing."""
    async with own_rights(tmp_path) as play, browsing() as browser:
        await alert_card(play)
        url, code = await press_unlinked(play, "mara")
        await play.stage.slack.close(play.stage.slack_id("mara"))
        await browser.link(url, code, "mara")
        offered = await shown_only_to(play, play.stage.slack_id("mara"), "go on here")
        kim = play.stage.slack_id("kim")
        play.stage.slack.state.ephemerals.setdefault(kim, []).append(offered)

        await play.stage.slack.press(kim, play.stage.alerts, offered["ts"], "backtrace:roll_back")

        await modal_says(play, "kim", "does not know this card")


async def test_somebody_linked_presses_meanwhile(tmp_path: Path) -> None:
    """The wish holds nothing up; who has linked then reads that it is done already."""
    async with own_rights(tmp_path) as play, browsing() as browser:
        await link(play, "kim")
        await alert_card(play)
        url, code = await press_unlinked(play, "mara")
        await roll_back(play, "kim")
        await card_says(play, "Rolled back.", "kim rolled production back")

        await browser.link(url, code, "mara")

        await modal_says(play, "mara", "did not start a rollback")
        assert [retry.by for retry in play.stage.gitlab.state.retries] == ["kim"]


async def test_who_was_refused_reads_why_in_the_modal(tmp_path: Path) -> None:
    """Signed in to GitLab as somebody else: the modal ends there, and nothing is linked."""
    async with own_rights(tmp_path) as play, browsing() as browser:
        await alert_card(play)
        url, code = await press_unlinked(play, "mara")
        await browser.link(url, code, "vani")

        await modal_says(play, "mara", "Sign in there as the right user", "So nothing was linked.")


@pytest.mark.parametrize("who", ["tomas", "mara"])
async def test_gitlab_decides_what_can_not_be_seen(who: str, tmp_path: Path) -> None:
    """A Developer may not read who may deploy: that refuses nothing before the press; GitLab refuses the retry, and the
    card says so. A Maintainer is let through."""
    async with own_rights(tmp_path, PREMIUM) as play:
        play.stage.gitlab.state.protected_environments["production"] = (Access(level=40),)
        await link(play, who)
        await alert_card(play)
        await roll_back(play, who)

        if who == "mara":
            await card_says(play, "Rolled back.")
        else:
            await card_says(play, "The rollback did not succeed.", "GitLab refused to retry the job (403")
            assert play.stage.gitlab.state.retries == []


async def test_what_can_be_seen_beforehand_refuses_beforehand(tmp_path: Path) -> None:
    """Less than a Developer: the modal says it, with no button to confirm."""
    async with own_rights(tmp_path) as play:
        await link(play, "tomas")
        play.stage.gitlab.state.levels["tomas"] = 20
        await alert_card(play)
        await press(play, "tomas", "roll_back")

        await modal_says(play, "tomas", "tomas needs at least the role Developer")
        assert not await has_submit(play, "tomas")


async def test_without_an_application_the_modal_says_what_an_administrator_sets(tmp_path: Path) -> None:
    """People act, and nobody can link: no dead button, and no rollback with the bot's own rights."""
    bot = replace(PROMPT, act_as="unset")
    async with scene("login", tmp_path, bot_options=bot) as play:
        await alert_card(play)
        await press(play, "mara", "roll_back")

        await modal_says(play, "mara", "gitlab.oauth_client_id", "act_as")
        assert not await has_submit(play, "mara")
        reply = await play.stage.slack.command(play.stage.slack_id("mara"), play.stage.alerts, "link")
        assert "gitlab.oauth_client_id" in reply.text


@pytest.mark.parametrize("said", ["none", "ask"])
async def test_the_bots_own_token_refuses_what_it_can_not_read(said: str, tmp_path: Path) -> None:
    """A bot below Maintainer can't see who may deploy: nobody may, unless an administrator says that nothing is
    protected."""
    developer = replace(PREMIUM, gitlab=replace(PREMIUM.gitlab, bot_level=30))
    bot = replace(PROMPT, gitlab=f'protected_environments = "{said}"')
    async with scene("login", tmp_path, developer, bot) as play:
        await alert_card(play)
        if said == "ask":
            await press(play, "mara", "roll_back")
            await modal_says(play, "mara", "can't read who may deploy to production", "protected_environments")
            assert not await has_submit(play, "mara")
        else:
            await ready_to_submit(play, "mara")


async def test_with_the_bots_own_token_nobody_has_to_link(tmp_path: Path) -> None:
    """The command says so."""
    async with scene("login", tmp_path) as play:
        reply = await play.stage.slack.command(play.stage.slack_id("mara"), play.stage.alerts, "link")

        assert "Nobody has to link" in reply.text


async def test_a_guest_can_not_link(tmp_path: Path) -> None:
    """Who may not ask Backtrace may not link either."""
    guest = replace(QUICK, visitors=(SlackUser(id="U0NEWCOMER", name="newcomer", is_restricted=True),))
    async with own_rights(tmp_path, guest, with_page()) as play:
        reply = await play.stage.slack.command("U0NEWCOMER", play.stage.alerts, "link")

        assert reply.text == "Backtrace does not answer guests."
