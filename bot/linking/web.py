"""The HTTP side of linking: the page that asks for the code, and where GitLab sends the browser back to."""

from __future__ import annotations

import secrets
from http import HTTPStatus
from urllib.parse import parse_qsl

from aiohttp import web

from bot.linking import pages, words
from bot.linking.linker import BACK, PAGE, Linker
from bot.linking.parties import Sent
from bot.linking.vault import new_secret
from bot.slack.client import SlackError
from bot.store import LinkAttempt

MOST_BYTES = 4096
MOST_FIELDS = 10
FORM_COOKIE = "backtrace_form"
_NO_SLACK = "Slack does not tell who asks. Try again in a minute."
_FORGED = "This form did not come from this page, or your browser keeps no cookies. Open the link in Slack again."


class LinkPages:
    """``gitlab_url`` is where people sign in; ``is_https`` whether browsers reach these pages that way."""

    def __init__(self, linker: Linker, gitlab_url: str, *, is_https: bool) -> None:
        self._linker = linker
        self._gitlab_url = gitlab_url
        self._is_https = is_https
        # The prefix makes browsers refuse it from any other host, or without TLS (RFC 6265bis, 4.1.3).
        self.cookie = "__Host-backtrace_link" if is_https else "backtrace_link"

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get(f"{PAGE}/{{key}}", self.show),
            web.post(f"{PAGE}/{{key}}", self.enter),
            web.get(BACK, self.come_back, allow_head=False),
        ]

    async def show(self, request: web.Request) -> web.StreamResponse:
        attempt = await self._linker.invited(request.match_info["key"])
        if attempt is None:
            return self._says(words.OVER, HTTPStatus.GONE)
        return await self._ask(attempt)

    async def enter(self, request: web.Request) -> web.StreamResponse:
        fields = await _form(request)
        attempt = await self._linker.invited(request.match_info["key"])
        if attempt is None:
            return self._says(words.OVER, HTTPStatus.GONE)
        if fields is None or not _is_own(request, fields.get("form", "")):
            return self._says(_FORGED, HTTPStatus.FORBIDDEN)
        went = await self._linker.enter_code(attempt, fields.get("code", ""))
        if isinstance(went, Sent):
            response = self._answer("", HTTPStatus.SEE_OTHER)
            response.headers["Location"] = went.url
            # Lax: it has to come along when GitLab sends the browser back here.
            self._set(response, self.cookie, went.cookie, "Lax")
            return response
        if went == 0:
            return self._says(words.MANY_CODES, HTTPStatus.GONE)
        return await self._ask(attempt, went)

    async def come_back(self, request: web.Request) -> web.StreamResponse:
        query = request.query
        says = await self._linker.come_back(
            query.get("state", ""), request.cookies.get(self.cookie, ""), query.get("code", "")
        )
        response = self._says(says, HTTPStatus.OK if says.startswith(words.LINKED) else HTTPStatus.FORBIDDEN)
        response.del_cookie(self.cookie, path="/", secure=self._is_https, httponly=True, samesite="Lax")
        return response

    async def _ask(self, attempt: LinkAttempt, left: int | None = None) -> web.StreamResponse:
        try:
            person = await self._linker.person(attempt.slack_user)
        except SlackError:
            return self._says(_NO_SLACK, HTTPStatus.SERVICE_UNAVAILABLE)
        form = new_secret()
        shown = pages.Shown(person, self._gitlab_url, form)
        response = self._answer(pages.asks(shown, left), HTTPStatus.OK if left is None else HTTPStatus.FORBIDDEN)
        self._set(response, FORM_COOKIE, form, "Strict")
        return response

    def _set(self, response: web.Response, name: str, value: str, same_site: str) -> None:
        response.set_cookie(
            name,
            value,
            max_age=int(words.LIVES.total_seconds()),
            path="/",
            secure=self._is_https,
            httponly=True,
            samesite=same_site,
        )

    def _says(self, what: str, status: HTTPStatus) -> web.Response:
        return self._answer(pages.says(what), status)

    def _answer(self, html: str, status: HTTPStatus) -> web.Response:
        headers = pages.headers(self._gitlab_url)
        return web.Response(text=html, status=status, content_type="text/html", headers=headers)


async def _form(request: web.Request) -> dict[str, str] | None:
    """The fields; None for what is no small form."""
    if request.content_type != "application/x-www-form-urlencoded":
        return None
    raw = bytearray()
    async for chunk in request.content.iter_chunked(MOST_BYTES):
        raw += chunk
        if len(raw) > MOST_BYTES:
            return None
    try:
        return dict(parse_qsl(raw.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS))
    except ValueError:
        return None


def _is_own(request: web.Request, given: str) -> bool:
    """Whether a form was filled in on our own page, and not sent here by another site."""
    # Browsers that don't send this header are held by the cookie, which is not sent along from elsewhere.
    if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        return False
    kept = request.cookies.get(FORM_COOKIE, "")
    return bool(kept) and secrets.compare_digest(kept.encode(), given.encode())
