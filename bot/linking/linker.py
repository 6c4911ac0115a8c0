"""Linking, step by step: the invitation, the code, the way through GitLab, the pair.

Somebody may send another person their own invitation. So a browser must first have entered the code that only the
asker sees in Slack, and must bring back the cookie that it got for that; and the pair is checked at the end.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.gitlab.client import GitLabClient, GitLabError, GitLabRefused
from bot.gitlab.oauth import SCOPE, GitLabOAuth, OAuthRefused, Tokens
from bot.linking import vault as secrets
from bot.linking import words
from bot.linking.pair import GitLabPerson, SlackPerson, why_not
from bot.linking.tokens import TokenKeeper
from bot.linking.vault import Vault, VaultError
from bot.linking.whoami import whoami
from bot.settings import Settings
from bot.slack.audience import Audience
from bot.slack.client import SlackError
from bot.store import Link, LinkAttempt, Store
from bot.store.link_attempts import MOST_TRIES

PAGE, BACK = "/link", "/gitlab/linked"
"""Below ``public_url``: the page that asks for the code, and where GitLab sends the browser back to."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Asker:
    """Who wants to link, and where they are told. ``incident_id`` and ``view_id``: what they pressed, if anything."""

    slack_user: str
    team: str
    channel: str
    reply_to: str | None = None
    incident_id: str = ""
    view_id: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class Invitation:
    """``url`` and ``code`` are for the asker alone. ``way``: whose page it is, ours or GitLab's."""

    way: str
    url: str
    code: str

    @property
    def says(self) -> str:
        return (words.invitation if self.way == "page" else words.device_invitation)(self.url, self.code)


@dataclass(frozen=True, slots=True, repr=False)
class Sent:
    """Where a browser goes after the right code, and the cookie that it must bring back."""

    url: str
    cookie: str


@dataclass(frozen=True, slots=True)
class Parties:
    """What a linker works with, beside the store. ``tell`` says words in a channel to one person alone."""

    settings: Settings
    oauth: GitLabOAuth
    client_of: Callable[[str], GitLabClient]
    slack_person: Callable[[str], Awaitable[SlackPerson]]
    audience: Audience
    tell: Callable[[str, str, str], Awaitable[None]]
    clock: Callable[[], datetime]


