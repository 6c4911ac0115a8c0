"""The bot's HTTP side: Slack's requests, GitLab's webhook, health."""

from __future__ import annotations

import hmac
import json
import logging
import re
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from bot.secret_settings import SIGNING

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
KeepHook = Callable[[str, dict[str, Any]], Awaitable[None]]
"""Keeps one GitLab delivery: its idempotency key, its payload."""

_KEY = re.compile(r"[\x21-\x7e]{1,200}")
"""A UUID in fact."""

server_log = logging.getLogger("bot.web.server")
"""For the server that the application runs in."""


def _unquoted(record: logging.LogRecord) -> bool:
    # The server quotes the line that it can't parse: it may be the one with the secret.
    if record.exc_info and isinstance(record.exc_info[1], HttpProcessingError):
        record.exc_info = None
        record.msg = f"a request that is no HTTP was refused. {record.msg}"
    return True


server_log.addFilter(_unquoted)

MAX_HOOK_BYTES = 25 * 1024 * 1024
"""GitLab sends at most 25 MB (docs.gitlab.com/user/project/integrations/webhooks)."""


def make_web_app(
    slack: Handler | None,
    hook: Handler,
    health: Callable[[], Awaitable[dict[str, Any]]],
    pages: Iterable[web.RouteDef] = (),
) -> web.Application:
    """The application. ``slack`` is None in Socket Mode, where Slack calls nobody; ``pages`` are for browsers."""
    app = web.Application(client_max_size=MAX_HOOK_BYTES)
    if slack is not None:
        app.router.add_post("/slack/events", slack)
    app.router.add_post("/gitlab/webhook", hook)
    app.add_routes(pages)

    async def healthy(_request: web.Request) -> web.Response:
        report = await health()
        return web.json_response(report, status=200 if report["ok"] else 503)

    app.router.add_get("/health", healthy)
    return app


def make_gitlab_hook(secret: str, keep: KeepHook) -> Handler:
    """The webhook's handler: check, keep, then 2xx; the work comes later (GitLab waits 10 s at most).

    ``secret`` is a signing token (``whsec_…``, Standard Webhooks) or the older secret that comes back in clear in
    ``X-Gitlab-Token``. Without a secret every delivery is refused.
    """

    async def handle(request: web.Request) -> web.StreamResponse:
        # A secret in clear needs no body: of strangers nothing is read.
        body = await request.read() if secret.startswith(SIGNING) or _knows(secret, request) else b""
        if not secret or not _genuine(secret, request, body):
            return web.json_response({"error": "unsigned, wrongly signed or too old"}, status=401)
        try:
            payload = json.loads(body)
        except (ValueError, RecursionError):
            payload = None
        if not isinstance(payload, dict):
            return web.json_response({"error": "the body is not a JSON object"}, status=400)
        # Older servers send no Idempotency-Key; the UUID of the event then has to do.
        key = _only(request, "Idempotency-Key") or _only(request, "X-Gitlab-Event-UUID")
        if not _KEY.fullmatch(key):
            return web.json_response({"error": "no Idempotency-Key and no X-Gitlab-Event-UUID"}, status=400)
        await keep(key, payload)
        return web.json_response({"kept": True})

    return handle


def _knows(secret: str, request: web.Request) -> bool:
    given = _only(request, "X-Gitlab-Token")
    return bool(secret) and hmac.compare_digest(given.encode("utf-8", "surrogateescape"), secret.encode())


def _only(request: web.Request, name: str) -> str:
    """A header's value; which of two would be meant is nobody's to guess."""
    given = request.headers.getall(name, [])
    return given[0] if len(given) == 1 else ""


def _genuine(secret: str, request: web.Request, body: bytes) -> bool:
    if not secret.startswith(SIGNING):
        return _knows(secret, request)
    names = ("webhook-id", "webhook-timestamp", "webhook-signature")
    headers = {name: _only(request, name) for name in names}
    try:
        # Refuses timestamps that are more than five minutes off as well.
        Webhook(secret).verify(body, headers, json_parse=False)
    except (WebhookVerificationError, ValueError):
        return False
    return True
