"""Serves the embedded Slack: one aiohttp application with the Web API, Socket Mode, webhooks and the page."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

import aiohttp
from aiohttp import web

from sandbox.slack.delivery import Courier
from sandbox.slack.faults import Faults
from sandbox.slack.hooks import Hooks
from sandbox.slack.links import Links
from sandbox.slack.page import Page
from sandbox.slack.person import Workspace
from sandbox.slack.socket_mode import SocketMode
from sandbox.slack.state import SlackState
from sandbox.slack.team import SlackOptions, SlackTeam
from sandbox.slack.web_api import Exchange, WebApi


@dataclass(slots=True)
class Slack(Workspace):
    """A running embedded Slack. ``url + "/api/"`` is the base url of a Web API client."""

    api: WebApi
    sockets: SocketMode

    @property
    def url(self) -> str:
        return self.links.url

    @property
    def recorded(self) -> list[Exchange]:
        """Every call and every delivery with its answer, oldest first."""
        return self.courier.recorded

    @property
    def unplanned(self) -> list[str]:
        """Methods that were asked for and don't exist here."""
        return self.api.unplanned

    @property
    def faults(self) -> Faults:
        return self.api.faults

    @property
    def request_url(self) -> str | None:
        """Where deliveries go over HTTP; None means Socket Mode."""
        return self.courier.request_url

    @request_url.setter
    def request_url(self, url: str | None) -> None:
        self.courier.request_url = url

    def webhook_url(self, channel: str) -> str:
        """The address that a sender of alerts posts to; LookupError where no webhook is bound to the channel."""
        for hook in self.state.team.all_webhooks():
            if hook.channel == channel:
                return self.url + self.state.team.webhook_path(hook)
        raise LookupError(f"no webhook is bound to {channel}")

    async def until(self, fact: Callable[[], object], seconds: float = 5.0) -> None:
        """Returns once ``fact`` is true, asked at each change; TimeoutError after ``seconds``."""
        async with asyncio.timeout(seconds):
            while not fact():
                await self.state.woken()

    async def settled(self) -> None:
        """Returns when every event was taken or given up."""
        await self.courier.settled()


@asynccontextmanager
async def serve_slack(
    team: SlackTeam, clock: Callable[[], datetime], options: SlackOptions | None = None
) -> AsyncIterator[Slack]:
    """An embedded Slack on loopback, for as long as the block runs."""
    state = SlackState(team, clock, options or SlackOptions())
    async with aiohttp.ClientSession() as session:
        slack = _assemble(state, session)
        runner = web.AppRunner(make_app(slack), access_log=None, shutdown_timeout=0.2)
        await runner.setup()
        try:
            await web.TCPSite(runner, state.options.host, state.options.port).start()
            host, port = runner.addresses[0][:2]
            slack.links.url = f"http://{host}:{port}"
            yield slack
        finally:
            await slack.courier.close()
            await slack.sockets.close()
            await runner.cleanup()


def make_app(slack: Slack) -> web.Application:
    """The application; its routes are those of its parts."""
    app = web.Application()
    for part in (slack.api, slack.sockets, slack.hooks, Page(slack)):
        app.add_routes(part.routes())
    return app


def _assemble(state: SlackState, session: aiohttp.ClientSession) -> Slack:
    links = Links()
    sockets = SocketMode(state, links)
    recorded: list[Exchange] = []
    courier = Courier(state, sockets, recorded, session)
    state.on_event = courier.tell
    return Slack(
        state=state,
        courier=courier,
        hooks=Hooks(state),
        links=links,
        api=WebApi(state, Faults(), links, recorded),
        sockets=sockets,
    )
