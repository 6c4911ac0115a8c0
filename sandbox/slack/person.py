"""What people (and the senders of alerts) do in this Slack: post, type, press, fill in."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sandbox.slack import payloads, views
from sandbox.slack.calls import SlackError, content_of
from sandbox.slack.conversations import user_of
from sandbox.slack.delivery import Courier
from sandbox.slack.hooks import Hooks
from sandbox.slack.links import Links
from sandbox.slack.payloads import Occasion
from sandbox.slack.presses import action_of, find_element
from sandbox.slack.state import OpenView, ResponseUrl, SlackState
from sandbox.slack.stored import typed
from sandbox.slack.team import Json, SlackChannel, SlackUser
from sandbox.slack.transport import Answer, Delivery

SLACKBOT = "USLACKBOT"


@dataclass(frozen=True, slots=True)
class CommandReply:
    """How a slash command ended for its typist: ``error`` is Slack's word, ``message`` the direct answer if any."""

    error: str = ""
    message: Json | None = None

    @property
    def text(self) -> str:
        return str(self.message["text"]) if self.message else ""


@dataclass(frozen=True, slots=True)
class PressReply:
    """How a press ended: ``error`` is Slack's word, ``url`` where the person's browser goes."""

    error: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class SubmitReply:
    """How a submit ended. ``errors`` are by block id; ``view`` is what stands on the screen now, None when closed."""

    error: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)
    action: str = ""
    view: Json | None = None


