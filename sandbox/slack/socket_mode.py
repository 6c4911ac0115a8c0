"""Socket Mode: websockets that the bot opened, envelopes over them, and their acknowledgements."""

from __future__ import annotations

import asyncio
import json
import secrets
from dataclasses import dataclass, field

from aiohttp import WSMsgType, web

from sandbox.slack.links import Links
from sandbox.slack.state import SlackState
from sandbox.slack.team import Json
from sandbox.slack.transport import Answer, Delivery

CONNECTIONS_LIMIT = 10


@dataclass(slots=True, eq=False)
class Connection:
    """One websocket. ``draining``: told to leave, gets no more. ``waiting``: envelopes without an ack."""

    socket: web.WebSocketResponse
    transport: asyncio.Transport | None
    draining: bool = False
    waiting: dict[str, asyncio.Future[Answer]] = field(default_factory=dict)

    def lose(self) -> None:
        for answer in self.waiting.values():
            if not answer.done():
                answer.set_result(Answer(failure="connection_failed"))


@dataclass(slots=True)
class SocketMode:
    """All open connections of the app; each envelope goes over one of them, in turn."""

    state: SlackState
    links: Links
    connections: list[Connection] = field(default_factory=list)
    _turn: int = 0

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/link/", self.handle)]

    @property
    def connected(self) -> bool:
        return any(not connection.draining for connection in self.connections)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        ticket = request.query.get("ticket", "")
        if ticket not in self.links.tickets:
            return web.Response(status=404)
        self.links.tickets.discard(ticket)
        socket = web.WebSocketResponse(heartbeat=self.state.options.ping_s)
        await socket.prepare(request)
        if len(self.connections) >= CONNECTIONS_LIMIT:
            await socket.send_json({"type": "disconnect", "reason": "too_many_websockets"})
            await socket.close()
            return socket
        await self._serve(Connection(socket, request.transport))
        return socket

    async def deliver(self, delivery: Delivery) -> Answer:
        ready = [connection for connection in self.connections if not connection.draining]
        if not ready:
            return Answer(failure="connection_failed")
        self._turn += 1
        connection = ready[self._turn % len(ready)]
        envelope_id = secrets.token_hex(16)
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        connection.waiting[envelope_id] = answer
        try:
            await connection.socket.send_json(_envelope(envelope_id, delivery))
            async with asyncio.timeout(self.state.options.answer_within_s):
                return await answer
        except TimeoutError:
            return Answer(failure="timeout")
        except ConnectionError:
            return Answer(failure="connection_failed")
        finally:
            del connection.waiting[envelope_id]

    async def disconnect(self, reason: str = "refresh_requested") -> None:
        """Tell every connection to come back anew, as Slack does every few hours (or with the reason ``warning``)."""
        for connection in list(self.connections):
            connection.draining = True
            await connection.socket.send_json(
                {"type": "disconnect", "reason": reason, "debug_info": {"host": "sandbox"}}
            )

    def cut(self) -> None:
        """Break every connection without a word."""
        for connection in self.connections:
            if connection.transport is not None:
                connection.transport.abort()

    async def close(self) -> None:
        for connection in list(self.connections):
            await connection.socket.close()

    async def _serve(self, connection: Connection) -> None:
        self.connections.append(connection)
        self.state.touch()
        try:
            await connection.socket.send_json(_hello(self.state.team.app_id, len(self.connections)))
            async for message in connection.socket:
                if message.type == WSMsgType.TEXT:
                    _take_ack(connection, message.data)
        finally:
            self.connections.remove(connection)
            connection.lose()
            self.state.touch()


def _hello(app_id: str, connections: int) -> Json:
    return {
        "type": "hello",
        "num_connections": connections,
        "debug_info": {"host": "sandbox", "started": "", "build_number": 1, "approximate_connection_time": 18060},
        "connection_info": {"app_id": app_id},
    }


def _envelope(envelope_id: str, delivery: Delivery) -> Json:
    envelope: Json = {
        "envelope_id": envelope_id,
        "type": delivery.kind,
        "payload": delivery.payload,
        "accepts_response_payload": delivery.kind != "events_api",
    }
    if delivery.kind == "events_api":
        envelope |= {"retry_attempt": delivery.retry, "retry_reason": delivery.retry_reason}
    return envelope


def _take_ack(connection: Connection, raw: str) -> None:
    try:
        ack = json.loads(raw)
    except ValueError:
        return
    answer = connection.waiting.get(ack.get("envelope_id", "")) if isinstance(ack, dict) else None
    if answer is not None and not answer.done():
        answer.set_result(Answer(200, ack.get("payload") or None))
