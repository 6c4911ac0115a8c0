"""Mallory is a member of the workspace and wants Vani's rights in GitLab."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from sandbox.browser import browsing
from tests.scenarios.linking import ask_link, given_back, linked_as, own_rights, told, with_page
from tests.scenarios.stage import Scene

MALLORY, VANI = "tomas", "vani"


def tokens(play: Scene) -> int:
    return len(play.stage.gitlab.state.oauth.pairs)


async def test_a_page_that_was_sent_on_wants_a_code_that_only_its_asker_has(tmp_path: Path) -> None:
    """Vani opens Mallory's page: it names Mallory, and without the code it leads nowhere."""
    async with own_rights(tmp_path) as play, browsing() as vanis:
        url, _ = await ask_link(play, MALLORY)
        page = await vanis.open(url)

        assert "tomas" in page.text
        assert "close it" in page.text
        assert "not the code" in (await vanis.send(page, code="")).text
        assert tokens(play) == 0


async def test_gitlabs_page_that_was_sent_on_links_nothing(tmp_path: Path) -> None:
    """Mallory enters the code and sends Vani the address of GitLab's page: she comes back without the cookie."""
    async with own_rights(tmp_path) as play, browsing() as mallorys, browsing() as vanis:
        url, code = await ask_link(play, MALLORY)
        at_gitlab = await mallorys.send(await mallorys.open(url), code=code)

        last = await vanis.send(await vanis.open(at_gitlab.url), username=VANI, decision="authorize")

        assert "another browser" in last.text
        assert last.status == 403
        await told(play, MALLORY, "another browser")
        assert (await linked_as(play, MALLORY), await linked_as(play, VANI), tokens(play)) == ("", "", 0)
        # Nor does her code help Mallory, whose own browser has the cookie.
        assert "This link is over" in (await mallorys.open(last.url)).text
        assert await linked_as(play, MALLORY) == ""


async def test_who_is_talked_into_the_whole_way_is_refused_at_its_end(tmp_path: Path) -> None:
    """Vani enters the code that Mallory sent her and lets GitLab go on: the table knows them both. She is told, and the
    token is given back."""
    async with own_rights(tmp_path) as play, browsing() as vanis:
        url, code = await ask_link(play, MALLORY)
        last = await vanis.link(url, code, VANI)

        assert "So nothing was linked." in last.text
        assert await linked_as(play, MALLORY) == ""
        await told(play, VANI, "tried to link their Slack user to vani, which is your user in GitLab")
        await given_back(play)


async def test_another_site_can_not_fill_in_the_form(tmp_path: Path) -> None:
    """Mallory's own page posts the right code from Vani's browser: without the cookie, or marked by browsers."""
    async with own_rights(tmp_path) as play, browsing() as vanis, browsing() as marked:
        url, code = await ask_link(play, MALLORY)
        page = await marked.open(url)
        forged = replace(page, url=url, html='<input name="form" value="x">')

        assert (await vanis.send(forged, code=code)).status == 403
        marked.headers["Sec-Fetch-Site"] = "cross-site"
        assert (await marked.send(page, code=code)).status == 403
        marked.headers["Sec-Fetch-Site"] = "same-origin"
        assert "Authorize" in (await marked.send(page, code=code)).text


@pytest.mark.parametrize(
    "address", ["/link/0000", "/link/" + "a" * 5000, "/gitlab/linked", "/gitlab/linked?state=&code=x"]
)
async def test_addresses_that_somebody_made_up_are_over(address: str, tmp_path: Path) -> None:
    """They say so and nothing else, also with a body that is no form."""
    bot = with_page()
    async with own_rights(tmp_path, bot=bot) as play, browsing() as browser:
        page = await browser.open(f"{bot.public_url}{address}")

        assert page.status in (403, 410)
        assert "This link is over" in page.text
        assert tokens(play) == 0


async def test_who_left_meanwhile_is_refused(tmp_path: Path) -> None:
    """Between the code and GitLab's answer Slack's administrator deactivated the user."""
    async with own_rights(tmp_path) as play, browsing() as browser:
        url, code = await ask_link(play, MALLORY)
        at_gitlab = await browser.send(await browser.open(url), code=code)
        play.clock.forward(timedelta(minutes=6))
        await play.stage.slack.leave(play.stage.slack_id(MALLORY))
        last = await browser.send(at_gitlab, username=MALLORY, decision="authorize")

        assert "deactivated" in last.text
        assert await linked_as(play, MALLORY) == ""