@dataclass(slots=True)
class Workspace:
    """The person side. Every method raises LookupError for people, channels, messages and buttons that don't exist,
    and PermissionError where Slack's own client would not offer the thing.
    """

    state: SlackState
    courier: Courier
    hooks: Hooks
    links: Links

    # --- posting ----------------------------------------------------------------------------------------------------

    async def post_webhook(self, channel: str, payload: Mapping[str, Any]) -> str:
        """Post as the sender whose incoming webhook is bound to that channel; the message's ``ts``."""
        for hook in self.state.team.all_webhooks():
            if hook.channel == channel:
                return self.hooks.post(hook, dict(payload))
        raise LookupError(f"no webhook is bound to {channel}")

    async def edit_webhook(self, channel: str, ts: str, payload: Mapping[str, Any]) -> None:
        """Change what a sender posted, as those do who mark an alert as resolved in place."""
        fields = {"blocks": None, "attachments": None, **content_of(self.state, dict(payload))}
        self.state.change(channel, ts, fields)

    async def say(self, user: str, channel: str, text: str, thread_ts: str | None = None) -> str:
        """Type a message; its ``ts``."""
        who, where = self._person(user), self._place(user, channel)
        message: Json = {"user": who.id, "text": typed(text), "team": who.team_id or self.state.team.team_id}
        if thread_ts is not None:
            message["thread_ts"] = thread_ts
        return str(self.state.add(where.id, message)["ts"])

    # --- asking the bot ---------------------------------------------------------------------------------------------

    async def command(self, user: str, channel: str, text: str) -> CommandReply:
        """Type a slash command: ``/backtrace login errors``, or only what follows ``/backtrace``."""
        who, where = self._person(user), self._place(user, channel)
        command, _, rest = text.partition(" ") if text.startswith("/") else ("/backtrace", "", text)
        occasion = self._occasion(who, where.id, None)
        body = payloads.slash_command(occasion, where, command, rest.strip())
        answer = await self.courier.ask(Delivery("slash_commands", body))
        error = _shown_error(answer)
        if not error:
            try:
                return CommandReply(message=self._direct_answer(who, where, answer.body))
            except SlackError:
                error = "invalid_command_response"
        self._tell_failure(who, where, f'{command} failed with the error "{error}"')
        return CommandReply(error)

    async def press(self, user: str, channel: str, ts: str, action_id: str, value: str | None = None) -> PressReply:
        """Press a button, or choose the option ``value`` of a menu, in a message that this person sees."""
        who, where = self._person(user), self._place(user, channel)
        message = self.state.find(channel, ts) or self.state.find_ephemeral(user, ts)
        if message is None:
            raise LookupError(f"no message {ts} in {channel}")
        block, element = find_element(message, action_id, value)
        if user not in element.get("visible_to_user_ids", [user]):
            raise PermissionError(f"{user} does not see {action_id}")
        action = {**action_of(element, value), "block_id": block["block_id"], "action_ts": self.state.next_ts()}
        body = payloads.message_press(self._occasion(who, channel, ts), where, message, action)
        error = _shown_error(await self.courier.ask(Delivery("interactive", body)))
        if error:
            self._tell_failure(who, where, f'This button failed with the error "{error}"')
        return PressReply(error, str(element.get("url", "")))

    async def shortcut(self, user: str, channel: str, ts: str, callback_id: str = "trace_alert") -> PressReply:
        """Choose a shortcut of the app in a message's menu."""
        who, where = self._person(user), self._place(user, channel)
        message = self.state.find(channel, ts)
        if message is None:
            raise LookupError(f"no message {ts} in {channel}")
        body = payloads.message_action(self._occasion(who, channel, ts), where, message, callback_id)
        error = _shown_error(await self.courier.ask(Delivery("interactive", body)))
        if error:
            self._tell_failure(who, where, f'This shortcut failed with the error "{error}"')
        return PressReply(error)

    async def submit(
        self, user: str, view_id: str | None = None, values: Mapping[str, Any] | None = None
    ) -> SubmitReply:
        """Submit the modal on top, or that one. ``values`` by action id: text, an option's value, a list of values."""
        who, held = self._person(user), self._open_view(user, view_id)
        if held.view["submit"] is None:
            raise PermissionError("this modal has no submit button")
        held.view = views.with_values(held.view, values or {})
        missing = views.unanswered(held.view)
        if missing:
            return SubmitReply(errors=missing, action="errors", view=held.view)
        occasion = Occasion(self.state.team, who, self.state.next_trigger(user))
        answer = await self.courier.ask(Delivery("interactive", payloads.view_submission(occasion, held.view)))
        error = _shown_error(answer)
        if error:
            return SubmitReply(error, view=held.view)
        return self._after_submit(held, answer.body)

    async def close(self, user: str, view_id: str | None = None) -> None:
        """Close a modal by hand; the bot hears of it when the view asked for that."""
        who, held = self._person(user), self._open_view(user, view_id)
        views.close_view(self.state, held)
        if held.view["notify_on_close"]:
            occasion = Occasion(self.state.team, who, "")
            body = payloads.view_closed(occasion, held.view, is_cleared=False)
            await self.courier.ask(Delivery("interactive", body))

    async def leave(self, user: str) -> None:
        """An administrator deactivates somebody; the bot hears of it."""
        who = replace(self._person(user), deleted=True)
        team = self.state.team
        self.state.team = replace(team, users=tuple(who if one.id == user else one for one in team.users))
        self.courier.tell({"type": "user_change", "user": user_of(self.state.team, who, self.state.clock())})

    # --- looking ----------------------------------------------------------------------------------------------------

    async def messages(self, channel: str) -> list[Json]:
        """Everything in a channel, threads included, oldest first."""
        return copy.deepcopy(self.state.in_channel(channel))

    async def thread(self, channel: str, ts: str) -> list[Json]:
        """The answers to a message, oldest first, without the message itself."""
        return copy.deepcopy(self.state.replies(channel, ts))

    async def ephemerals(self, user: str) -> list[Json]:
        """What this person alone was shown, oldest first."""
        return copy.deepcopy(self.state.ephemerals.get(user, []))

    async def view_of(self, user: str) -> Json | None:
        """The modal on top of this person's screen."""
        stack = self.state.views.get(user)
        return copy.deepcopy(stack[-1].view) if stack else None

    # --- inside -----------------------------------------------------------------------------------------------------

    def _person(self, user: str) -> SlackUser:
        found = self.state.team.user(user)
        if found is None:
            raise LookupError(f"no user {user}")
        return found

    def _place(self, user: str, channel: str) -> SlackChannel:
        found = self.state.channel(channel)
        if found is None:
            raise LookupError(f"no channel {channel}")
        if user not in self.state.team.members(found):
            raise PermissionError(f"{user} is not in {channel}")
        return found

    def _open_view(self, user: str, view_id: str | None) -> OpenView:
        for held in reversed(self.state.views.get(user, [])):
            if view_id in (None, held.view["id"]):
                return held
        raise LookupError(f"no open modal for {user}")

    def _occasion(self, who: SlackUser, channel: str, ts: str | None) -> Occasion:
        response_url = self.links.url + self.state.next_response_url(who.id, channel, ts)
        return Occasion(self.state.team, who, self.state.next_trigger(who.id), response_url)

    def _direct_answer(self, who: SlackUser, where: SlackChannel, body: Json | str | None) -> Json | None:
        if body is None:
            return None
        payload = {"text": body} if isinstance(body, str) else body
        return self.hooks.answer(ResponseUrl(who.id, where.id, None, self.state.clock()), payload)

    def _after_submit(self, held: OpenView, body: Json | str | None) -> SubmitReply:
        answer = body if isinstance(body, dict) else {}
        action = str(answer.get("response_action", ""))
        if action == "errors":
            return SubmitReply(errors=answer.get("errors", {}), action=action, view=held.view)
        try:
            self._apply(action, held, answer.get("view"))
        except SlackError as error:
            return SubmitReply(error.code, action=action, view=held.view)
        stack = self.state.views.get(held.user)
        return SubmitReply(action=action, view=stack[-1].view if stack else None)

    def _apply(self, action: str, held: OpenView, view: object) -> None:
        if action == "update":
            views.replace_view(self.state, held, views.checked_view(view))
        elif action == "push":
            views.push_view(self.state, held, views.checked_view(view))
        elif action == "clear":
            self.state.views[held.user].clear()
            self.state.touch()
        elif held in self.state.views.get(held.user, []):
            views.close_view(self.state, held)

    def _tell_failure(self, who: SlackUser, where: SlackChannel, text: str) -> None:
        self.state.show_only_to(who.id, where.id, {"user": SLACKBOT, "text": typed(text)})


def _shown_error(answer: Answer) -> str:
    if not answer.failure:
        return ""
    return "operation_timeout" if "timeout" in answer.failure else "dispatch_failed"
