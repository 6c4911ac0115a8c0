"""Keeps every delivery before it is acknowledged, and starts what answers it.

What people talk is never written down, unless they ask about it: of their messages only the newest time in a channel
is kept.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot import audit_words, in_view
from bot.arrivals import Arrivals
from bot.catch_up import CatchUp
from bot.holding import Holding
from bot.linking.commands import LinkCommands
from bot.names import usernames_of
from bot.proving import look_after_rollbacks
from bot.settings import Settings
from bot.slack import command
from bot.slack.audience import Audience
from bot.slack.client import SlackError
from bot.slack.hands import CommandRequest, Hands, MessageDelivery, Press, Shortcut
from bot.slack.linking import WISHES
from bot.slack.poster import Poster
from bot.slack.why import no_why_modal, why_modal
from bot.slack.withheld import SAYS as CONFIDENTIAL
from bot.store import Action, Incident, NewIncident, Pause, Store, Which
from bot.submits import KEEP_WITHIN_S, Submits
from bot.taking_up import take_up
from bot.workflows import Starter
from bot.workflows.withholding import withheld

NO_CARD = "Backtrace does not know this card. Ask again with /backtrace."

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Inbox:
    settings: Settings
    store: Store
    poster: Poster
    catching_up: CatchUp
    start: Starter
    own_team: str
    own_bot_id: str
    clock: Callable[[], datetime]
    audience: Audience
    linking: LinkCommands

    @property
    def hands(self) -> Hands:
        """What the Slack side hands over to."""
        submits = Submits(self.store, self.start, self.clock, self._is_own_team)
        hands = (
            self.keep_message,
            self.command,
            self.press,
            self.why,
            submits.roll_back,
            self.trace,
            self.linking.gone,
        )
        return Hands(*hands, submits.switch_flag)

    async def keep_message(self, delivery: MessageDelivery) -> None:
        """Keep what is an alert, and start answering it.

        :raises TimeoutError: when it could not be kept in time; Slack then sends it again.
        """
        if not self._is_ours(delivery.team_id, delivery.channel):
            return
        try:
            async with asyncio.timeout(KEEP_WITHIN_S):
                await self._keep(delivery.event_id, delivery.team_id, delivery.channel, delivery.message)
                await self.catching_up.heard(delivery.channel, delivery.ts)
        except BaseException:
            # Slack gives up after three more tries; the channel's history does not.
            self.catching_up.missed(delivery.channel)
            raise

    async def _keep(self, event_id: str, team: str, channel: str, message: Mapping[str, Any]) -> None:
        await self._arrivals.take(event_id, team, channel, message)

    @property
    def _arrivals(self) -> Arrivals:
        return Arrivals(self.settings, self.store, self.start, self.own_bot_id, self.clock)

    async def trace(self, shortcut: Shortcut) -> None:
        """Answer about a message, from whomever it is, since somebody asks for it; tell them alone where there is
        nothing to do.
        """
        if not self._is_own_team(shortcut.team_id):
            refusal: str | None = command.other_workspace()
        elif shortcut.channel not in self.settings.slack.channels:
            refusal = command.not_in_this_channel()
        else:
            refusal = await self.audience.refusal(shortcut.team_id, shortcut.user, shortcut.channel)
        if not refusal:
            async with asyncio.timeout(KEEP_WITHIN_S):
                refusal = await self._arrivals.ask(shortcut, f"q{_digest(shortcut.trigger_id)}")
        if refusal:
            await self._tell(shortcut.channel, shortcut.user, refusal)

    async def command(self, request: CommandRequest) -> str:
        """Keep a question and start answering it. Returns what the asker sees at once."""
        words = request.text.strip()
        if words.lower() in ("", "help"):
            return command.usage()
        if not self._is_own_team(request.team_id):
            return command.other_workspace()
        return await self._obeyed(request, words) or await self._asked(request, words)

    async def _obeyed(self, request: CommandRequest, words: str) -> str:
        """The answer to a command of ours; empty where the words are a question."""
        presses = audit_words.asked(words)
        if presses is not None:
            return await self._audit(request, presses)
        async with asyncio.timeout(KEEP_WITHIN_S):
            about_link = await self.linking.answer(request)
        if about_link is not None:
            return about_link
        pause = command.pause_of(words)
        return await self._pause(request, pause) if pause is not None else command.mistyped(words)

    async def _asked(self, request: CommandRequest, words: str) -> str:
        key = f"{request.team_id}-{request.channel}-q{_digest(request.trigger_id)}"
        incident = NewIncident(
            id=key,
            team=request.team_id,
            channel=request.channel,
            thread_ts=None,
            received_at=self.clock(),
            question=words,
            asked_by=request.user,
            reply_to=request.response_url,
        )
        async with asyncio.timeout(KEEP_WITHIN_S):
            await self.store.incidents.keep(f"command-{_digest(request.trigger_id)}", incident)
            await self.start.question(incident.id)
        return command.looking()

    async def _audit(self, request: CommandRequest, presses: int) -> str:
        refusal = await self.audience.refusal(request.team_id, request.user, request.channel)
        if refusal:
            return refusal
        if request.channel not in self.settings.slack.channels:
            return command.no_presses_here()
        async with asyncio.timeout(KEEP_WITHIN_S):
            entries = await self.store.audit.entries(Which(channel=request.channel, limit=presses))
            links = await self.store.links.all()
        return audit_words.audit_words(entries, usernames_of(self.settings.people, links))

    async def _pause(self, request: CommandRequest, length: timedelta) -> str:
        now, name = self.clock(), _digest(request.trigger_id)
        pause = Pause(name, request.team_id, request.channel, request.user, now, now + length, request.response_url)
        async with asyncio.timeout(KEEP_WITHIN_S):
            await self.store.pauses.keep(pause)
            await self.start.pause(pause.id)
        return command.pausing()

    async def press(self, press: Press) -> None:
        """Keep a press and start what it asks for."""
        async with asyncio.timeout(KEEP_WITHIN_S):
            incident = await self.store.incidents.get(press.value)
            if incident is None or not await self._is_offered(incident, press):
                log.warning("a press on no card of ours, by %s in %s", press.user, press.channel)
                await self._refuse(press, NO_CARD if self._is_own_team(press.team_id) else command.other_workspace())
                return
            action_id = f"{press.kind}-{_digest(press.trigger_id)}"
            detail = press.view_id or press.change
            facts = in_view.of_card(incident.verdict)
            action = Action(action_id, incident.id, press.kind, press.user, self.clock(), detail, facts=facts)
            if await self.store.actions.keep(action):
                await self.start.action(action)

    async def why(self, press: Press) -> dict[str, Any]:
        """The modal that explains a card. It is read from what is kept; nothing is asked, and nothing is started."""
        incident = await self.store.incidents.get(press.value)
        if incident is None or not self._stands_there(incident, press):
            return no_why_modal(NO_CARD)
        refusal = await self.audience.refusal(incident.team, press.user, incident.channel)
        if refusal:
            return no_why_modal(refusal)
        if await withheld(self.store, self.settings.catalog, incident):
            return no_why_modal(CONFIDENTIAL)
        return why_modal(incident.verdict) if incident.verdict else no_why_modal("The trace has no result yet.")

    async def _refuse(self, press: Press, words: str) -> None:
        try:
            if press.view_id:
                await self.poster.update_view(press.view_id, WISHES[press.kind].refuses(words))
                return
        except SlackError as error:
            log.warning("%s could not be told why nothing happens: %s", press.user, error)
        else:
            await self._tell(press.channel, press.user, words)

    async def _tell(self, channel: str, user: str, words: str) -> None:
        try:
            await self.poster.tell(channel, user, words)
        except SlackError as error:
            log.warning("%s could not be told why nothing happens: %s", user, error)

    async def _is_offered(self, incident: Incident, press: Press) -> bool:
        """Whether the button stands on the incident's card, or was shown to this person alone after they had linked."""
        if self._stands_there(incident, press):
            return True
        is_theirs = incident.channel == press.channel and self._is_own_team(press.team_id)
        return is_theirs and press.kind in WISHES and await self.store.link_attempts.wished(press.user, incident.id)

    def _stands_there(self, incident: Incident, press: Press) -> bool:
        # The value of a button comes back from outside: only a card that stands where it was pressed counts. A quick
        # press comes before it is noted where the card stands.
        is_there = incident.channel == press.channel and incident.card_ts in (None, press.message_ts)
        return is_there and self._is_own_team(press.team_id)

    async def take_up(self) -> None:
        """Start everything that is kept and not finished, see :mod:`bot.taking_up`."""
        await take_up(self.store, self.start, self.clock, Holding(self.settings, self.store))
        await look_after_rollbacks(self.store, self.settings, self.start, self.clock(), self.catching_up.behind)

    async def catch_up(self) -> None:
        """Take up what the channels got while nobody listened. What can't be read now is read at the next call."""
        await self.catching_up.run(self._keep_missed)

    async def reconnected(self) -> None:
        """Slack keeps nothing for an app that isn't connected: all channels may have got something meanwhile."""
        self.catching_up.missed()
        await self.catch_up()

    async def _keep_missed(self, channel: str, message: Mapping[str, Any]) -> None:
        await self._keep(f"history-{channel}-{message['ts']}", self.own_team, channel, message)

    def _is_ours(self, team: str, channel: str) -> bool:
        return self._is_own_team(team) and channel in self.settings.slack.channels

    def _is_own_team(self, team: str) -> bool:
        return team == self.own_team or team in self.settings.slack.allow_teams


def _digest(trigger_id: str) -> str:
    # A trigger id is one press; it opens views for three seconds, so it is not itself written down.
    return hashlib.sha256(trigger_id.encode()).hexdigest()[:20]
