"""Linking by the page: who goes through it acts with their own rights in GitLab."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from sandbox.browser import browsing
from sandbox.slack import SlackUser
from sandbox.stage import StageOptions
from sandbox.worlds.model import World
from tests.scenarios.linking import ask_link, given_back, link, linked_as, own_rights, told, with_page
from tests.scenarios.looking import alert_card, card_says, roll_back
from tests.scenarios.stage import QUICK, Scene

NEWCOMER = "U0NEWCOMER"


def visitor(name: str, email: str) -> StageOptions:
    """A stage on which somebody is in Slack whom the [people] table does not know."""
    who = SlackUser(id=NEWCOMER, name="newcomer", real_name=name, email=email)
    return replace(QUICK, visitors=(who,))


def jonas_is_new(world: World) -> World:
    """Jonas is in GitLab, and in no table."""
    return replace(world, users=tuple(replace(u, slack_id="") if u.username == "jonas" else u for u in world.users))


def living_tokens(play: Scene) -> int:
    """How many tokens of people GitLab would accept, or exchange for others."""
    return len(play.stage.gitlab.state.oauth.pairs)


async def test_who_is_linked_rolls_back_with_their_own_token(tmp_path: Path) -> None:
    """Both sides read who acts as whom; GitLab then knows the retry as the person's, not as the bot's."""
    async with own_rights(tmp_path) as play:
        page = await link(play, "mara")
        for said in (page.text, await told(play, "mara", "Linked:")):
            assert "workspace acme acts as mara (Mara Lindqvist)" in said
        assert await linked_as(play, "mara") == "mara"

        await alert_card(play)
        await roll_back(play, "mara")

        await card_says(play, "Rolled back.", "mara rolled production back")
        (retry,) = play.stage.gitlab.state.retries
        assert retry.by == "mara"


async def test_the_page_says_who_asks_and_lets_nothing_in(tmp_path: Path) -> None:
    """The Slack person, the workspace and the GitLab stand on it, markup in a name is text, and browsers are told to
    load, frame, keep and pass on nothing."""
    stage = visitor('<img src=x onerror="alert(1)"> & Co', "n@lindenshop.example")
    async with own_rights(tmp_path, stage) as play, browsing() as browser:
        url, _ = await ask_link(play, NEWCOMER)
        page = await browser.open(url)

        assert '<img src=x onerror="alert(1)"> & Co (@newcomer) in the Slack workspace acme' in page.text
        assert "<img" not in page.html
        assert play.stage.gitlab.url in page.text
        policy = page.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert page.headers["cache-control"] == "no-store"
        assert page.headers["referrer-policy"] == "no-referrer"
        assert "HttpOnly" in page.headers["set-cookie"]


async def test_five_wrong_codes_end_it(tmp_path: Path) -> None:
    """However many are tried at once; the right one is of no use any more then."""
    async with own_rights(tmp_path) as play, browsing() as browser:
        url, code = await ask_link(play, "mara")
        page = await browser.open(url)
        first = await browser.send(page, code="AAAA-AAAA")
        assert "not the code. 4 more tries." in first.text

        await asyncio.gather(*(browser.send(first, code=f"AAAA-AAA{n}") for n in range(20)), return_exceptions=True)

        assert "This link is over" in (await browser.send(first, code=code)).text
        await told(play, "mara", "Too many wrong codes")
        assert await linked_as(play, "mara") == ""


@pytest.mark.parametrize("late", ["page", "back"])
async def test_after_ten_minutes_it_is_over(late: str, tmp_path: Path) -> None:
    """Before the code was entered, and between that and GitLab's answer."""
    async with own_rights(tmp_path) as play, browsing() as browser:
        url, code = await ask_link(play, "mara")
        page = await browser.open(url)
        if late == "back":
            page = await browser.send(page, code=code)
        play.clock.forward(timedelta(minutes=10))

        last = await browser.send(page, code=code, username="mara", decision="authorize")

        assert "This link is over" in last.text
        assert await linked_as(play, "mara") == ""
        assert living_tokens(play) == 0


async def test_it_works_once(tmp_path: Path) -> None:
    """Neither the page, nor the address with which GitLab sent the browser back, does anything a second time."""
    async with own_rights(tmp_path) as play, browsing() as browser:
        url, code = await ask_link(play, "mara")
        page = await browser.open(url)
        at_gitlab = await browser.send(page, code=code)
        assert "This link is over" in (await browser.send(page, code=code)).text
        done = await browser.send(at_gitlab, username="mara", decision="authorize")
        assert "Linked:" in done.text

        assert "This link is over" in (await browser.open(done.url)).text
        assert "This link is over" in (await browser.open(url)).text
        assert await linked_as(play, "mara") == "mara"


async def test_a_newer_invitation_ends_the_older_one(tmp_path: Path) -> None:
    """Nobody can pick up one that lies about."""
    async with own_rights(tmp_path) as play, browsing() as browser:
        older, _ = await ask_link(play, "mara")
        newer, _ = await ask_link(play, "mara")

        assert "This link is over" in (await browser.open(older)).text
        assert "asks to act as you" in (await browser.open(newer)).text


