"""The page in a real browser, on the real stage with the real bot: what a person sees, types and presses."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException, TimeoutException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import Select, WebDriverWait

from sandbox.gitlab import GitLabOptions
from sandbox.player import Player
from sandbox.slack import Slack, SlackOptions, serve_slack
from sandbox.stage import BotOptions, Stage, StageOptions, set_up
from sandbox.worlds import build
from tests.sandbox.slack.bot import http_bot
from tests.sandbox.slack.conftest import ALERTS, client_of, team_with
from tests.sandbox.slack.test_delivery import CARD
from tests.scenarios.stage import bot_on

CHROMIUM, DRIVER = Path("/usr/bin/chromium"), Path("/usr/bin/chromedriver")
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SHOWN_WITHIN_S = 20
HOSTILE = (
    "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\"> <javascript:alert(1)|x>"
)
QUICK = StageOptions(
    gitlab=GitLabOptions(run_after=0.1, success_after=0.6, link_after=0.0), slack=SlackOptions(rate_limit=None)
)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not (CHROMIUM.exists() and DRIVER.exists()), reason="needs chromium and chromedriver, which .ci/run installs"
    ),
]


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Browser:
    """A browser as a person uses it. All methods block: call them in a thread of their own."""

    driver: webdriver.Chrome

    def open(self, url: str, me: str = "") -> None:
        self.driver.get(url)
        self.shown("#me option")
        if me:
            Select(self.driver.find_element(By.ID, "me")).select_by_value(me)

    def shown(self, selector: str, text: str = "") -> WebElement:
        """The first element with that text that can be seen, once there is one."""
        element = self._until(lambda driver: _seen(driver, selector, text), f"{selector} with {text!r}")
        assert element is not None
        return element

    def gone(self, selector: str) -> None:
        self._until(lambda driver: not driver.find_elements(By.CSS_SELECTOR, selector), f"no {selector}")

    def press(self, selector: str, text: str = "") -> None:
        """Click it. Found anew where the page was drawn again between finding and clicking."""

        def click(driver: webdriver.Chrome) -> bool:
            element = _seen(driver, selector, text)
            if element is None:
                return False
            driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
            element.click()
            return True

        self._until(click, f"{selector} with {text!r}")

    def write(self, field: str, text: str) -> None:
        self.shown(field).send_keys(text, Keys.ENTER)

    def scrolled(self, element_id: str) -> float:
        """How far down a list is, in pixels."""
        top: float = self.driver.execute_script(f"return document.getElementById('{element_id}').scrollTop")
        return top

    def overflowing(self) -> list[str]:
        """Elements that stick out of the window to the right, or whose words stick out of themselves."""
        script = """
          return [...document.querySelectorAll('main *, aside *, nav *, dialog[open] *')]
            .filter((one) => one.offsetParent !== null && !one.closest('select') && !one.matches('.hidden'))
            .filter((one) => one.getBoundingClientRect().right > window.innerWidth + 1
              || (one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).display !== 'inline'))
            .map((one) => one.outerHTML.slice(0, 120));"""
        found: list[str] = self.driver.execute_script(script)
        return found

    def errors(self) -> list[str]:
        log = self.driver.get_log("browser")  # type: ignore[no-untyped-call]  # selenium left it so
        return [str(entry["message"]) for entry in log if entry["level"] == "SEVERE"]

    def leave(self) -> None:
        """Go away from the page before its server does, which the browser would call an error."""
        self.driver.get("about:blank")

    def picture(self, path: Path) -> None:
        self.driver.save_screenshot(str(path))

    def _until(self, fact: Callable[[webdriver.Chrome], object], what: str) -> WebElement | None:
        wait = WebDriverWait(self.driver, SHOWN_WITHIN_S, ignored_exceptions=(StaleElementReferenceException,))
        try:
            found = wait.until(fact, message=what)
        except TimeoutException:
            shown = self.driver.find_element(By.TAG_NAME, "body").text
            pytest.fail(f"{what}: not within {SHOWN_WITHIN_S} s; the page shows\n{shown}")
        return found if isinstance(found, WebElement) else None


def _seen(driver: webdriver.Chrome, selector: str, text: str) -> WebElement | None:
    found = driver.find_elements(By.CSS_SELECTOR, selector)
    return next((each for each in found if each.is_displayed() and text in each.text), None)


@pytest.fixture
async def browser(tmp_path: Path) -> AsyncIterator[Browser]:
    options = webdriver.ChromeOptions()
    options.binary_location = str(CHROMIUM)
    for flag in (*FLAGS, "--window-size=1400,1000", f"--user-data-dir={tmp_path / 'profile'}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = await asyncio.to_thread(lambda: webdriver.Chrome(options=options, service=Service(str(DRIVER))))
    yield Browser(driver)
    errors = await asyncio.to_thread(Browser(driver).errors)
    await asyncio.to_thread(driver.quit)
    assert errors == []


@asynccontextmanager
async def staged(folder: Path, browser: Browser) -> AsyncIterator[Stage]:
    """The stage of the login world with the bot on it, at the real time: the browser knows no other."""
    world = build("login", utc_now().replace(microsecond=0), folder / "world")
    async with set_up(world, utc_now, QUICK) as stage, bot_on(stage, folder, utc_now, BotOptions()):
        yield stage
        await asyncio.to_thread(browser.leave)


@asynccontextmanager
async def only_slack(browser: Browser) -> AsyncIterator[Slack]:
    async with serve_slack(team_with(), utc_now, SlackOptions(rate_limit=None)) as slack:
        yield slack
        await asyncio.to_thread(browser.leave)


async def test_an_incident_is_rolled_back_from_the_page(browser: Browser, tmp_path: Path) -> None:
    """The alert appears, its thread has the card; Roll back fills a modal, its submit rolls back, and the page says so.

    Nothing overlaps or sticks out on the way, no edit of the card moves it away from its reader, and the modal goes
    away by Close.
    """
    async with staged(tmp_path, browser) as stage:

        def begin() -> None:
            browser.open(stage.slack.url, stage.slack_id("mara"))

        def use() -> None:
            browser.press("#messages .replies")
            browser.shown("#replies .message", "Likely culprit: !45 Tighten session expiry")
            browser.picture(tmp_path / "card.png")
            assert browser.overflowing() == []
            browser.press("#replies .button", "Roll back")
            place = browser.scrolled("replies")
            browser.shown("dialog[open] .actions.end .primary", "Roll back")
            browser.picture(tmp_path / "modal.png")
            assert browser.overflowing() == []
            browser.press("dialog[open] .actions.end .primary", "Roll back")
            browser.shown("#replies .message", "deployment 49595 is live")
            browser.picture(tmp_path / "rolled_back.png")
            assert abs(browser.scrolled("replies") - place) < 100
            if browser.driver.find_elements(By.CSS_SELECTOR, "dialog[open]"):
                browser.press("dialog[open] .button", "Close")
            browser.gone("dialog[open]")
            browser.picture(tmp_path / "after.png")

        await asyncio.to_thread(begin)
        await Player(stage).fire()
        await asyncio.to_thread(use)

        assert len(stage.gitlab.state.retries) == 1


async def test_a_question_and_a_message_are_typed(browser: Browser, tmp_path: Path) -> None:
    """``/backtrace …`` is answered with a card in the channel; what a person says stands there under their name."""
    async with staged(tmp_path, browser) as stage:

        def use() -> None:
            browser.open(stage.slack.url, stage.slack_id("tomas"))
            browser.write("#text", "/backtrace login errors")
            browser.shown("#messages .message", "!45 Tighten session expiry")
            browser.write("#text", "looking at it, " + "really" * 60)
            assert "Tom" in browser.shown("#messages .message:last-child", "looking at it").text
            browser.write("#text", "/backtrace help")
            browser.shown("#messages .message.ephemeral", "/backtrace TypeError in is_expired")
            assert browser.overflowing() == []
            browser.picture(tmp_path / "question.png")

        await asyncio.to_thread(use)
        said = [message["text"] for message in await stage.slack.messages(stage.alerts) if "user" in message]

    assert any(text.startswith("looking at it") for text in said)


async def test_a_narrow_window_has_it_all(browser: Browser, tmp_path: Path) -> None:
    """On a phone the thread lies over the channel, and nothing sticks out."""
    async with staged(tmp_path, browser) as stage:

        def use() -> None:
            browser.driver.set_window_size(500, 900)
            browser.open(stage.slack.url, stage.slack_id("mara"))
            browser.press("#messages .replies")
            browser.shown("#replies .message", "Likely culprit")
            browser.picture(tmp_path / "narrow.png")
            assert browser.overflowing() == []
            browser.press("#thread-close")
            browser.shown("#messages .message")

        player = Player(stage)
        await player.fire()
        await player.card()
        await asyncio.to_thread(use)


async def test_a_hostile_message_stays_text(browser: Browser) -> None:
    """Markup in a message is shown, never run."""
    async with only_slack(browser) as slack:
        await slack.post_webhook(ALERTS, {"text": HOSTILE, "attachments": [{"title": HOSTILE, "text": HOSTILE}]})

        def look() -> tuple[str, str, int]:
            browser.open(slack.url)
            text = browser.shown("#messages .message", "owned").text
            inside = browser.driver.find_elements(By.CSS_SELECTOR, "#messages script, #messages img")
            return browser.driver.title, text, len(inside)

        title, text, elements = await asyncio.to_thread(look)

    assert (title, elements) == ("Backtrace sandbox", 0)
    assert "<script>document.title='owned'</script>" in text


async def test_what_is_bold_may_be_a_link(browser: Browser) -> None:
    """As in Slack: formatting begins before a link and ends after it, and no star of it is left over."""
    async with only_slack(browser) as slack:
        words = "*<https://gitlab.test/5|!5 Thumbnails>* and *bold <https://gitlab.test/6|six> _too_* 2 * 3 <not|closed"
        section = {"type": "section", "text": {"type": "mrkdwn", "text": words.replace("<not", "&lt;not")}}
        await client_of(slack).chat_postMessage(channel=ALERTS, text="card", blocks=[section])

        def look() -> tuple[str, list[str]]:
            browser.open(slack.url)
            text = browser.shown("#messages .message", "Thumbnails").text
            bold = browser.driver.find_elements(By.CSS_SELECTOR, "#messages .message strong a")
            return text, [str(each.get_attribute("href")) for each in bold]

        text, links = await asyncio.to_thread(look)

    assert "!5 Thumbnails and bold six too 2 * 3 <not|closed" in text
    assert links == ["https://gitlab.test/5", "https://gitlab.test/6"]


async def test_a_modal_closes_after_its_submit(browser: Browser) -> None:
    """Press, fill in, submit: the bot hears it and, as it asks for nothing more, the modal is gone."""
    async with only_slack(browser) as slack, http_bot(slack) as heard:
        await _posted_card(slack)

        def use() -> None:
            browser.open(slack.url)
            browser.press("#messages .button")
            browser.shown("dialog[open] input[name=reason]").send_keys("login is down")
            browser.press("dialog[open] .button.primary")
            browser.gone("dialog[open]")

        await asyncio.to_thread(use)

    values = heard.submissions[0]["view"]["state"]["values"]
    assert values["why"]["reason"]["value"] == "login is down"


async def _posted_card(slack: Slack) -> None:
    await client_of(slack).chat_postMessage(channel=ALERTS, text="card", blocks=CARD)
