"""Linking where no browser reaches the bot: GitLab's device grant, whose code the person enters at GitLab."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from bot.store.tables import link_attempts
from sandbox.browser import browsing
from sandbox.gitlab import Fault
from sandbox.player import eventually
from sandbox.slack.draw import render_text
from sandbox.stage import StageOptions
from tests.scenarios.linking import WAIT_S, given_back, invitation, linked_as, own_rights, standing, told
from tests.scenarios.looking import alert_card, card_says, confirm, id_of, modal_says, one_line, press
from tests.scenarios.stage import PROMPT, QUICK, Scene
from tests.scenarios.test_link import NEWCOMER, jonas_is_new, visitor

BY_DEVICE = replace(PROMPT, act_as="person")
LINKED = link_attempts.c.outcome == "linked"


@asynccontextmanager
async def without_page(folder: Path, stage: StageOptions = QUICK) -> AsyncIterator[Scene]:
    async with own_rights(folder, stage, BY_DEVICE, jonas_is_new) as play:
        yield play


async def ask(play: Scene, who: str) -> tuple[str, str]:
    """Type /backtrace link; GitLab's address and code, which come a moment later."""
    reply = await play.stage.slack.command(id_of(play, who), play.stage.alerts, "link")
    assert "Asking GitLab" in reply.text
    return invitation(await told(play, who, "sign in to GitLab as yourself"))


async def test_the_code_is_entered_at_gitlab(tmp_path: Path) -> None:
    """The bot asks GitLab until it is, and says as whom the person acts then."""
    async with without_page(tmp_path) as play, browsing() as browser:
        url, code = await ask(play, "mara")
        assert "may use your account now" in (await browser.allow_device(url, code, "mara")).text

        await told(play, "mara", "Linked:", "acts as mara (Mara Lindqvist)")
        assert await linked_as(play, "mara") == "mara"


async def test_gitlab_is_not_asked_faster_than_it_wants(tmp_path: Path) -> None:
    """Every second here; five seconds later each time that it was too fast."""
    async with without_page(tmp_path) as play:
        await ask(play, "mara")
        polls = [*play.stage.gitlab.state.oauth.devices.values()]

        async def polled() -> bool:
            asked = [one for one in play.stage.gitlab.recorded if one.request.path == "/oauth/token"]
            return len(asked) >= 3 and polls[0].polled_at is not None

        await eventually("three polls", polled, 20)
        assert play.stage.gitlab.state.oauth.hasty == 0


async def test_a_gitlab_that_wants_more_peace_gets_it(tmp_path: Path) -> None:
    """It says "slow down" once; from then on it is asked five seconds later each time, and the link comes about."""
    async with without_page(tmp_path) as play, browsing() as browser:
        url, code = await ask(play, "mara")
        oauth = play.stage.gitlab.state.oauth
        oauth.interval = 4

        async def was_hasty() -> bool:
            return oauth.hasty > 0

        await eventually("a poll that came too soon", was_hasty, WAIT_S)
        await browser.allow_device(url, code, "mara")
        for _ in range(10):
            play.clock.forward(timedelta(seconds=1))
            await asyncio.sleep(0.6)

        await told(play, "mara", "Linked:")
        assert oauth.hasty == 1


async def test_a_press_shows_gitlabs_code_and_goes_on(tmp_path: Path) -> None:
    """In the modal, which is filled with the checks afterwards."""
    async with without_page(tmp_path) as play, browsing() as browser:
        await alert_card(play)
        await press(play, "mara", "roll_back")
        await modal_says(play, "mara", "Link your GitLab account first.")
        view = await play.stage.slack.view_of(play.stage.slack_id("mara"))
        assert view is not None
        url, code = invitation(f"{view} {one_line(render_text(view))}")
        await browser.allow_device(url, code, "mara")

        await modal_says(play, "mara", "In GitLab you are mara")
        await confirm(play, "mara")
        await card_says(play, "Rolled back.", "mara rolled production back")


async def test_a_restart_loses_no_attempt(tmp_path: Path) -> None:
    """The code is entered while no bot runs: the next one asks GitLab, and tells."""
    async with standing(tmp_path) as place, browsing() as browser:
        place.stage.gitlab.state.oauth.interval = 1
        async with place.bot(BY_DEVICE) as play:
            url, code = await ask(play, "mara")
        await browser.allow_device(url, code, "mara")
        async with place.bot(BY_DEVICE) as play:
            await told(play, "mara", "Linked:")
            assert await linked_as(play, "mara") == "mara"


