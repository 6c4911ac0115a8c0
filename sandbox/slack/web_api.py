"""``/api/METHOD``: tokens, scopes, faults and limits around the methods, and the record of what was asked."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from aiohttp import web

from sandbox.slack import chat, conversations, views
from sandbox.slack.calls import Call, Method, SlackError, decoded
from sandbox.slack.faults import Fault, Faults
from sandbox.slack.links import Links
from sandbox.slack.state import DroppedError, SlackState
from sandbox.slack.team import Json, RateLimit

_TOOK_EFFECT = ("took_effect_then_reset", "took_effect_then_silence")

METHODS: Mapping[str, Method] = {
    "auth.test": Method(conversations.auth_test),
    "chat.getPermalink": Method(chat.get_permalink),
    "chat.postEphemeral": Method(chat.post_ephemeral, scope="chat:write", writes=True),
    "chat.postMessage": Method(chat.post_message, scope="chat:write", writes=True),
    "chat.update": Method(chat.update, scope="chat:write", writes=True),
    "conversations.history": Method(conversations.history, scope="channels:history", private_scope="groups:history"),
    "conversations.info": Method(conversations.info, scope="channels:read", private_scope="groups:read"),
    "conversations.replies": Method(conversations.replies, scope="channels:history", private_scope="groups:history"),
    "users.info": Method(conversations.users_info, scope="users:read"),
    "views.open": Method(views.open_view, writes=True),
    "views.update": Method(views.update_view, writes=True),
}


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request to this Slack, or one delivery to the bot (``kind`` delivery), with its answer.

    ``at`` is when a request was answered, and when a delivery began. ``fault`` names the fault that spoiled a request.
    """

    kind: str
    name: str
    request: Json
    status: int
    answer: object
    at: datetime
    fault: str = ""


@dataclass(slots=True)
class PostLimit:
    """How many posts each channel may still take."""

    state: SlackState
    left: dict[str, float] = field(default_factory=dict)
    seen: dict[str, datetime] = field(default_factory=dict)

    def wait_s(self, channel: str, limit: RateLimit) -> int:
        """0 when the post may go, and then it counts; else the whole seconds of ``Retry-After``."""
        now = self.state.clock()
        passed = (now - self.seen[channel]).total_seconds() if channel in self.seen else float("inf")
        left = min(limit.burst, self.left.get(channel, 0.0) + passed / limit.seconds_per_post)
        self.seen[channel] = now
        self.left[channel] = left - 1 if left >= 1 else left
        return 0 if left >= 1 else max(1, round((1 - left) * limit.seconds_per_post))


@dataclass(slots=True)
class WebApi:
    """Answers the Web API. ``unplanned`` names the methods that somebody asked for and that don't exist here."""

    state: SlackState
    faults: Faults
    links: Links
    recorded: list[Exchange]
    unplanned: list[str] = field(default_factory=list)
    posts: PostLimit = field(init=False)

    def __post_init__(self) -> None:
        self.posts = PostLimit(self.state)

    def routes(self) -> list[web.RouteDef]:
        return [web.route("*", "/api/{method:.+}", self.handle)]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["method"]
        fault = self.faults.take(name)
        try:
            sent = await _arguments(request)
            response = await self._troubled(name, fault) or self._answer(name, sent, _token(request, sent))
        except SlackError as error:
            sent, response = {}, _refusal(error)
        except DroppedError:
            return drop(request)
        self._record(name, sent, response, fault.kind if fault else "")
        if fault and fault.kind == "took_effect_then_silence":
            await asyncio.sleep(fault.seconds)
        if fault and fault.kind in ("reset", *_TOOK_EFFECT):
            return drop(request)
        return response

    async def _troubled(self, name: str, fault: Fault | None) -> web.Response | None:
        """The answer of a fault that comes instead of the method's own; None lets the method run."""
        if fault is None or fault.kind in _TOOK_EFFECT:
            return None
        if fault.kind == "latency":
            await asyncio.sleep(fault.seconds)
            return None
        if fault.kind == "429":
            return _limited(round(fault.seconds))
        if fault.kind == "502":
            return web.Response(text="<html>502 Bad Gateway</html>", status=502, content_type="text/html")
        return web.json_response({"ok": False, "error": f"fault on {name}"}, status=500)

    def _answer(self, name: str, args: Json, token: str) -> web.Response:
        method = METHODS.get(name) or self._socket_method(name)
        if method is None:
            self.unplanned.append(name)
            return web.json_response({"ok": False, "error": "unknown_method"}, status=501)
        try:
            self._check_token(method, token)
            call = Call(self.state, decoded(args))
            self._check_scope(method, call)
            wait = self._post_wait(name, call)
            if wait:
                return _limited(wait)
            return web.json_response({"ok": True, **self._run(name, method, call)}, headers=self._scopes_header())
        except SlackError as error:
            return _refusal(error)

    def _run(self, name: str, method: Method, call: Call) -> Json:
        if not method.writes:
            return method.answer(call)
        with self.state.effect(name, str(call.args.get("channel") or "")):
            return method.answer(call)

    def _socket_method(self, name: str) -> Method | None:
        if name != "apps.connections.open":
            return None
        return Method(lambda _call: {"url": self.links.new_socket_url()}, token="app")

    def _check_token(self, method: Method, token: str) -> None:
        team = self.state.team
        if not token:
            raise SlackError("not_authed")
        if token not in (team.bot_token, team.app_token):
            raise SlackError("invalid_auth")
        if token != (team.bot_token if method.token == "bot" else team.app_token):
            raise SlackError("not_allowed_token_type")

    def _check_scope(self, method: Method, call: Call) -> None:
        granted = self.state.team.scopes
        channel = self.state.channel(str(call.args.get("channel") or ""))
        private = channel is not None and channel.is_private and method.private_scope
        needed = method.private_scope if private else method.scope
        if granted is not None and needed and needed not in granted:
            raise SlackError("missing_scope", needed=needed, provided=",".join(sorted(granted)))

    def _post_wait(self, name: str, call: Call) -> int:
        limit = self.state.options.rate_limit
        if limit is None or name != "chat.postMessage":
            return 0
        return self.posts.wait_s(str(call.args.get("channel") or ""), limit)

    def _scopes_header(self) -> dict[str, str]:
        return {"x-oauth-scopes": ",".join(sorted(self.state.team.scopes or ()))}

    def _record(self, name: str, args: Json, response: web.Response, fault: str) -> None:
        kept = {key: value for key, value in args.items() if key != "token"}
        is_json = response.content_type == "application/json"
        answer = json.loads(response.text or "null") if is_json else response.text
        self.recorded.append(Exchange("api", name, kept, response.status, answer, self.state.clock(), fault))


def drop(request: web.Request) -> web.StreamResponse:
    """Break the connection, as a network does: the caller sees a reset, no answer."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)


async def _arguments(request: web.Request) -> Json:
    """Query, form fields and JSON object in one; raises SlackError for a body that is neither."""
    args: Json = dict(request.query)
    if request.content_type == "application/json":
        try:
            body = json.loads(await request.read() or b"{}")
        except ValueError as error:
            raise SlackError("invalid_json") from error
        if not isinstance(body, dict):
            raise SlackError("json_not_object")
        return args | body
    return args | dict(await request.post())


def _token(request: web.Request, args: Json) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token if scheme == "Bearer" else str(args.get("token") or "")


def _refusal(error: SlackError) -> web.Response:
    return web.json_response({"ok": False, "error": error.code, **error.extra})


def _limited(seconds: int) -> web.Response:
    return web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers={"Retry-After": str(seconds)})
