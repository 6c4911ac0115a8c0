"""``/backtrace link``, ``/backtrace link status`` and ``/backtrace unlink``: what their asker alone is answered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot.linking import words
from bot.linking.errors import NOT_SET_UP
from bot.linking.linker import Linker
from bot.linking.parties import Asker
from bot.settings import Settings
from bot.slack.audience import Audience
from bot.slack.hands import CommandRequest
from bot.store import LinkStore
from bot.store.links import Why

LINK, STATUS, UNLINK = "link", "link status", "unlink"


@dataclass(frozen=True, slots=True)
class LinkCommands:
    """``linker`` is None where nobody can link."""

    settings: Settings
    links: LinkStore
    audience: Audience
    linker: Linker | None
    clock: Callable[[], datetime]

    async def answer(self, request: CommandRequest) -> str | None:
        """The answer; None where the words ask for something else."""
        asked = " ".join(request.text.lower().split())
        if asked not in (LINK, STATUS, UNLINK):
            return None
        refusal = await self.audience.of_person(request.team_id, request.user)
        if refusal:
            return refusal
        if asked == UNLINK:
            return await self._unlink(request.user, "asked")
        if self.linker is None:
            return words.acts_as_bot() if self.settings.gitlab.act_as == "bot" else NOT_SET_UP
        return await (self._status(request.channel) if asked == STATUS else self._link(self.linker, request))

    async def gone(self, slack_user: str) -> None:
        """Slack says that this user is gone: nobody may act as them any more."""
        await self._unlink(slack_user, "gone")

    async def _unlink(self, slack_user: str, why: Why) -> str:
        if self.linker is not None:
            username = await self.linker.unlink(slack_user, why)
            return words.unlinked(username) if username else words.not_linked()
        # From before a change of the settings. Its tokens wait, should there be an application again.
        link = await self.links.end(slack_user, self.clock(), why)
        return words.unlinked_only_here(link.username) if link else words.not_linked()

    async def _link(self, linker: Linker, request: CommandRequest) -> str:
        link = await self.links.get(request.user)
        if link is not None and await linker.is_linked(request.user):
            return words.linked_already(link.username)
        asker = Asker(request.user, request.team_id, request.channel, request.response_url)
        if linker.way == "page":
            return (await linker.invite(asker)).says
        await linker.want_device(asker)
        linker.nudge()
        return words.WAIT

    async def _status(self, channel: str) -> str:
        shown = [one for one in self.settings.catalog.services if not one.channels or channel in one.channels]
        on_call = {username for service in shown for username in service.on_call}
        whom = "those who are on call (on_call)" if on_call else "those in [people]"
        wanted = on_call or set(self.settings.people.values())
        links = {link.username.casefold(): link for link in await self.links.all()}
        found = {username: links.get(username.casefold()) for username in sorted(wanted)}
        return words.status(
            linked=[name for name, link in found.items() if link is not None and not link.broken],
            missing=[name for name, link in found.items() if link is None],
            broken=[name for name, link in found.items() if link is not None and link.broken],
            whom=whom,
        )
