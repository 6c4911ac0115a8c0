"""Linking, step by step: the invitation, the code, the way through GitLab, the pair.

Somebody may send another person their own invitation. So a browser must first have entered the code that only the
asker sees in Slack, and must bring back the cookie that it got for that; and the pair is checked at the end.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from bot.gitlab.client import GitLabError, GitLabRefused
from bot.gitlab.oauth import OAuthRefused
from bot.linking import vault as secrets
from bot.linking import words
from bot.linking.pair import SlackPerson
from bot.linking.pairing import Pairing
from bot.linking.parties import Asker, Invitation, Parties, Sent
from bot.linking.tokens import TokenKeeper
from bot.linking.vault import Vault, VaultError
from bot.store import LinkAttempt, Store
from bot.store.link_attempts import MOST_TRIES
from bot.store.links import Why

PAGE, BACK = "/link", "/gitlab/linked"
"""Below ``public_url``: the page that asks for the code, and where GitLab sends the browser back to."""

log = logging.getLogger(__name__)


class Linker:
    def __init__(self, parties: Parties, store: Store, vault: Vault, keeper: TokenKeeper) -> None:
        self._parties = parties
        self._links, self._attempts = store.links, store.link_attempts
        self._vault = vault
        self._pairing = Pairing(parties, store, keeper)
        self.keeper = keeper

    def nudge(self) -> None:
        """There is something to tell or to ask GitLab."""
        self._pairing.nudge()

    def nudged_by(self, nudge: Callable[[], None]) -> None:
        """Whom to tell so: then nobody waits for the next round."""
        self._pairing.nudge = nudge

    @property
    def way(self) -> str:
        return "page" if self._parties.settings.bot.public_url else "device"

    def now(self) -> datetime:
        return self._parties.clock()

    async def is_linked(self, slack_user: str) -> bool:
        """Whether there is a link of use, as far as is known without asking GitLab."""
        link = await self._links.get(slack_user)
        if link is None or link.broken:
            return False
        return self._parties.settings.people.get(slack_user, link.username).casefold() == link.username.casefold()

    # --- the invitation ---------------------------------------------------------------------------------------------

    async def invite(self, asker: Asker) -> Invitation:
        """Begin; an older invitation of the same person is over.

        :raises GitLabError: where GitLab has to give the code, and does not.
        """
        if self.way == "page":
            return await self._invite_to_page(asker)
        return await self.begin_device(await self.want_device(asker))

    async def _invite_to_page(self, asker: Asker) -> Invitation:
        key, code = secrets.new_secret(), secrets.new_code()
        sealed = self._vault.seal({"code": code, "verifier": secrets.new_secret()})
        await self._attempts.keep(self._attempt(asker, secrets.digest(key), sealed))
        return Invitation("page", f"{self._parties.settings.bot.public_url}{PAGE}/{key}", code)

    async def want_device(self, asker: Asker) -> LinkAttempt:
        """Keep the wish; :meth:`begin_device` asks GitLab, which takes longer than Slack waits for an answer."""
        attempt = self._attempt(asker, secrets.digest(secrets.new_secret()), "")
        await self._attempts.keep(attempt)
        return attempt

    async def begin_device(self, attempt: LinkAttempt) -> Invitation:
        """:raises GitLabError: GitLab gives no code; the attempt is over then."""
        try:
            device = await self._parties.oauth.begin_device()
        except GitLabError as error:
            gone = isinstance(error, GitLabRefused) and error.is_missing
            says = words.TOO_OLD if gone else f"GitLab gave no code for linking ({error})."
            await self._attempts.finish(attempt.id, "refused", says, self.now())
            self.nudge()
            raise GitLabError(says) from error
        sealed = self._vault.seal({"device_code": device.secret})
        wait, now = timedelta(seconds=device.interval_s), self.now()
        until = now + min(words.LIVES, timedelta(seconds=device.lives_s))
        await self._attempts.begin_device(attempt.id, sealed, until, now + wait, device.interval_s)
        self.nudge()
        return Invitation("device", device.page, device.user_code)

    def _attempt(self, asker: Asker, attempt_id: str, sealed: str) -> LinkAttempt:
        now = self.now()
        return LinkAttempt(
            id=attempt_id,
            slack_user=asker.slack_user,
            team=asker.team,
            channel=asker.channel,
            way="page" if self.way == "page" else "device",
            asked_at=now,
            expires_at=now + words.LIVES,
            reply_to=asker.reply_to,
            incident_id=asker.incident_id,
            view_id=asker.view_id,
            sealed=sealed,
            poll_at=now if self.way == "device" else None,
        )

    # --- the page ---------------------------------------------------------------------------------------------------

    async def invited(self, key: str) -> LinkAttempt | None:
        """The attempt whose page this is, as long as a code may be entered there."""
        attempt = await self._attempts.get(secrets.digest(key))
        is_here = attempt is not None and attempt.way == "page" and attempt.confirmed_at is None
        return attempt if is_here and attempt is not None and attempt.is_open(self.now()) else None

    async def person(self, slack_user: str) -> SlackPerson:
        """:raises SlackError: when Slack does not tell who it is."""
        return await self._parties.slack_person(slack_user)

    async def enter_code(self, attempt: LinkAttempt, code: str) -> Sent | int:
        """Where to go on; or how many more codes may be entered."""
        tries = await self._attempts.count_try(attempt.id)
        if tries > MOST_TRIES:
            return 0
        kept = self._opened(attempt)
        if not kept or not secrets.is_code(code, kept["code"]):
            if tries == MOST_TRIES:
                await self._pairing.end(attempt, words.MANY_CODES)
            return MOST_TRIES - tries
        state, cookie = secrets.new_secret(), secrets.new_secret()
        digests = (secrets.digest(state), secrets.digest(cookie))
        if not await self._attempts.confirm(attempt.id, digests, self.now()):
            return 0
        return Sent(self._parties.oauth.authorize_url(self._back, state, kept["verifier"]), cookie)

    async def come_back(self, state: str, cookie: str, code: str) -> str:
        """A browser comes from GitLab; ``code`` is empty where the person said no. Returns what the page says."""
        attempt = await self._attempts.of_state(secrets.digest(state)) if state else None
        if attempt is None or not attempt.is_open(self.now()):
            return words.OVER
        if not cookie or not secrets.is_same(cookie, attempt.cookie_digest):
            return await self._pairing.end(attempt, words.OTHER_BROWSER)
        if not code:
            return await self._pairing.end(attempt, words.DENIED)
        kept = self._opened(attempt)
        # Once, whatever comes of it: a second request with the same address finds it taken.
        if not kept or not await self._attempts.take(attempt.id, self.now()):
            return words.OVER
        try:
            tokens = await self._parties.oauth.exchange(code, self._back, kept["verifier"])
        except GitLabError as error:
            log.warning("GitLab gave no token for the code of a link: %s", error)
            return await self._pairing.said(attempt, words.NO_ANSWER)
        return await self._pairing.pair(attempt, tokens, await self._pairing.hold(tokens))

    @property
    def _back(self) -> str:
        return f"{self._parties.settings.bot.public_url}{BACK}"

    # --- the device grant -------------------------------------------------------------------------------------------

    async def poll(self, attempt: LinkAttempt) -> None:
        """Ask GitLab once whether the person has decided, and go on if so (RFC 8628, 3.5)."""
        kept = self._opened(attempt)
        if not kept or not attempt.is_open(self.now()):
            await self._pairing.end(attempt, words.LATE)
            return
        every_s = attempt.interval_s
        try:
            tokens = await self._parties.oauth.poll_device(kept["device_code"])
        except OAuthRefused as error:
            if error.error not in ("authorization_pending", "slow_down"):
                await self._pairing.end(attempt, words.DENIED if error.error == "access_denied" else words.LATE)
                return
            every_s += 5 if error.error == "slow_down" else 0
        except GitLabError as error:
            log.warning("GitLab could not be asked about a device grant: %s", error)
        else:
            held = await self._pairing.hold(tokens)
            if await self._attempts.take(attempt.id, self.now()):
                await self._pairing.pair(attempt, tokens, held)
            else:
                await self._pairing.give_back(held)
            return
        await self._attempts.poll_later(attempt.id, self.now() + timedelta(seconds=every_s), every_s)

    # --- the end ----------------------------------------------------------------------------------------------------

    async def end_cut_off(self) -> None:
        """End in words what a stop of the bot has cut off."""
        await self._pairing.end_cut_off()

    async def unlink(self, slack_user: str, why: Why) -> str:
        """Forget a link at once; GitLab is told next. Returns the GitLab username, empty where there was none."""
        link = await self._links.end(slack_user, self.now(), why)
        self.nudge()
        if link is not None:
            log.info("Slack member %s is not linked to the GitLab user %s any more", slack_user, link.username)
        return link.username if link else ""

    def _opened(self, attempt: LinkAttempt) -> dict[str, str]:
        try:
            return self._vault.open(attempt.sealed) if attempt.sealed else {}
        except VaultError:
            return {}
