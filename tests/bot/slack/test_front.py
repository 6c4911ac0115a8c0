"""What stands before Bolt: junk is refused in words, never by a traceback, and what Slack signed gets through."""

from __future__ import annotations

import hashlib
import hmac
import io
import json
import logging
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from slack_bolt.async_app import AsyncApp

from bot.slack.front import MOST_BYTES, make_front
from tests.bot.slack.conftest import ALERTS, TEAM, VANI, Clock, RecordingHands

SECRET = "backtrace-signing-secret"
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


def signed(body: bytes, timestamp: str, secret: str = SECRET) -> dict[str, str]:
    digest = hmac.new(secret.encode(), f"v0:{timestamp}:".encode() + body, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": f"v0={digest}"}


async def post(url: str, body: Any, headers: Any, content_type: str = JSON) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session:
        pairs = [("Content-Type", content_type), *(headers.items() if isinstance(headers, dict) else headers)]
        async with session.post(url, data=body, headers=pairs) as answer:
            return answer.status, await answer.text()


def event(**changes: Any) -> bytes:
    inner = {"type": "message", "channel": ALERTS, "ts": "1795351200.000100", "text": "x"}
    body = {"type": "event_callback", "team_id": TEAM, "event_id": "Ev01", "event": inner, **changes}
    return json.dumps(body).encode()


@pytest.fixture
def now(clock: Clock) -> int:
    return int(clock().timestamp())


async def test_a_signed_event_is_kept(front_url: str, now: int, recording: RecordingHands) -> None:
    """What Slack signed reaches the hands, with its id, place and inner event."""
    status, _ = await post(front_url, event(), signed(event(), str(now)))

    assert status == 200
    (kept,) = recording.messages
    assert (kept.event_id, kept.team_id, kept.channel, kept.ts) == ("Ev01", TEAM, ALERTS, "1795351200.000100")
    assert kept.message["text"] == "x"


@pytest.mark.parametrize("timestamp", ["abc", "", "1e9", "9" * 5000, "-1", " 1", "1.5", "٣٤٥"])
async def test_a_timestamp_that_is_none_is_refused(
    front_url: str, timestamp: str, recording: RecordingHands, caplog: pytest.LogCaptureFixture
) -> None:
    """Bolt answers these with a traceback; here they are unsigned, and that is all."""
    headers = {**signed(event(), "1"), "X-Slack-Request-Timestamp": timestamp}
    status, text = await post(front_url, event(), headers)

    assert status == 401
    assert "Traceback" not in text
    assert recording.messages == []
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


@pytest.mark.parametrize("off", [-301, 301, -10_000, 10**9])
async def test_an_old_request_is_refused(front_url: str, now: int, off: int, recording: RecordingHands) -> None:
    """A recorded request can't be played again after five minutes, nor one from the future."""
    status, _ = await post(front_url, event(), signed(event(), str(now + off)))

    assert status == 401
    assert recording.messages == []


@pytest.mark.parametrize("off", [-299, 299])
async def test_a_clock_may_be_off_a_little(front_url: str, now: int, off: int) -> None:
    """Within five minutes a signature holds."""
    assert (await post(front_url, event(), signed(event(), str(now + off))))[0] == 200


@pytest.mark.parametrize(
    "signature", ["", "v0=", "v0=ä", "v0=" + "g" * 64, "v1=" + "0" * 64, "v0=" + "0" * 64, "ünsigned"]
)
async def test_a_signature_that_is_none_is_refused(front_url: str, now: int, signature: str) -> None:
    """Also one with letters outside ASCII, which Bolt answers with a traceback."""
    headers = {"X-Slack-Request-Timestamp": str(now), "X-Slack-Signature": signature}

    assert (await post(front_url, event(), headers))[0] == 401


async def test_two_signatures_are_none(front_url: str, now: int) -> None:
    """Which of two headers would be meant is nobody's to guess."""
    headers = [*signed(event(), str(now)).items(), ("X-Slack-Signature", "v0=" + "0" * 64)]

    assert (await post(front_url, event(), headers))[0] == 401


async def test_another_secret_signs_nothing(front_url: str, now: int) -> None:
    """The signature is that of our own secret."""
    assert (await post(front_url, event(), signed(event(), str(now), "another")))[0] == 401


@pytest.mark.parametrize(
    ("body", "content_type"),
    [(b"{", JSON), (b"[]", JSON), (b"\xff\xfe", JSON), (b'"x"', JSON), (b"ssl_check=1&token=x", FORM), (b"", JSON)],
)
async def test_unsigned_junk_is_not_even_read(
    front_url: str, body: bytes, content_type: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing is parsed before the signature is checked."""
    status, text = await post(front_url, body, {}, content_type)

    assert status == 401
    assert "Traceback" not in text
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"{", JSON),
        (b"[]", JSON),
        (b'"x"', JSON),
        (b"null", JSON),
        (b"", JSON),
        (b"\xff\xfe", JSON),
        (b"[" * 100_000, JSON),
        (b'{"event": []}', JSON),
        (b'{"event": "x"}', JSON),
        (b'{"authorizations": 1}', JSON),
        (b"payload=%7B", FORM),
        (b"payload=%5B%5D", FORM),
        (b"&".join(b"a%d=1" % n for n in range(5000)), FORM),
        (b"{}", "text/plain"),
        (b"x", "multipart/form-data"),
    ],
)
async def test_signed_junk_is_a_bad_request(front_url: str, now: int, body: bytes, content_type: str) -> None:
    """A body that is no request of Slack's is refused in words."""
    status, text = await post(front_url, body, signed(body, str(now)), content_type)

    assert status == 400
    assert "Traceback" not in text


async def test_a_body_is_never_longer_than_a_mebibyte(front_url: str, now: int) -> None:
    """Neither by its own word, nor by going on and on."""
    body = b"x" * (MOST_BYTES + 1)

    async def endless() -> Any:
        for _ in range(20):
            yield b"x" * 100_000

    assert (await post(front_url, io.BytesIO(body), signed(body, str(now))))[0] == 413
    assert (await post(front_url, endless(), signed(b"", str(now))))[0] == 413


async def test_the_word_payload_in_a_command_is_a_word(front_url: str, now: int, recording: RecordingHands) -> None:
    """Bolt loses a form with "payload" in one of its values; people ask about payloads."""
    form = {"command": "/backtrace", "text": "payload errors", "team_id": TEAM, "user_id": VANI, "channel_id": ALERTS}
    body = urlencode({**form, "trigger_id": "1.2", "response_url": "https://hooks.slack.com/x"}).encode()
    status, _ = await post(front_url, body, signed(body, str(now)), FORM)

    assert status == 200
    assert recording.commands[0].text == "payload errors"


@pytest.mark.parametrize(
    "body",
    [
        {"type": "event_callback", "event": {"type": "app_home_opened"}},
        {"type": "block_actions", "actions": [{"action_id": "somebody_elses", "type": "button"}], "user": {"id": VANI}},
        {"type": "shortcut", "callback_id": "trace"},
        {"type": "view_submission", "view": {"type": "modal", "callback_id": "other"}},
        {"type": "nobody knows"},
        {},
    ],
)
async def test_what_nobody_listens_for_is_taken(front_url: str, now: int, body: dict[str, Any]) -> None:
    """A 404, as Bolt has it, would make Slack send it again and count a failure."""
    raw = json.dumps(body).encode()

    assert (await post(front_url, raw, signed(raw, str(now))))[0] == 200


async def test_slacks_first_question_is_answered(front_url: str, now: int) -> None:
    """Slack checks a new request URL by a challenge."""
    raw = json.dumps({"type": "url_verification", "challenge": "say this"}).encode()
    status, text = await post(front_url, raw, signed(raw, str(now)))

    assert status == 200
    assert "say this" in text


async def test_bolts_own_orders_do_not_come_from_outside(front_url: str, now: int, recording: RecordingHands) -> None:
    """Headers that no signature covers do not reach Bolt: this one would make it skip the listener."""
    headers = {**signed(event(), str(now)), "X-Slack-Bolt-Lazy-Only": "1"}
    status, _ = await post(front_url, event(), headers)

    assert status == 200
    assert len(recording.messages) == 1


def test_without_a_secret_there_is_no_front(bolt: AsyncApp, clock: Clock) -> None:
    """An empty secret would let everybody sign."""
    with pytest.raises(ValueError, match="signing secret"):
        make_front(bolt, "", clock)


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
bodies = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["event_callback", "block_actions", "view_submission"]) | junk,
        "event": st.fixed_dictionaries({}, optional={"type": st.just("message") | junk, "channel": junk, "ts": junk}),
        "actions": st.lists(st.fixed_dictionaries({"action_id": st.just("backtrace:assign")}) | junk, max_size=2)
        | junk,
        "view": junk,
        "user": junk,
        "team": junk,
        "channel": junk,
        "message": junk,
        "container": junk,
        "authorizations": junk,
        "command": junk,
    },
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(bodies)
async def test_no_signed_shape_breaks_the_front(front_url: str, now: int, body: dict[str, Any]) -> None:
    """Whatever its fields hold, a signed object is answered, and never by the server's own error page."""
    raw = json.dumps(body).encode()
    status, text = await post(front_url, raw, signed(raw, str(now)))

    assert status in (200, 400, 500)
    assert "Server got itself in trouble" not in text
