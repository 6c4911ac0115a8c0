"""The page in a real browser: a hostile message stays text, and the buttons work."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from sandbox.slack import Slack, SlackOptions, serve_slack
from tests.sandbox.slack.bot import http_bot
from tests.sandbox.slack.conftest import ALERTS, client_of, team_with
from tests.sandbox.slack.test_delivery import CARD

CHROMIUM, DRIVER = Path("/usr/bin/chromium"), Path("/usr/bin/chromedriver")
HOSTILE = (
    "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\"> <javascript:alert(1)|x>"
)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not (CHROMIUM.exists() and DRIVER.exists()), reason="needs chromium and chromedriver"),
]


@pytest.fixture
async def slack() -> AsyncIterator[Slack]:
    async with serve_slack(team_with(), lambda: datetime.now(UTC), SlackOptions(rate_limit=None)) as running:
        yield running


@pytest.fixture
async def browser() -> AsyncIterator[webdriver.Chrome]:
    options = webdriver.ChromeOptions()
    options.binary_location = str(CHROMIUM)
    for flag in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--window-size=1200,900"):
        options.add_argument(flag)
    driver = await asyncio.to_thread(lambda: webdriver.Chrome(options=options, service=Service(str(DRIVER))))
    yield driver
    await asyncio.to_thread(driver.quit)


async def test_a_hostile_message_stays_text(slack: Slack, browser: webdriver.Chrome) -> None:
    """Markup in a message is shown, never run."""
    await slack.post_webhook(ALERTS, {"text": HOSTILE, "attachments": [{"title": HOSTILE, "text": HOSTILE}]})

    def look() -> tuple[str, str, int]:
        browser.get(slack.url)
        text = shown(browser, "#messages .message").text
        return browser.title, text, len(browser.find_elements(By.CSS_SELECTOR, "#messages script, #messages img"))

    title, text, elements = await asyncio.to_thread(look)

    assert (title, elements) == ("Backtrace sandbox", 0)
    assert "<script>document.title='owned'</script>" in text


async def test_a_button_opens_a_modal_that_submits(slack: Slack, browser: webdriver.Chrome) -> None:
    """Press, fill in, submit: the bot hears it and the modal is gone."""
    async with http_bot(slack) as heard:
        await client_of(slack).chat_postMessage(channel=ALERTS, text="card", blocks=CARD)

        def use() -> None:
            browser.get(slack.url)
            shown(browser, "#messages .button").click()
            shown(browser, "dialog[open] input[name=reason]").send_keys("login is down")
            shown(browser, "dialog[open] .button.primary").click()
            until(browser, lambda: not browser.find_elements(By.CSS_SELECTOR, "dialog[open]"))

        await asyncio.to_thread(use)

    values = heard.submissions[0]["view"]["state"]["values"]
    assert values["why"]["reason"]["value"] == "login is down"


def until(browser: webdriver.Chrome, fact: Callable[[], object]) -> None:
    WebDriverWait(browser, 10).until(lambda _browser: fact())


def shown(browser: webdriver.Chrome, selector: str) -> webdriver.remote.webelement.WebElement:
    until(browser, lambda: browser.find_elements(By.CSS_SELECTOR, selector))
    return browser.find_element(By.CSS_SELECTOR, selector)
