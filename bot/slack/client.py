"""The Web API client, and who the bot is."""

from __future__ import annotations

from dataclasses import dataclass

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.http_retry.request import HttpRequest
from slack_sdk.http_retry.response import HttpResponse
from slack_sdk.http_retry.state import RetryState
from slack_sdk.web.async_client import AsyncWebClient

TIMEOUT_S = 10
MOST_WAIT_S = 60
RATE_LIMIT_TRIES = 3

# docs.slack.dev names these as Slack's own passing troubles, in the pages of its methods.
_PASSING = frozenset(
    ("ratelimited", "rate_limited", "fatal_error", "internal_error", "request_timeout", "service_unavailable")
)


CALL_ERRORS = (SlackApiError, aiohttp.ClientError, TimeoutError)
"""All that a call of the client raises; :func:`slack_error` makes our word of each."""

_TOO_MANY_REQUESTS = 429
_SERVER_ERROR = 500


class SlackError(Exception):
    """Slack refused a call, or did not answer it. ``permanent``: the same call would be refused again."""

    def __init__(self, reason: str, *, permanent: bool) -> None:
        super().__init__(f"Slack: {reason}")
        self.reason = reason
        self.permanent = permanent


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the bot is in its workspace. ``team`` is what that is called."""

    team_id: str
    bot_user_id: str
    bot_id: str
    team: str = ""


class ShortWaits(AsyncRateLimitErrorRetryHandler):
    """Waits as long as Slack's ``Retry-After`` says, but never for minutes: the durable runs try again later."""

    async def can_retry_async(
        self,
        *,
        state: RetryState,
        request: HttpRequest,
        response: HttpResponse | None = None,
        error: Exception | None = None,
    ) -> bool:
        if response is not None and _retry_after(response) > MOST_WAIT_S:
            return False
        return await super().can_retry_async(state=state, request=request, response=response, error=error)


def make_client(token: str, api_url: str) -> AsyncWebClient:
    """A client that repeats what was rate limited, and nothing else.

    The SDK's own default repeats a post whose connection broke, which may post it twice.
    """
    retries = [ShortWaits(max_retry_count=RATE_LIMIT_TRIES)]
    return AsyncWebClient(token=token, base_url=api_url, timeout=TIMEOUT_S, retry_handlers=list(retries))


async def identify(client: AsyncWebClient) -> Identity:
    """Ask Slack who the token belongs to.

    :raises SlackError: when the token is refused, or Slack can't be reached.
    """
    try:
        answer = await client.auth_test()
    except CALL_ERRORS as error:
        raise slack_error(error) from error
    bot_id, team = str(answer.get("bot_id") or ""), str(answer.get("team") or "")
    return Identity(str(answer["team_id"]), str(answer["user_id"]), bot_id, team)


def slack_error(error: Exception) -> SlackError:
    """Our word for whatever the SDK raises."""
    if not isinstance(error, SlackApiError):
        return SlackError(f"no answer ({type(error).__name__})", permanent=False)
    # Where the answer was no JSON at all, there is no word of Slack's in it: some proxy, some moment.
    data = getattr(error.response, "data", error.response)
    reason = str(data.get("error") or "") if isinstance(data, dict) else ""
    status = getattr(error.response, "status_code", 200)
    passing = not reason or reason in _PASSING or status == _TOO_MANY_REQUESTS or status >= _SERVER_ERROR
    return SlackError(reason or f"an unreadable answer ({status})", permanent=not passing)


def _retry_after(response: HttpResponse) -> float:
    for name, value in response.headers.items():
        if name.lower() == "retry-after":
            said = value[0] if isinstance(value, list) else value
            return float(said) if said.isdecimal() else MOST_WAIT_S + 1
    return 1
