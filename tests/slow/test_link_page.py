"""Linking in a real browser: its rules for cookies, forms and policies hold the pages, and are in nobody's way."""

from __future__ import annotations

import asyncio
from pathlib import Path

from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select

from sandbox.browser import browsing
from sandbox.player import Player
from sandbox.stage import set_up
from sandbox.worlds import build
from tests.scenarios.linking import ask_link, with_page
from tests.scenarios.stage import Clock, Scene, bot_on
from tests.slow.test_page import QUICK, Browser, browser, utc_now  # noqa: F401 - a fixture
from tests.slow.test_page import pytestmark as needs_a_browser

pytestmark = needs_a_browser


async def test_a_person_links_in_a_browser(browser: Browser, tmp_path: Path) -> None:  # noqa: F811 - the fixture
    """The code, GitLab's page, and back: styled, with no policy broken, and linked at the end."""
    clock = Clock(utc_now())
    world = build("login", clock().replace(microsecond=0), tmp_path / "world")
    async with set_up(world, clock, QUICK) as stage, bot_on(stage, tmp_path, clock, with_page()) as bot:
        play = Scene(stage, bot, Player(stage), tmp_path, clock)
        url, code = await ask_link(play, "mara")

        def way() -> str:
            driver = browser.driver
            driver.get(url)
            assert driver.find_element(By.CSS_SELECTOR, ".who").value_of_css_property("border-left-width") == "4px"
            field = driver.find_element(By.NAME, "code")
            field.send_keys(code.lower())
            field.submit()
            Select(browser.shown("select[name=username]")).select_by_visible_text("mara")
            driver.find_element(By.CSS_SELECTOR, "button[value=authorize]").click()
            return str(browser.shown("p", "Linked:").text)

        assert "acts as mara (Mara Lindqvist)" in await asyncio.to_thread(way)
        link = await bot.house.store.links.get(stage.slack_id("mara"))
        assert link is not None
        assert link.username == "mara"
        await asyncio.to_thread(browser.leave)


async def test_another_sites_form_is_stopped_by_the_browser_and_by_us(
    browser: Browser,  # noqa: F811 - the fixture
    tmp_path: Path,
) -> None:
    """A page of another origin that posts the right code: the browser sends no cookie along, and we refuse."""
    clock = Clock(utc_now())
    world = build("login", clock().replace(microsecond=0), tmp_path / "world")
    async with set_up(world, clock, QUICK) as stage, bot_on(stage, tmp_path, clock, with_page()) as bot:
        play = Scene(stage, bot, Player(stage), tmp_path, clock)
        url, code = await ask_link(play, "mara")
        evil = tmp_path / "evil.html"
        evil.write_text(
            f'<form method="post" action="{url}"><input name="code" value="{code}"><input name="form" value="x">'
            "<button>A free cat</button></form>"
        )

        def way() -> str:
            browser.driver.get(url)
            browser.driver.get(evil.as_uri())
            browser.driver.find_element(By.TAG_NAME, "button").click()
            return f"{browser.shown('p', 'did not come from this page').text} {browser.errors()}"

        assert "403 (Forbidden)" in await asyncio.to_thread(way)
        async with browsing() as own:
            assert "asks to act as you" in (await own.open(url)).text
        await asyncio.to_thread(browser.leave)
