"""The webhook: only GitLab's own deliveries are taken, by either way of signing."""

import base64
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer
from standardwebhooks.webhooks import Webhook

from bot.web import make_gitlab_hook, make_web_app

SIGNING = "whsec_" + base64.b64encode(bytes(range(32))).decode()
BODY = json.dumps({"object_kind": "deployment", "status": "success"}).encode()

Kept = list[tuple[str, dict[str, Any]]]


async def healthy() -> dict[str, Any]:
    return {"ok": True}


def client(secret: str, kept: Kept) -> TestClient[Any, Any]:
    async def keep(key: str, payload: dict[str, Any]) -> None:
        kept.append((key, payload))

    return TestClient(TestServer(make_web_app(None, make_gitlab_hook(secret, keep), healthy)))


@pytest.fixture
async def kept() -> Kept:
    return []


@pytest.fixture
async def signed(kept: Kept) -> AsyncIterator[TestClient[Any, Any]]:
    async with client(SIGNING, kept) as opened:
        yield opened


def signature(body: bytes, at: datetime) -> dict[str, str]:
    value = Webhook(SIGNING).sign("d-1", at, body.decode())
    return {"webhook-id": "d-1", "webhook-timestamp": str(int(at.timestamp())), "webhook-signature": value}


async def post(opened: TestClient[Any, Any], body: bytes, headers: dict[str, str]) -> int:
    answer = await opened.post("/gitlab/webhook", data=body, headers={"Idempotency-Key": "k1", **headers})
    return answer.status


async def test_a_signed_delivery_is_kept(signed: TestClient[Any, Any], kept: Kept) -> None:
    """A signature of the signing token is enough, and the idempotency key is what it is kept under."""
    assert await post(signed, BODY, signature(BODY, datetime.now(UTC))) == 200
    assert kept == [("k1", {"object_kind": "deployment", "status": "success"})]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Gitlab-Token": SIGNING},
        signature(b"{}", datetime.now(UTC)),
        signature(BODY, datetime(2026, 1, 1, tzinfo=UTC)),
        {**signature(BODY, datetime.now(UTC)), "webhook-timestamp": "abc"},
        {**signature(BODY, datetime.now(UTC)), "webhook-signature": "v1"},
        {**signature(BODY, datetime.now(UTC)), "webhook-signature": "v1,é"},
    ],
)
async def test_what_is_not_rightly_signed_is_refused(
    headers: dict[str, str], signed: TestClient[Any, Any], kept: Kept
) -> None:
    """Unsigned, the token in clear, another body's signature, an old one, and nonsense: 401, nothing kept."""
    assert await post(signed, BODY, headers) == 401
    assert kept == []


async def test_the_secret_token_of_older_servers_works(kept: Kept) -> None:
    """Servers without signing tokens send the secret back in clear."""
    async with client("s3cret", kept) as opened:
        assert await post(opened, BODY, {"X-Gitlab-Token": "s3cret"}) == 200
        assert await post(opened, BODY, {"X-Gitlab-Token": "s3cre"}) == 401


async def test_without_a_secret_nothing_is_taken(kept: Kept) -> None:
    """A webhook that nobody configured is closed, not open."""
    async with client("", kept) as opened:
        assert await post(opened, BODY, {"X-Gitlab-Token": ""}) == 401


@pytest.mark.parametrize("body", [b"[]", b'"x"', b"{", b"\xff"])
async def test_a_body_that_is_no_object_is_refused(body: bytes, kept: Kept) -> None:
    """Rightly signed nonsense gets 400, and no traceback."""
    async with client("s3cret", kept) as opened:
        assert await post(opened, body, {"X-Gitlab-Token": "s3cret"}) == 400


async def test_health_answers(signed: TestClient[Any, Any]) -> None:
    """A monitor gets 200 and the report."""
    answer = await signed.get("/health")

    assert answer.status == 200
    assert await answer.json() == {"ok": True}
