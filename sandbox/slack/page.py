"""The page for people: plain files, and the JSON and events behind them, all taken from ``Workspace``."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from aiohttp import web

from sandbox.slack.person import Workspace
from sandbox.slack.team import Json

STATIC = Path(__file__).parent.parent / "static"
_FILES = {
    "slack.html": "text/html",
    "slack.js": "text/javascript",
    "mrkdwn.js": "text/javascript",
    "blocks.js": "text/javascript",
    "slack.css": "text/css",
    "icon.svg": "image/svg+xml",
}
# Nothing but our own files may run or load: messages come from anybody.
_POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'"
_KEEP_ALIVE_S = 15.0

_Act = Callable[[Json], Awaitable[object]]


@dataclass(slots=True)
class Page:
    workspace: Workspace

    def routes(self) -> list[web.RouteDef]:
        acts: dict[str, _Act] = {
            "say": self._say,
            "command": self._command,
            "press": self._press,
            "shortcut": self._shortcut,
            "submit": self._submit,
            "close": self._close,
        }
        return [
            web.get("/", self.index),
            web.get("/static/{name}", self.file),
            web.get("/stream", self.stream),
            web.get("/_/team", self.team),
            web.get("/_/channel", self.channel),
            *(web.post(f"/_/{name}", _json_act(act)) for name, act in acts.items()),
        ]

    async def index(self, _request: web.Request) -> web.Response:
        return _serve("slack.html")

    async def file(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        if name not in _FILES:
            raise web.HTTPNotFound
        return _serve(name)

    async def stream(self, request: web.Request) -> web.StreamResponse:
        """Server-sent events: one number at each change; the page then asks for what it shows."""
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
        await response.prepare(request)
        state = self.workspace.state
        while True:
            try:
                await response.write(f"data: {state.version}\n\n".encode())
                async with asyncio.timeout(_KEEP_ALIVE_S):
                    await state.woken()
            except TimeoutError:
                continue
            except ConnectionError:
                return response

    async def team(self, _request: web.Request) -> web.Response:
        team = self.workspace.state.team
        bot = {"id": team.bot_user_id, "name": team.bot_name, "real_name": team.bot_name, "is_bot": True}
        return web.json_response(
            {
                "name": team.domain,
                "users": [asdict(user) for user in team.users],
                "bot": bot,
                "channels": [{**asdict(channel), "members": team.members(channel)} for channel in team.channels],
            }
        )

    async def channel(self, request: web.Request) -> web.Response:
        """What one person sees of one channel: its messages, what only they were shown, their open modal."""
        channel, user = request.query.get("channel", ""), request.query.get("user", "")
        own = [message for message in await self.workspace.ephemerals(user) if message["channel"] == channel]
        return web.json_response(
            {
                "version": self.workspace.state.version,
                "messages": sorted([*await self.workspace.messages(channel), *own], key=lambda each: each["ts"]),
                "view": await self.workspace.view_of(user),
            }
        )

    async def _say(self, asked: Json) -> object:
        ts = await self.workspace.say(asked["user"], asked["channel"], asked["text"], asked.get("thread_ts"))
        return {"ts": ts}

    async def _command(self, asked: Json) -> object:
        return await self.workspace.command(asked["user"], asked["channel"], asked["text"])

    async def _press(self, asked: Json) -> object:
        where = (asked["user"], asked["channel"], asked["ts"])
        return await self.workspace.press(*where, asked["action_id"], asked.get("value"))

    async def _shortcut(self, asked: Json) -> object:
        return await self.workspace.shortcut(asked["user"], asked["channel"], asked["ts"])

    async def _submit(self, asked: Json) -> object:
        return await self.workspace.submit(asked["user"], asked.get("view_id"), asked.get("values"))

    async def _close(self, asked: Json) -> object:
        await self.workspace.close(asked["user"], asked.get("view_id"))
        return {}


def _serve(name: str) -> web.Response:
    body = (STATIC / name).read_text(encoding="utf-8")
    headers = {"Content-Security-Policy": _POLICY, "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
    return web.Response(text=body, content_type=_FILES[name], headers=headers)


def _json_act(act: _Act) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handle(request: web.Request) -> web.Response:
        # A foreign page can't send this content type without asking first, so it can't press buttons here.
        if request.content_type != "application/json":
            raise web.HTTPUnsupportedMediaType
        try:
            done = await act(json.loads(await request.read()))
        except (LookupError, PermissionError, ValueError, TypeError) as error:
            return web.json_response({"error": str(error)}, status=400)
        return web.json_response(_plain(done))

    return handle


def _plain(done: Any) -> object:
    return done if isinstance(done, dict) else asdict(done)
