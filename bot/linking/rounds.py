"""What linking does by itself: asks GitLab about device grants, tells how attempts ended, has tokens revoked, notices
who has left Slack. All of it is in the store, so a restart goes on with it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.gitlab.client import GitLabError
from bot.linking.linker import Linker
from bot.slack import linking as views
from bot.slack.aside import offer
from bot.slack.client import SlackError
from bot.slack.poster import Poster
from bot.store import Action, LinkAttempt, Store

EVERY_S, WHILE_WAITING_S = 30.0, 0.5
"""Between two rounds; and while somebody stands at GitLab's page for devices."""
LOOKS_AT_SLACK_EVERY = timedelta(hours=6)
"""Slack tells when a user is gone; what it told nobody is seen by then."""

log = logging.getLogger(__name__)


@dataclass(slots=True)
class LinkRounds:
    """``start`` starts what a press asks for."""

    linker: Linker
    store: Store
    poster: Poster
    start: Callable[[Action], Awaitable[None]]
    looked_at: datetime | None = None

    async def keep_going(self) -> None:
        """Never ends by itself."""
        nudged = asyncio.Event()
        self.linker.nudged_by(nudged.set)
        while True:
            nudged.clear()
            try:
                await self.round()
                wait_s = WHILE_WAITING_S if await self.store.link_attempts.devices() else EVERY_S
            except Exception:
                # The next round tries again: nobody waits for this one's error.
                log.exception("a round of linking failed")
                wait_s = EVERY_S
            try:
                async with asyncio.timeout(wait_s):
                    await nudged.wait()
            except TimeoutError:
                pass

    async def round(self) -> None:
        await self.store.link_attempts.expire(self.linker.now())
        await self.linker.end_cut_off()
        for attempt in await self.store.link_attempts.due(self.linker.now()):
            await (self.linker.poll(attempt) if attempt.sealed else self._begin(attempt))
        for attempt in await self.store.link_attempts.untold():
            await self._tell(attempt)
        await self.linker.keeper.revoke_waiting()
        await self._look_at_slack()

    async def _begin(self, attempt: LinkAttempt) -> None:
        if not attempt.is_open(self.linker.now()):
            await self.linker.poll(attempt)
            return
        try:
            invitation = await self.linker.begin_device(attempt)
            await self._say(attempt, invitation.says)
        except GitLabError as error:
            log.warning("a device grant could not be begun: %s", error)
        except SlackError as error:
            log.warning("%s could not be told how to link: %s", attempt.slack_user, error)

    async def _tell(self, attempt: LinkAttempt) -> None:
        try:
            await (self._fulfil(attempt) if attempt.outcome == "linked" else self._refuse(attempt))
        except SlackError as error:
            log.warning("%s could not be told how linking ended: %s", attempt.slack_user, error)
            if not error.permanent:
                return
        await self.store.link_attempts.told(attempt.id, self.linker.now())

    async def _fulfil(self, attempt: LinkAttempt) -> None:
        """Say it, and go on with what was pressed before: in the modal, while that is open, else by a button."""
        incident = await self.store.incidents.get(attempt.incident_id) if attempt.incident_id else None
        if incident is None:
            await self._say(attempt, attempt.says)
            return
        kind = await self._wished(attempt)
        if attempt.view_id and await self.poster.update_view(attempt.view_id, views.WISHES[kind].opens()):
            await self._say(attempt, attempt.says)
            name = f"{kind}-linked-{attempt.id[:20]}"
            wish = Action(name, incident.id, kind, attempt.slack_user, self.linker.now(), attempt.view_id)
            if await self.store.actions.keep(wish):
                await self.start(wish)
            return
        blocks = views.go_on(attempt.says, incident.id, views.WISHES[kind])
        where = (incident.channel, incident.thread_ts or incident.card_ts)
        await offer(self.poster.client, where, attempt.slack_user, attempt.says, blocks)

    async def _wished(self, attempt: LinkAttempt) -> str:
        pressed = [kind for kind in views.WISHES if await self.store.actions.of_view(attempt.view_id, kind)]
        return pressed[0] if pressed else "roll_back"

    async def _refuse(self, attempt: LinkAttempt) -> None:
        wish = views.WISHES[await self._wished(attempt)]
        shown = attempt.view_id and await self.poster.update_view(attempt.view_id, wish.refuses(attempt.says))
        if not shown:
            await self._say(attempt, attempt.says)

    async def _say(self, attempt: LinkAttempt, words: str) -> None:
        if attempt.reply_to:
            await self.poster.reply(attempt.reply_to, words)
        else:
            await self.poster.tell(attempt.channel, attempt.slack_user, words)

    async def _look_at_slack(self) -> None:
        now = self.linker.now()
        if self.looked_at is not None and now - self.looked_at < LOOKS_AT_SLACK_EVERY:
            return
        self.looked_at = now
        for link in await self.store.links.all():
            try:
                is_gone = (await self.linker.person(link.slack_user)).deleted
            except SlackError as error:
                log.warning("Slack does not tell whether %s is still there: %s", link.slack_user, error)
                continue
            if is_gone:
                await self.linker.unlink(link.slack_user, "gone")
