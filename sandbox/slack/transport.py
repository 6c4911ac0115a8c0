"""How a delivery reaches the bot over HTTP: signed, and given up after three seconds."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol
from urllib.parse import urlencode

import aiohttp
from slack_sdk.signature import SignatureVerifier

from sandbox.slack.team import Json

Kind = Literal["events_api", "slash_commands", "interactive"]


@dataclass(frozen=True, slots=True)
class Delivery:
    """One thing to tell the bot. ``retry`` and ``retry_reason`` count the tries after the first."""

    kind: Kind
    payload: Json
    retry: int = 0
    retry_reason: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the bot said. ``failure`` is Slack's word for what went wrong; empty when it went well.

    ``body`` is the JSON object or the text that came back, None for an empty body.
    """

    status: int = 0
    body: Json | str | None = None
    failure: str = ""
    no_retry: bool = False


class Transport(Protocol):
    async def deliver(self, delivery: Delivery) -> Answer: ...


@dataclass(slots=True)
class HttpTransport:
    """POSTs to the request URL, one for all kinds, as in a manifest with one URL."""

    url: str
    session: aiohttp.ClientSession
    signing_secret: str
    clock: Callable[[], datetime]
    answer_within_s: float

    async def deliver(self, delivery: Delivery) -> Answer:
        body, content_type = encoded(delivery)
        headers = self._signed(body) | {"Content-Type": content_type} | _retry_headers(delivery)
        try:
            async with asyncio.timeout(self.answer_within_s):
                return await self._post(body, headers)
        except TimeoutError:
            return Answer(failure="http_timeout")
        except aiohttp.ClientError:
            return Answer(failure="connection_failed")

    async def _post(self, body: bytes, headers: Mapping[str, str]) -> Answer:
        async with self.session.post(self.url, data=body, headers=headers, allow_redirects=False) as response:
            raw = await response.text()
            no_retry = response.headers.get("X-Slack-No-Retry") == "1"
            if response.status // 100 != 2:
                return Answer(response.status, raw, "http_error", no_retry)
            return Answer(response.status, _read(raw, response.content_type), "", no_retry)

    def _signed(self, body: bytes) -> dict[str, str]:
        timestamp = str(int(self.clock().timestamp()))
        signature = SignatureVerifier(self.signing_secret).generate_signature(timestamp=timestamp, body=body)
        return {
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": signature or "",
        }


def encoded(delivery: Delivery) -> tuple[bytes, str]:
    """The raw body and its content type: events are JSON, commands a form, all else a form with one JSON field."""
    if delivery.kind == "events_api":
        return json.dumps(delivery.payload).encode(), "application/json"
    fields = delivery.payload if delivery.kind == "slash_commands" else {"payload": json.dumps(delivery.payload)}
    return urlencode(fields).encode(), "application/x-www-form-urlencoded"


def _retry_headers(delivery: Delivery) -> dict[str, str]:
    if not delivery.retry:
        return {}
    return {"X-Slack-Retry-Num": str(delivery.retry), "X-Slack-Retry-Reason": delivery.retry_reason}


def _read(raw: str, content_type: str) -> Json | str | None:
    if not raw:
        return None
    if content_type != "application/json":
        return raw
    try:
        body = json.loads(raw)
    except ValueError:
        return raw
    return body if isinstance(body, dict) else raw


class NoTransport:
    """Nobody is there: no request URL is set and no websocket is open."""

    async def deliver(self, delivery: Delivery) -> Answer:  # noqa: ARG002 - the protocol's argument
        return Answer(failure="connection_failed")
