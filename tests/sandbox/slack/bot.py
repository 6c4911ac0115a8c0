"""A small Bolt app that stands for the real bot: over HTTP behind aiohttp, or over Socket Mode."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.async_app import AsyncAck, AsyncRespond

from sandbox.slack import Slack
from tests.sandbox.slack.conftest import client_of

MODAL = {
    "type": "modal",
    "callback_id": "sure",
    "title": {"type": "plain_text", "text": "Roll back"},
    "submit": {"type": "plain_text", "text": "Yes"},
    "notify_on_close": True,
    "blocks": [
        {
            "type": "input",
            "block_id": "why",
            "label": {"type": "plain_text", "text": "Why?"},
            "element": {"type": "plain_text_input", "action_id": "reason"},
        }
    ],
}


@dataclass
class Heard:
    """What the bot was told, in order, by kind; ``headers`` are those of the HTTP requests."""

    events: list[dict[str, Any]] = field(default_factory=list)
    commands: list[dict[str, Any]] = field(default_factory=list)
    actions: list[dict[str, Any]] = field(default_factory=list)
    submissions: list[dict[str, Any]] = field(default_factory=list)
    closed: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)


def make_bot(slack: Slack) -> tuple[AsyncApp, Heard]:
    app = AsyncApp(client=client_of(slack), signing_secret=slack.state.team.signing_secret)
    heard = Heard()

    @app.event("message")
    async def on_message(body: dict[str, Any]) -> None:
        heard.events.append(body)

    @app.command("/backtrace")
    async def on_command(ack: AsyncAck, body: dict[str, Any], respond: AsyncRespond) -> None:
        heard.commands.append(body)
        await ack("looking …")
        await respond("found <it>")

    @app.action("go")
    async def on_press(ack: AsyncAck, body: dict[str, Any]) -> None:
        await ack()
        heard.actions.append(body)
        await app.client.views_open(trigger_id=body["trigger_id"], view=MODAL)

    @app.view("sure")
    async def on_submit(ack: AsyncAck, body: dict[str, Any]) -> None:
        heard.submissions.append(body)
        reason = body["view"]["state"]["values"]["why"]["reason"]["value"]
        if reason == "because":
            await ack(response_action="errors", errors={"why": "A real reason, please."})
        else:
            await ack()

    @app.view_closed("sure")
    async def on_close(ack: AsyncAck, body: dict[str, Any]) -> None:
        heard.closed.append(body)
        await ack()

    return app, heard


@asynccontextmanager
async def http_bot(slack: Slack) -> AsyncIterator[Heard]:
    """The bot behind a request URL; Bolt verifies the signatures with its own clock."""
    app, heard = make_bot(slack)

    async def handle(request: web.Request) -> web.Response:
        heard.headers.append(dict(request.headers))
        return await to_aiohttp_response(await app.async_dispatch(await to_bolt_request(request)))

    async with serve(handle) as url:
        slack.request_url = url
        yield heard


@asynccontextmanager
async def socket_bot(slack: Slack) -> AsyncIterator[Heard]:
    app, heard = make_bot(slack)
    handler = AsyncSocketModeHandler(app, app_token=slack.state.team.app_token, ping_interval=0.3)
    try:
        await handler.connect_async()
        await slack.until(lambda: slack.sockets.connected)
        yield heard
    finally:
        await handler.close_async()


@asynccontextmanager
async def serve(handle: Any) -> AsyncIterator[str]:
    """A server with that one handler; yields its URL."""
    app = web.Application()
    app.router.add_post("/slack/events", handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
    finally:
        await runner.cleanup()