class Linker:
    """``nudge`` is called when there is something to tell or to ask, so that nobody waits for the next round."""

    def __init__(self, parties: Parties, store: Store, vault: Vault, keeper: TokenKeeper) -> None:
        self._parties = parties
        self._links, self._attempts = store.links, store.link_attempts
        self._vault = vault
        self.keeper = keeper
        self.nudge: Callable[[], None] = lambda: None

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
            gone = isinstance(error, GitLabRefused) and error.status == 404  # noqa: PLR2004 - HTTP
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
                await self._end(attempt, words.MANY_CODES)
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
            return await self._end(attempt, words.OTHER_BROWSER)
        if not code:
            return await self._end(attempt, words.DENIED)
        kept = self._opened(attempt)
        # Once, whatever comes of it: a second request with the same address finds it taken.
        if not kept or not await self._attempts.take(attempt.id, self.now()):
            return words.OVER
        try:
            tokens = await self._parties.oauth.exchange(code, self._back, kept["verifier"])
        except GitLabError as error:
            log.warning("GitLab gave no token for the code of a link: %s", error)
            return await self._said(attempt, words.NO_ANSWER)
        return await self.pair(attempt, tokens)

    @property
    def _back(self) -> str:
        return f"{self._parties.settings.bot.public_url}{BACK}"

    # --- the device grant -------------------------------------------------------------------------------------------

    async def poll(self, attempt: LinkAttempt) -> None:
        """Ask GitLab once whether the person has decided, and go on if so (RFC 8628, 3.5)."""
        kept = self._opened(attempt)
        if not kept or not attempt.is_open(self.now()):
            await self._end(attempt, words.LATE)
            return
        every_s = attempt.interval_s
        try:
            tokens = await self._parties.oauth.poll_device(kept["device_code"])
        except OAuthRefused as error:
            if error.error not in ("authorization_pending", "slow_down"):
                await self._end(attempt, words.DENIED if error.error == "access_denied" else words.LATE)
                return
            every_s += 5 if error.error == "slow_down" else 0
        except GitLabError as error:
            log.warning("GitLab could not be asked about a device grant: %s", error)
        else:
            if await self._attempts.take(attempt.id, self.now()):
                await self.pair(attempt, tokens)
            else:
                await self._links.revoke_later(self.keeper.seal(tokens).sealed, self.now())
            return
        await self._attempts.poll_later(attempt.id, self.now() + timedelta(seconds=every_s), every_s)

    # --- the pair ---------------------------------------------------------------------------------------------------

    async def pair(self, attempt: LinkAttempt, tokens: Tokens) -> str:
        """Keep the link of a taken attempt, where the two may be one person; returns what is to be said."""
        try:
            slack, gitlab = await self.person(attempt.slack_user), await self._owner(tokens)
            why = await self._why_not(attempt, slack, gitlab, tokens)
        except (GitLabError, SlackError) as error:
            await self._give_back(tokens)
            return await self._said(attempt, words.refused(f"It could not be found out who you are ({error})."))
        if why:
            await self._give_back(tokens)
            await self._warn(attempt, slack, gitlab.username, self._named(gitlab.username))
            return await self._said(attempt, words.refused(why))
        sealed = self.keeper.seal(tokens)
        link = Link(
            slack_user=attempt.slack_user,
            team=attempt.team,
            gitlab_user_id=gitlab.id,
            username=gitlab.username,
            sealed=sealed.sealed,
            expires_at=sealed.expires_at,
            scopes=sealed.scopes,
            linked_at=self.now(),
        )
        other = await self._links.keep(link)
        if other:
            await self._give_back(tokens)
            await self._warn(attempt, slack, gitlab.username, other)
            why = f"{gitlab.username} in GitLab is linked to another Slack member, who can end that: /backtrace unlink."
            return await self._said(attempt, words.refused(why))
        says = words.linked(slack, gitlab, self._parties.settings.gitlab.url)
        log.info("Slack member %s is linked to the GitLab user %s", attempt.slack_user, gitlab.username)
        return await self._said(attempt, says, "linked")

    async def _owner(self, tokens: Tokens) -> GitLabPerson:
        client = self._parties.client_of(tokens.access)
        try:
            return await whoami(client)
        finally:
            await client.close()

    async def _why_not(self, attempt: LinkAttempt, slack: SlackPerson, gitlab: GitLabPerson, tokens: Tokens) -> str:
        refusal = await self._parties.audience.of_person(attempt.team, attempt.slack_user)
        if refusal:
            return refusal
        if SCOPE not in tokens.scopes:
            return f"GitLab gave less than was asked for: scope {SCOPE} is needed."
        return why_not(slack, gitlab, self._parties.settings.people, attempt.way)

    def _named(self, username: str) -> str:
        people = self._parties.settings.people
        return next((slack_id for slack_id, name in people.items() if name.casefold() == username.casefold()), "")

    async def _warn(self, attempt: LinkAttempt, slack: SlackPerson, username: str, owner: str) -> None:
        """Tell whom the GitLab user belongs to, where that is somebody else than the one who asked."""
        log.warning("Slack member %s was refused the GitLab user %s", attempt.slack_user, username)
        if not owner or owner == attempt.slack_user:
            return
        # Where it was asked for the owner may not be; in a channel of ours they probably are.
        for channel in dict.fromkeys((attempt.channel, *self._parties.settings.slack.channels)):
            try:
                await self._parties.tell(channel, owner, words.warning(slack, username))
            except SlackError as error:
                log.warning("%s could not be told in %s who tried to link their user: %s", owner, channel, error)
            else:
                return

    async def _give_back(self, tokens: Tokens) -> None:
        await self._links.revoke_later(self.keeper.seal(tokens).sealed, self.now())

    # --- the end ----------------------------------------------------------------------------------------------------

    async def unlink(self, slack_user: str) -> str:
        """Forget a link at once; GitLab is told next. Returns the GitLab username, empty where there was none."""
        link = await self._links.end(slack_user, self.now())
        self.nudge()
        if link is not None:
            log.info("Slack member %s is not linked to the GitLab user %s any more", slack_user, link.username)
        return link.username if link else ""

    async def _end(self, attempt: LinkAttempt, says: str) -> str:
        await self._attempts.finish(attempt.id, "refused", says, self.now())
        self.nudge()
        return says

    async def _said(self, attempt: LinkAttempt, says: str, outcome: str = "refused") -> str:
        await self._attempts.say(attempt.id, "linked" if outcome == "linked" else "refused", says)
        self.nudge()
        return says

    def _opened(self, attempt: LinkAttempt) -> dict[str, str]:
        try:
            return self._vault.open(attempt.sealed) if attempt.sealed else {}
        except VaultError:
            return {}
