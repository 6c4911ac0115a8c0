"""What Slack sends, handed over. Listeners translate, hand over and acknowledge, in this order, and do nothing else."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.slack import after_buttons, cancel_button, card_buttons, flag_modal, modal, ruled_out
from bot.slack.command import COMMAND, TRACE
from bot.slack.hands import Hands
from bot.slack.linking import OPEN_LINK, WISHES
from bot.slack.payloads import command_of, delivery_of, flag_submit_of, gone_of, press_of, shortcut_of, submit_of
from bot.slack.poster import Poster
from bot.slack.text import escape_lines

WITHIN_S = 2.5
"""Slack waits 3 s for an answer; what takes longer is refused, so that it is sent, or pressed, again."""

MOST_ANSWER = 3000

_PRESSES = (
    card_buttons.ASSIGN,
    card_buttons.PAGE,
    card_buttons.NOT_CULPRIT,
    ruled_out.PUT_BACK,
    card_buttons.OPEN_INCIDENT,
    card_buttons.STOP,
    card_buttons.CLAIM,
    card_buttons.AGREE,
    after_buttons.REVERT,
)
_OPENING_A_MODAL = (
    card_buttons.ROLL_BACK,
    cancel_button.CANCEL,
    card_buttons.SWITCH_FLAG,
    card_buttons.MORE,
    after_buttons.ROLL_FORWARD,
)
_LINKS = (
    card_buttons.OPEN_MR,
    card_buttons.OPEN_JOB,
    card_buttons.OPEN_DEPLOYMENTS,
    after_buttons.OPEN_REVERT,
    OPEN_LINK,
)

_MODALS = {kind: wish.opens for kind, wish in WISHES.items()}
"""The kinds of press that are confirmed in a modal, and with which it opens; the menu offers others too."""

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Listeners:
    poster: Poster
    hands: Hands
    within_s: float = WITHIN_S

    def register(self, app: AsyncApp) -> None:
        app.event("message")(self.message)
        app.event("user_change")(self.user_change)
        app.command(COMMAND)(self.command)
        app.message_shortcut(TRACE)(self.trace)
        app.view(modal.SUBMIT_ID)(self.submit)
        app.view(flag_modal.SUBMIT_ID)(self.switch_flag)
        app.action(card_buttons.WHY)(self.why)
        handled = ((_PRESSES, self.press), (_OPENING_A_MODAL, self.press_with_modal), (_LINKS, self.link))
        for action_ids, listener in handled:
            for action_id in action_ids:
                app.action(action_id)(listener)

    async def message(self, body: Body) -> None:
        delivery = delivery_of(body)
        if delivery is not None:
            async with asyncio.timeout(self.within_s):
                await self.hands.keep_message(delivery)

    async def user_change(self, body: Body) -> None:
        gone = gone_of(body)
        if gone:
            async with asyncio.timeout(self.within_s):
                await self.hands.user_gone(gone)

    async def command(self, ack: AsyncAck, body: Body) -> None:
        async with asyncio.timeout(self.within_s):
            answer = await self.hands.command(command_of(body))
        await ack(escape_lines(answer, MOST_ANSWER))

    async def trace(self, ack: AsyncAck, body: Body) -> None:
        shortcut = shortcut_of(body)
        if shortcut is not None:
            async with asyncio.timeout(self.within_s):
                await self.hands.trace(shortcut)
        await ack()

    async def press(self, ack: AsyncAck, body: Body) -> None:
        pressed = press_of(body)
        if pressed is not None:
            async with asyncio.timeout(self.within_s):
                await self.hands.press(pressed)
        await ack()

    async def press_with_modal(self, ack: AsyncAck, body: Body) -> None:
        pressed = press_of(body)
        if pressed is not None:
            async with asyncio.timeout(self.within_s):
                if pressed.kind in _MODALS:
                    view_id = await self.poster.open_view(pressed.trigger_id, _MODALS[pressed.kind]())
                    pressed = replace(pressed, view_id=view_id)
                await self.hands.press(pressed)
        await ack()

    async def why(self, ack: AsyncAck, body: Body) -> None:
        pressed = press_of(body)
        if pressed is not None:
            async with asyncio.timeout(self.within_s):
                await self.poster.open_view(pressed.trigger_id, await self.hands.why(pressed))
        await ack()

    async def submit(self, ack: AsyncAck, body: Body) -> None:
        async with asyncio.timeout(self.within_s):
            answer = await self.hands.submit(submit_of(body))
        await ack(response_action="update", view=answer.view)

    async def switch_flag(self, ack: AsyncAck, body: Body) -> None:
        async with asyncio.timeout(self.within_s):
            answer = await self.hands.switch_flag(flag_submit_of(body))
        await ack(response_action="update", view=answer.view)

    async def link(self, ack: AsyncAck) -> None:
        # Slack tells of a click on a link too, and shows a warning where nobody acknowledges it.
        await ack()
