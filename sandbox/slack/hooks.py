"""The addresses that answer without a token: incoming webhooks and ``response_url``."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta

from aiohttp import web

from sandbox.slack.calls import SlackError, content_of
from sandbox.slack.chat import thread_fields
from sandbox.slack.state import DroppedError, ResponseUrl, SlackState
from sandbox.slack.team import Json, SlackWebhook
from sandbox.slack.web_api import drop


@dataclass(slots=True)
class Hooks:
    """Posts by whoever knows the address."""

    state: SlackState

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/services/{team}/{bot}/{secret}", self.handle_webhook),
            web.post("/actions/{team}/{number}/{secret}", self.handle_response),
        ]

    async def handle_webhook(self, request: web.Request) -> web.Response:
        hook = next((hook for hook in self._all() if self.state.team.webhook_path(hook) == request.path), None)
        if hook is None:
            return web.Response(status=404, text="no_service")
        try:
            self.post(hook, await _payload(request))
        except SlackError as error:
            return web.Response(status=400, text=error.code)
        return web.Response(text="ok")

    def post(self, hook: SlackWebhook, payload: Json) -> str:
        """Keep what a sender posts as ``bot_message``; its ``ts`` comes back. A channel named in it is ignored."""
        message: Json = {
            "subtype": "bot_message",
            **content_of(self.state, payload),
            "bot_id": hook.bot_id,
            "username": str(payload.get("username") or hook.name),
        }
        if payload.get("thread_ts"):
            message |= thread_fields(self.state, hook.channel, payload)
        return str(self.state.add(hook.channel, message)["ts"])

    async def handle_response(self, request: web.Request) -> web.StreamResponse:
        held = self.state.response_urls.get(request.path)
        refusal = self._refusal(held)
        if held is None or refusal:
            # The words are from memory; what counts is that a late or sixth answer is refused.
            return web.json_response({"ok": False, "error": refusal}, status=404)
        held.uses += 1
        try:
            payload = await _payload(request)
            with self.state.effect("response_url", held.channel):
                self.respond(held, payload)
        except SlackError as error:
            return web.json_response({"ok": False, "error": error.code}, status=400)
        except DroppedError:
            return drop(request)
        return web.Response(text="ok")

    def respond(self, held: ResponseUrl, payload: Json) -> None:
        """An app's answer to an interaction: delete or replace what was pressed, or say something new.

        Works in channels where the bot is no member.
        """
        if payload.get("delete_original"):
            self._delete(held)
        elif payload.get("replace_original") and held.ts:
            self._replace(held, content_of(self.state, payload))
        else:
            self.answer(held, payload)

    def answer(self, held: ResponseUrl, payload: Json) -> Json:
        """A new message: for the asker alone unless ``response_type`` is ``in_channel``."""
        message = {**content_of(self.state, payload), **self._author()}
        if payload.get("thread_ts"):
            message |= thread_fields(self.state, held.channel, payload)
        if payload.get("response_type") == "in_channel":
            return self.state.add(held.channel, message)
        return self.state.show_only_to(held.user, held.channel, message)

    def _author(self) -> Json:
        team = self.state.team
        return {"subtype": "bot_message", "bot_id": team.bot_id, "username": team.bot_name, "app_id": team.app_id}

    def _refusal(self, held: ResponseUrl | None) -> str:
        options = self.state.options
        if held is None:
            return "no_such_url"
        if self.state.clock() - held.issued_at > timedelta(seconds=options.response_url_lives_s):
            return "expired_url"
        return "used_url" if held.uses >= options.response_url_uses else ""

    def _delete(self, held: ResponseUrl) -> None:
        ephemeral = self.state.find_ephemeral(held.user, held.ts or "")
        if ephemeral is not None:
            self.state.ephemerals[held.user].remove(ephemeral)
            self.state.touch()
        elif held.ts and self.state.find(held.channel, held.ts):
            self.state.remove(held.channel, held.ts)
        else:
            raise SlackError("message_not_found")

    def _replace(self, held: ResponseUrl, content: Json) -> None:
        fields = {"blocks": None, "attachments": None, **content}
        ephemeral = self.state.find_ephemeral(held.user, held.ts or "")
        if ephemeral is not None:
            ephemeral.update({key: value for key, value in fields.items() if value is not None})
            self.state.touch()
        elif held.ts and self.state.find(held.channel, held.ts):
            self.state.change(held.channel, held.ts, fields)
        else:
            raise SlackError("message_not_found")

    def _all(self) -> tuple[SlackWebhook, ...]:
        return self.state.team.all_webhooks()


async def _payload(request: web.Request) -> Json:
    """The JSON object of a body or of its form field ``payload``; raises ``invalid_payload``."""
    form = request.content_type == "application/x-www-form-urlencoded"
    raw = str((await request.post()).get("payload", "")) if form else await request.text()
    try:
        payload = json.loads(raw)
    except ValueError as error:
        raise SlackError("invalid_payload") from error
    if not isinstance(payload, dict):
        raise SlackError("invalid_payload")
    return payload
