"""What each party did, in lines for a person who watches: no polling, no echoes of the bot's own posts."""

from __future__ import annotations

import asyncio
import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

from sandbox.gitlab.exchange import Exchange as GitLabExchange
from sandbox.slack.draw import plain
from sandbox.slack.web_api import Exchange as SlackExchange
from sandbox.stage import Stage

LOOK_EVERY_S = 0.1
WIDTH = 110

_API = "/api/v4"
_WORD = re.compile(r"[a-z_]+")
_SILENT = frozenset(("auth.test", "conversations.replies", "conversations.history", "conversations.info", "users.info"))

Tell = Callable[[str, str], None]
"""Tells one line: who, and what they did."""


@dataclass(slots=True)
class Teller:
    """Follows both embedded parties. What a party has just said is not said again."""

    stage: Stage
    tell: Tell
    _heard: Counter[str] = field(default_factory=Counter)
    _reads: Counter[str] = field(default_factory=Counter)
    _last: dict[str, str] = field(default_factory=dict)

    async def follow(self) -> None:
        """Never ends by itself; :meth:`look` once more after it was cancelled, for what came last."""
        while True:
            self.look()
            await asyncio.sleep(LOOK_EVERY_S)

    def look(self) -> None:
        """Tell what happened since the last look."""
        quiet = True
        for exchange in self._new("gitlab", self.stage.gitlab.recorded):
            quiet = False
            self._gitlab(exchange)
        lines = self._slack()
        if quiet or lines:
            self._flush_reads()
        for line in lines:
            self._say("slack", line)

    def _slack(self) -> list[str]:
        # A press is recorded when it was answered: by then what it caused has been recorded already.
        traffic = sorted(self._new("slack", self.stage.slack.recorded), key=lambda each: each.at)
        return [line for each in traffic if (line := slack_line(each, self.stage))]

    def _new(self, who: str, recorded: list[Any]) -> list[Any]:
        new = recorded[self._heard[who] :]
        self._heard[who] = len(recorded)
        return new

    def _gitlab(self, exchange: GitLabExchange) -> None:
        request, status = exchange.request, exchange.answer.status
        is_read = request.method in ("GET", "HEAD") or request.path.endswith("/graphql")
        # GitLab says with 404 that there is no protection, no member: that is an answer too.
        if is_read and (status < HTTPStatus.BAD_REQUEST or status == HTTPStatus.NOT_FOUND):
            self._reads[_subject(request.path)] += 1
            return
        self._flush_reads()
        self._say("gitlab", f"{request.method} {unquote(request.path.removeprefix(_API))} -> {status}")

    def _flush_reads(self) -> None:
        if self._reads:
            asked = self._reads.most_common()
            parts = [name if count == 1 else f"{count} x {name}" for name, count in asked]
            self._reads.clear()
            # Following a deployment asks the same again and again, whatever the count.
            self._say("gitlab", f"is asked for {', '.join(parts)}", " ".join(name for name, _ in asked))

    def _say(self, who: str, line: str, alike: str = "") -> None:
        if self._last.get(who) != (alike or line):
            self._last[who] = alike or line
            self.tell(who, line)


def _subject(path: str) -> str:
    """What a path is about: ``/projects/a%2Fb/deployments/7/merge_requests`` is about merge requests."""
    words = [
        part for part in path.removeprefix(_API).split("/") if _WORD.fullmatch(part) and part not in ("all", "self")
    ]
    return words[-1].replace("_", " ") if words else "something"


def slack_line(traffic: SlackExchange, stage: Stage) -> str:
    """How one exchange with Slack reads; empty for what only looks, and for echoes of the bot's own posts."""
    line = _delivered(traffic, stage) if traffic.kind == "delivery" else _called(traffic)
    failure = _failure(traffic)
    if not failure:
        return line
    if traffic.name == "events_api":
        return f"{line}: not taken ({failure}), it is sent again" if line else ""
    return f"{line or traffic.name}: failed, {failure}"


def _failure(traffic: SlackExchange) -> str:
    answer = traffic.answer
    if traffic.kind == "delivery":
        return str(answer) if traffic.status != HTTPStatus.OK and answer else ""
    return str(answer.get("error", "")) if isinstance(answer, dict) and not answer.get("ok") else ""


def _called(traffic: SlackExchange) -> str:
    asked = traffic.request
    if traffic.name in _SILENT:
        return ""
    if traffic.name == "chat.postMessage":
        return f"Backtrace posts: {_first_line(asked.get('text'))}"
    if traffic.name == "chat.update":
        state = str(_object(_object(asked, "metadata"), "event_payload").get("state", "")).replace("_", " ")
        return f"Backtrace edits its card: {state or _first_line(asked.get('text'))}"
    if traffic.name in ("views.open", "views.update"):
        title = _object(_object(asked, "view"), "title").get("text", "")
        return f"Backtrace {'opens' if traffic.name == 'views.open' else 'fills'} the modal: {title}"
    return f"Backtrace calls {traffic.name}"


def _delivered(traffic: SlackExchange, stage: Stage) -> str:
    told = traffic.request
    if traffic.name == "slash_commands":
        return f"{told['user_name']} types {told['command']} {told['text']}"
    if traffic.name == "interactive":
        return f"{told['user']['username']} {_did(told)}"
    event = told["event"]
    if event.get("subtype") in ("message_changed", "message_deleted") or event.get("bot_id") == stage.team.bot_id:
        return ""
    who = event.get("username") or next((u.name for u in stage.team.users if u.id == event.get("user")), "somebody")
    return f"{who} writes: {_first_line(event.get('text') or _attached(event))}"


def _did(told: dict[str, Any]) -> str:
    if told["type"] != "block_actions":
        return {"view_submission": "submits the modal", "view_closed": "closes the modal"}.get(told["type"], "acts")
    action = told["actions"][0]
    label = _object(action, "text") or _object(_object(action, "selected_option"), "text")
    return f"presses {label.get('text', action['action_id'])}"


def _attached(event: dict[str, Any]) -> str:
    attachments = event.get("attachments") or [{}]
    return str(attachments[0].get("title") or attachments[0].get("fallback") or attachments[0].get("text") or "…")


def _object(holder: dict[str, Any], name: str) -> dict[str, Any]:
    """A field that is an object, or the JSON of one, as form fields are."""
    found = holder.get(name)
    if isinstance(found, str):
        found = json.loads(found)
    return found if isinstance(found, dict) else {}


def _first_line(text: object) -> str:
    line = plain(str(text or "")).strip().partition("\n")[0]
    return line if len(line) <= WIDTH else f"{line[:WIDTH]}…"
