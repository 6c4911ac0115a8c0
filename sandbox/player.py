"""Plays a world: fires the alert, waits for the card, does the world's steps, says what came true."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sandbox.linking import asks_to_link, link
from sandbox.stage import Stage
from sandbox.worlds.model import Expectation, Step

T = TypeVar("T")

WAIT_S = 60.0
LOOK_EVERY_S = 0.05
QUIET_S = 1.0
"""A card that has not changed for so long is done, until somebody does something."""


class NeverCameError(Exception):
    """Something that had to happen did not, in time."""


async def eventually(what: str, look: Callable[[], Awaitable[T | None]], wait_s: float = WAIT_S) -> T:
    """Look again and again until there is something.

    :raises NeverCameError: when there is nothing after ``wait_s`` seconds.
    """
    deadline = time.monotonic() + wait_s
    while True:
        found = await look()
        if found:
            return found
        if time.monotonic() > deadline:
            raise NeverCameError(f"{what}: not within {wait_s:.0f} s")
        await asyncio.sleep(LOOK_EVERY_S)


@dataclass(slots=True)
class Player:
    """``linked``: who had to link first, and what the last page said to them."""

    stage: Stage
    wait_s: float = WAIT_S
    alert_ts: str = field(default="")
    linked: dict[str, str] = field(default_factory=dict)

    async def fire(self) -> None:
        """Post the alert the way its sender does."""
        self.alert_ts = await self.stage.slack.post_webhook(self.stage.alerts, dict(self.stage.world.alert.firing))

    async def card(self) -> dict[str, Any]:
        """The card in the alert's thread, once it stands."""
        return await eventually("the card", self._card, self.wait_s)

    async def play(self, step: Step) -> None:
        ways = {
            "press": self._press,
            "submit": self._submit,
            "resolve": self._resolve,
            "wait": self._wait,
            "post": self._post,
        }
        await ways[step.kind](step)

    async def cards(self, number: int) -> list[dict[str, Any]]:
        """All cards of the channel, oldest first, once there are so many."""

        async def look() -> list[dict[str, Any]] | None:
            messages = await self.stage.slack.messages(self.stage.alerts)
            found = [one for one in messages if one.get("metadata", {}).get("event_type") == "backtrace_card"]
            return found if len(found) >= number else None

        return await eventually(f"{number} cards", look, self.wait_s)

    async def settled(self, state: str) -> dict[str, Any]:
        """The card once it says that the incident is in ``state``."""

        async def look() -> dict[str, Any] | None:
            card = await self._card()
            return card if card and facts_of(card)["state"] == state else None

        return await eventually(f"state {state}", look, self.wait_s)

    async def quiet(self) -> None:
        """Until the cards have not changed for a while: what a rollback's end sets off is written after its state.

        :raises NeverCameError: when they change all the time.
        """
        before, since = "", time.monotonic()

        async def look() -> bool:
            nonlocal before, since
            now = json.dumps(await self.cards(1), sort_keys=True)
            if now != before:
                before, since = now, time.monotonic()
            return time.monotonic() - since >= QUIET_S

        await eventually("an end of the changes on the cards", look, self.wait_s)

    async def _card(self) -> dict[str, Any] | None:
        thread = await self.stage.slack.thread(self.stage.alerts, self.alert_ts)
        cards = [message for message in thread if message.get("metadata", {}).get("event_type") == "backtrace_card"]
        return cards[0] if cards else None

    async def _press(self, step: Step) -> None:
        card = await self.card()
        action, _, value = step.value.partition("=")
        user = self.stage.slack_id(step.user)
        where = (user, self.stage.alerts, card["ts"])
        reply = await self.stage.slack.press(*where, f"backtrace:{action}", value or None)
        if reply.error:
            raise NeverCameError(f"{step.user} pressed {action}, and Slack says {reply.error}")

    async def _submit(self, step: Step) -> None:
        user = self.stage.slack_id(step.user)

        async def ready() -> dict[str, Any] | None:
            view = await self.stage.slack.view_of(user)
            asked = asks_to_link(view) if view and step.user not in self.linked else None
            if asked is not None:
                self.linked[step.user] = await link(*asked, step.user)
            return view if view and view.get("submit") else None

        await eventually("the modal with its submit button", ready, self.wait_s)
        reply = await self.stage.slack.submit(user)
        if reply.error or reply.errors:
            raise NeverCameError(f"{step.user} submitted the modal, and Slack says {reply.error or dict(reply.errors)}")

    async def _post(self, step: Step) -> None:
        await self.stage.slack.post_webhook(self.stage.alerts, dict(self.stage.world.others[int(step.value)]))

    async def _resolve(self, _step: Step) -> None:
        await self.stage.slack.post_webhook(self.stage.alerts, dict(self.stage.world.alert.resolved))

    async def _wait(self, step: Step) -> None:
        await self.settled(step.value)


def facts_of(card: dict[str, Any]) -> dict[str, str]:
    """What the card's metadata says, the way the verdict line prints it: ``-`` for what there is none of."""
    payload = card["metadata"]["event_payload"]
    names = ("outcome", "culprit", "author", "work_item", "deployment", "target", "sha", "state")
    return {name: str(payload.get(name) or "-") for name in names}


def verdict_line(facts: dict[str, str]) -> str:
    outcome = facts["outcome"]
    rest = " ".join(f"{name}={facts[name]}" for name in facts if name != "outcome")
    return f"verdict: {outcome} {rest}"


def misses(facts: dict[str, str], drawn: str, expect: Expectation) -> list[str]:
    """What the world expects and the card does not say; empty when everything came true."""
    wanted = {
        "outcome": expect.outcome,
        "culprit": expect.culprit if isinstance(expect.culprit, str) else _or_dash(expect.culprit, "!"),
        "author": expect.author or "-",
        "work_item": _or_dash(expect.work_item, "#"),
        "deployment": _or_dash(expect.deployment),
        "target": _or_dash(expect.target),
        "sha": expect.sha or "-",
        "state": expect.state,
    }
    wrong = [f"{name}: expected {value}, got {facts[name]}" for name, value in wanted.items() if facts[name] != value]
    wrong += [f'the card does not say "{words}"' for words in expect.card_says if words not in drawn]
    wrong += [f'the card says "{words}"' for words in expect.card_does_not_say if words in drawn]
    return wrong


def _or_dash(number: int | None, sign: str = "") -> str:
    return "-" if number is None else f"{sign}{number}"