async def test_no_in_gitlab_links_nothing(tmp_path: Path) -> None:
    """And Slack says so."""
    async with own_rights(tmp_path) as play, browsing() as browser:
        url, code = await ask_link(play, "mara")
        at_gitlab = await browser.send(await browser.open(url), code=code)
        last = await browser.send(at_gitlab, username="mara", decision="deny")

        assert "it was not allowed" in last.text
        await told(play, "mara", "it was not allowed")
        assert await linked_as(play, "mara") == ""


async def test_different_addresses_refuse(tmp_path: Path) -> None:
    """The addresses themselves are in neither message; GitLab's token is given back."""
    stage = visitor("Jonas Brandt", "somebody.else@lindenshop.example")
    async with own_rights(tmp_path, stage, change=jonas_is_new) as play:
        page = await link(play, NEWCOMER, "jonas")

        said = await told(play, NEWCOMER, "different e-mail addresses")
        assert "different e-mail addresses" in page.text
        assert "@lindenshop" not in page.text + said
        assert await linked_as(play, NEWCOMER) == ""
        await given_back(play)


async def test_the_same_address_links_without_a_table(tmp_path: Path) -> None:
    """Whoever is in no [people] table is known by the address, and then rolls back."""
    stage = visitor("Jonas Brandt", "Jonas@lindenshop.example")
    async with own_rights(tmp_path, stage, change=jonas_is_new) as play:
        await link(play, NEWCOMER, "jonas")
        await alert_card(play)
        await roll_back(play, NEWCOMER)

        await card_says(play, "Rolled back.", "jonas rolled production back")
        assert [retry.by for retry in play.stage.gitlab.state.retries] == ["jonas"]


async def test_an_address_that_is_not_known_does_not_refuse(tmp_path: Path) -> None:
    """The workspace may not show addresses: the code and the browser are the proof then."""
    stage = visitor("Jonas Brandt", "")
    async with own_rights(tmp_path, stage, change=jonas_is_new) as play:
        assert "Linked:" in (await link(play, NEWCOMER, "jonas")).text


async def test_a_gitlab_user_has_one_slack_member(tmp_path: Path) -> None:
    """A second one is refused, and the first is told who tried."""
    stage = visitor("Jonas Brandt", "jonas@lindenshop.example")
    second = SlackUser(id="U0SECOND01", name="second", real_name="Sec Ond")
    stage = replace(stage, visitors=(*stage.visitors, second))
    async with own_rights(tmp_path, stage, change=jonas_is_new) as play:
        await link(play, NEWCOMER, "jonas")
        page = await link(play, "U0SECOND01", "jonas")

        assert "jonas in GitLab is linked to another Slack member" in page.text
        await told(play, NEWCOMER, "Sec Ond (@second) tried to link their Slack user to jonas")
        assert await linked_as(play, NEWCOMER) == "jonas"


async def test_unlink_ends_it_in_both_places(tmp_path: Path) -> None:
    """Backtrace forgets the token, GitLab revokes it, and who presses next is asked to link."""
    async with own_rights(tmp_path) as play:
        await link(play, "mara")
        reply = await play.stage.slack.command(play.stage.slack_id("mara"), play.stage.alerts, "unlink")

        assert "You are not mara for Backtrace any more." in reply.text
        assert await linked_as(play, "mara") == ""
        await given_back(play)
        again = await play.stage.slack.command(play.stage.slack_id("mara"), play.stage.alerts, "unlink")
        assert "not linked" in again.text


async def test_who_leaves_slack_is_unlinked(tmp_path: Path) -> None:
    """Slack says that the user is gone: GitLab hears of it at once."""
    async with own_rights(tmp_path) as play:
        await link(play, "tomas")
        await play.stage.slack.leave(play.stage.slack_id("tomas"))

        await play.stage.slack.settled()
        await given_back(play)
        assert await linked_as(play, "tomas") == ""


async def test_status_says_who_of_those_on_call_is_missing(tmp_path: Path) -> None:
    """So that they link in daylight."""
    bot = with_page(service='on_call = ["mara", "kim"]')
    async with own_rights(tmp_path, bot=bot) as play:

        async def status() -> str:
            return (await play.stage.slack.command(play.stage.slack_id("tomas"), play.stage.alerts, "link status")).text

        assert "not linked yet: kim, mara" in await status()
        await link(play, "mara")
        said = await status()
        assert "not linked yet: kim." in said
        assert "linked: mara" in said
        await link(play, "kim")
        assert "All are linked." in await status()


async def test_who_is_linked_need_not_link_again(tmp_path: Path) -> None:
    """The answer says as whom they act; no page stands open for it."""
    async with own_rights(tmp_path) as play:
        await link(play, "mara")
        reply = await play.stage.slack.command(play.stage.slack_id("mara"), play.stage.alerts, "link")

        assert "runs as mara in GitLab" in reply.text
        assert "http" not in reply.text
