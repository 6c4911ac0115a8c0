"""The Bolt application. Every listener runs before Slack is answered: docs/adr/0002 says why."""

from __future__ import annotations

import logging

from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.error import BoltUnhandledRequestError
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.client import Identity
from bot.slack.hands import Hands
from bot.slack.listeners import Listeners
from bot.slack.poster import Poster

log = logging.getLogger(__name__)

_bolt_log = logging.getLogger("bot.slack.bolt")
# Bolt warns at each start that the client's token is not its own: all requests are authorised as below.
_bolt_log.setLevel(logging.ERROR)


def make_bolt_app(client: AsyncWebClient, identity: Identity, hands: Hands) -> AsyncApp:
    """The application, which checks no signatures itself.

    Serve it over HTTP only behind :func:`bot.slack.front.make_front`.
    """

    async def authorize() -> AuthorizeResult:
        return AuthorizeResult(
            enterprise_id=None,
            team_id=identity.team_id,
            bot_user_id=identity.bot_user_id,
            bot_id=identity.bot_id,
            bot_token=client.token,
        )

    app = AsyncApp(
        logger=_bolt_log,
        name="backtrace",
        client=client,
        authorize=authorize,
        process_before_response=True,
        raise_error_for_unhandled_request=True,
        request_verification_enabled=False,
        ssl_check_enabled=False,
        attaching_function_token_enabled=False,
    )
    app.error(_answer_error)
    Listeners(Poster(client), hands).register(app)
    return app


async def _answer_error(error: Exception, request: AsyncBoltRequest) -> BoltResponse:
    if isinstance(error, BoltUnhandledRequestError):
        # Bolt would answer 404, which Slack counts as a failure, and sends again what nobody wants.
        return BoltResponse(status=200)
    body = request.body
    kind = body.get("type") or body.get("command")
    log.error("Slack's %s %s was not taken up", kind, body.get("event_id") or "", exc_info=error)
    return BoltResponse(status=500)
