"""A person's browser, as far as linking needs one: cookies, redirects, forms. For tests and for the demo's player."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from html import unescape
from urllib.parse import urljoin

import aiohttp
from yarl import URL

_INPUT = re.compile(r"<input ([^>]*)>")
_ATTRIBUTE = re.compile(r'([a-z]+)="([^"]*)"')
_TAGS = re.compile(r"<style>.*?</style>|<[^>]+>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Page:
    """What stands on the screen. ``text`` is what a person reads."""

    url: str
    status: int
    html: str
    headers: dict[str, str]

    @property
    def text(self) -> str:
        return " ".join(unescape(_TAGS.sub(" ", self.html)).split())

    @property
    def fields(self) -> dict[str, str]:
        """The form's inputs with their values."""
        found = (dict(_ATTRIBUTE.findall(given)) for given in _INPUT.findall(self.html))
        return {one["name"]: unescape(one.get("value", "")) for one in found if "name" in one}


class Browser:
    """``headers`` are sent with everything; free to change."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session
        self.headers = {"Accept": "text/html"}

    def cookies(self, url: str) -> dict[str, str]:
        """What it would send along there."""
        return {name: found.value for name, found in self._session.cookie_jar.filter_cookies(URL(url)).items()}

    async def open(self, url: str) -> Page:
        """Go there, redirects included."""
        async with self._session.get(url, headers=self.headers) as answer:
            return await _page(answer)

    async def send(self, page: Page, **values: str) -> Page:
        """Fill in the page's form and send it, as its only button does."""
        action = re.search(r'<form method="post" action="([^"]*)"', page.html)
        url = urljoin(page.url, action[1] if action else page.url)
        async with self._session.post(url, data={**page.fields, **values}, headers=self.headers) as answer:
            return await _page(answer)

    async def link(self, url: str, code: str, username: str) -> Page:
        """The whole way: the code from Slack, then GitLab as that user, and back."""
        at_gitlab = await self.send(await self.open(url), code=code)
        return await self.send(at_gitlab, username=username, decision="authorize")

    async def allow_device(self, url: str, user_code: str, username: str) -> Page:
        return await self.send(await self.open(url), user_code=user_code, username=username, decision="authorize")


@asynccontextmanager
async def browsing() -> AsyncIterator[Browser]:
    """A browser without any cookies yet."""
    # Addresses without a name may set cookies here, as they may in browsers.
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        yield Browser(session)


async def _page(answer: aiohttp.ClientResponse) -> Page:
    headers = {name.lower(): value for name, value in answer.headers.items()}
    return Page(str(answer.url), answer.status, await answer.text(), headers)