async def test_no_at_gitlab_links_nothing(tmp_path: Path) -> None:
    """And Slack says so."""
    async with without_page(tmp_path) as play, browsing() as browser:
        url, code = await ask(play, "mara")
        page = await browser.open(url)
        await browser.send(page, user_code=code, username="mara", decision="deny")

        await told(play, "mara", "it was not allowed")
        assert await linked_as(play, "mara") == ""


async def test_a_code_that_nobody_enters_ends(tmp_path: Path) -> None:
    """After GitLab's five minutes the person reads that it is over."""
    async with without_page(tmp_path) as play:
        await ask(play, "mara")
        play.clock.forward(timedelta(minutes=6))

        await told(play, "mara", "not finished within the time")


async def test_mallorys_code_entered_by_somebody_else_is_refused(tmp_path: Path) -> None:
    """No page of ours has seen the browser, so the pair itself has to show that they are one person: it does not."""
    async with without_page(tmp_path) as play, browsing() as vanis:
        url, code = await ask(play, "tomas")
        await vanis.allow_device(url, code, "vani")

        await told(play, "tomas", "So nothing was linked.")
        await told(play, "vani", "tried to link their Slack user to vani")
        assert await linked_as(play, "tomas") == ""
        await given_back(play)


async def test_without_an_address_to_compare_it_is_refused(tmp_path: Path) -> None:
    """Nobody vouches for the pair, neither the table nor an address: an administrator has to."""
    async with without_page(tmp_path, visitor("Jonas Brandt", "")) as play, browsing() as browser:
        url, code = await ask(play, NEWCOMER)
        await browser.allow_device(url, code, "jonas")

        await told(play, NEWCOMER, "Nothing shows that Jonas Brandt (@newcomer)", "[people]")
        await given_back(play)


async def test_a_gitlab_without_device_grants_says_what_to_do(tmp_path: Path) -> None:
    """Before 17.9 there is no such page."""
    async with without_page(tmp_path) as play:
        play.stage.gitlab.faults.add(Fault("POST", "/oauth/authorize_device", "404"))
        await play.stage.slack.command(play.stage.slack_id("mara"), play.stage.alerts, "link")

        await told(play, "mara", "too old to link without a page", "bot.public_url")


async def test_a_gitlab_that_is_away_is_told(tmp_path: Path) -> None:
    """It gave no code: the person reads it, and asks again later."""
    async with without_page(tmp_path) as play:
        play.stage.gitlab.faults.add(Fault("POST", "/oauth/authorize_device", "502"))
        await play.stage.slack.command(play.stage.slack_id("mara"), play.stage.alerts, "link")

        await told(play, "mara", "GitLab gave no code for linking")


async def test_a_stop_in_the_middle_is_told_and_leaves_no_tokens(tmp_path: Path) -> None:
    """GitLab had given the tokens, and nobody had kept the link: the person hears so, and the tokens are revoked."""
    async with standing(tmp_path) as place, browsing() as browser:
        async with place.bot(BY_DEVICE) as play:
            play.stage.gitlab.state.oauth.interval = 1
            url, code = await ask(play, "mara")
            gitlab = play.stage.gitlab
            gitlab.faults.add(Fault("GET", "/user", "latency", times=9, seconds=5))
            await browser.allow_device(url, code, "mara")

            async def is_taken() -> bool:
                return not await play.bot.house.store.link_attempts.devices()

            await eventually("an attempt that is taken up", is_taken, WAIT_S)
        gitlab.faults.clear()
        assert len(gitlab.state.oauth.pairs) == 1
        place.clock.forward(timedelta(minutes=11))
        async with place.bot(BY_DEVICE) as play:
            await told(play, "mara", "Backtrace was stopped", "nothing was linked")
            assert await linked_as(play, "mara") == ""
            await given_back(play)


async def test_a_stop_after_the_link_was_kept_is_told_as_a_link(tmp_path: Path) -> None:
    """Only the word about it was missing: the link counts, and its tokens stay."""
    async with standing(tmp_path) as place, browsing() as browser:
        async with place.bot(BY_DEVICE) as play:
            play.stage.gitlab.state.oauth.interval = 1
            url, code = await ask(play, "mara")
            await browser.allow_device(url, code, "mara")
            await told(play, "mara", "Linked:")
            attempts = play.bot.house.store.link_attempts
            await attempts._set(LINKED, outcome="", says="", told_at=None)
        place.clock.forward(timedelta(minutes=11))
        async with place.bot(BY_DEVICE) as play:
            await told(play, "mara", "You are linked", "runs as mara")
            assert await linked_as(play, "mara") == "mara"
            assert await play.bot.house.store.links.to_revoke(place.clock() + timedelta(days=9)) == ()
            assert len(play.stage.gitlab.state.oauth.pairs) == 1
