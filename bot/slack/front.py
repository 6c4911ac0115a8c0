"""What stands before Bolt: nothing that Slack did not sign is parsed, and nothing but an object gets through.

Signatures: docs.slack.dev, "Verifying requests from Slack".
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_bolt.response import BoltResponse

MOST_BYTES = 1024 * 1024
MOST_FIELDS = 200
MOST_AGE_S = 300

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

log = logging.getLogger(__name__)

_TIMESTAMP = re.compile(r"[0-9]{1,12}")
_SIGNATURE = re.compile(r"v0=[0-9a-f]{64}")
# Bolt takes orders from headers of its own; Slack signs none of them.
_PASSED_ON = ("X-Slack-Retry-Num", "X-Slack-Retry-Reason")


class BadRequestError(ValueError):
    """A signed body that is no request of Slack's."""


def make_front(app: AsyncApp, signing_secret: str, clock: Callable[[], datetime]) -> Handler:
    """The handler for all of Slack's requests: 413 for what is too long, 401 unsigned, 400 unreadable, else Bolt's.

    :raises ValueError: when there is no signing secret.
    """
    if not signing_secret:
        raise ValueError("without a signing secret everybody could speak for Slack")

    async def handle(request: web.Request) -> web.StreamResponse:
        raw = await _read(request)
        if raw is None:
            return web.json_response({"error": "too long"}, status=413)
        if not _is_signed(raw, request, signing_secret, clock().timestamp()):
            return web.json_response({"error": "unsigned, wrongly signed or too old"}, status=401)
        try:
            fields = _fields(raw, request.content_type)
            return await to_aiohttp_response(await _dispatched(app, fields, request))
        except BadRequestError as error:
            log.warning("a signed request was refused: %s", error)
            return web.json_response({"error": str(error)}, status=400)

    return handle


async def _read(request: web.Request) -> bytes | None:
    """The body; None where it is longer than Slack's ever are."""
    if (request.content_length or 0) > MOST_BYTES:
        return None
    raw = bytearray()
    async for chunk in request.content.iter_chunked(64 * 1024):
        raw += chunk
        if len(raw) > MOST_BYTES:
            return None
    return bytes(raw)


def _is_signed(raw: bytes, request: web.Request, secret: str, now: float) -> bool:
    timestamp = _only(request, "X-Slack-Request-Timestamp")
    given = _only(request, "X-Slack-Signature")
    if not _TIMESTAMP.fullmatch(timestamp) or not _SIGNATURE.fullmatch(given):
        return False
    if abs(now - int(timestamp)) > MOST_AGE_S:
        return False
    signed = hmac.new(secret.encode(), b"v0:" + timestamp.encode() + b":" + raw, hashlib.sha256)
    return hmac.compare_digest(f"v0={signed.hexdigest()}".encode(), given.encode())


def _only(request: web.Request, name: str) -> str:
    given = request.headers.getall(name, [])
    return given[0] if len(given) == 1 else ""


async def _dispatched(app: AsyncApp, fields: Mapping[str, Any], request: web.Request) -> BoltResponse:
    # As JSON, whatever it was: Bolt takes each form with the word "payload" in it for an interaction.
    headers: dict[str, str | Sequence[str]] = {"Content-Type": "application/json"}
    headers |= {name: value for name in _PASSED_ON if (value := _only(request, name))}
    try:
        return await app.async_dispatch(AsyncBoltRequest(body=json.dumps(fields), headers=headers))
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        # Bolt reads the envelope's fields without a look at their types; what listeners raise, it answers itself.
        raise BadRequestError("the fields of the body have the wrong types") from error


def _fields(raw: bytes, content_type: str) -> Mapping[str, Any]:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadRequestError("the body is not UTF-8") from error
    if content_type == "application/json":
        return _object(text)
    if content_type != "application/x-www-form-urlencoded":
        raise BadRequestError("the body is neither JSON nor a form")
    try:
        form = dict(parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS))
    except ValueError as error:
        raise BadRequestError("the form can't be read") from error
    return _object(form["payload"]) if "payload" in form else form


def _object(text: str) -> Mapping[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadRequestError("the body is not JSON") from error
    if not isinstance(found, dict) or not isinstance(found.get("event", {}), dict):
        raise BadRequestError("the body is not a JSON object of Slack's")
    return found
