"""What the bot is told, over whichever transport it has, and again when it did not answer."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import aiohttp

from sandbox.slack.payloads import event_callback
from sandbox.slack.socket_mode import SocketMode
from sandbox.slack.state import SlackState
from sandbox.slack.team import Json
from sandbox.slack.transport import Answer, Delivery, HttpTransport, NoTransport, Transport
from sandbox.slack.web_api import Exchange

Spread = Callable[[], tuple[float, ...]]


def once() -> tuple[float, ...]:
    """At once, and only once."""
    return (0.0,)


def _nothing(_moment: str, _delivery: Delivery) -> None: ...


@dataclass(slots=True)
class Courier:
    """Delivers. ``request_url`` set means HTTP, else Socket Mode; ``lost`` are events that the bot never took.

    ``spread`` says of each event how often it comes, and after which waits: Slack promises neither once nor in order.
    ``on_delivery`` is told ``("before", delivery)`` of each sending, and ``("after", delivery)`` of the one that the
    bot took.
    """

    state: SlackState
    sockets: SocketMode
    recorded: list[Exchange]
    session: aiohttp.ClientSession
    request_url: str | None = None
    lost: list[Delivery] = field(default_factory=list)
    spread: Spread = once
    on_delivery: Callable[[str, Delivery], None] = _nothing
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def tell(self, event: Json) -> None:
        """Deliver an event in the background, with retries."""
        event_id = f"Ev{secrets.token_hex(5).upper()}"
        body = event_callback(self.state.team, event, event_id, int(self.state.clock().timestamp()))
        for wait_s in self.spread():
            task = asyncio.get_running_loop().create_task(self._deliver_event(Delivery("events_api", body), wait_s))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def ask(self, delivery: Delivery) -> Answer:
        """Deliver something that a person waits for: once, with the answer."""
        began = self.state.clock()
        self.on_delivery("before", delivery)
        answer = await self._transport().deliver(delivery)
        if not answer.failure:
            self.on_delivery("after", delivery)
        told = answer.failure or answer.body
        self.recorded.append(Exchange("delivery", delivery.kind, delivery.payload, answer.status, told, began))
        self.state.touch()
        return answer

    async def settled(self) -> None:
        """Returns when no event is on its way any more, retries included."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def close(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _deliver_event(self, first: Delivery, wait_s: float) -> None:
        await asyncio.sleep(wait_s)
        delivery, waits = first, [*self.state.options.retry_delays_s]
        while True:
            answer = await self.ask(delivery)
            if not answer.failure:
                return
            if answer.no_retry or not waits:
                self.lost.append(delivery)
                return
            await asyncio.sleep(waits.pop(0))
            delivery = replace(delivery, retry=delivery.retry + 1, retry_reason=answer.failure)

    def _transport(self) -> Transport:
        if self.request_url:
            options, team = self.state.options, self.state.team
            return HttpTransport(
                self.request_url, self.session, team.signing_secret, self.state.clock, options.answer_within_s
            )
        return self.sockets if self.sockets.connected else NoTransport()
