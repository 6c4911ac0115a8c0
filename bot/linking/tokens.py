"""The tokens of linked people: refreshed in time, one at a time for each person, kept before they are used."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from http import HTTPStatus
from weakref import WeakValueDictionary

from bot.gitlab.errors import GitLabError, GitLabRefused, GitLabUnavailable, NotSent, OutcomeUnknown
from bot.gitlab.oauth import GitLabOAuth, OAuthRefused, Tokens
from bot.linking.errors import LinkBrokenError, NotLinkedError
from bot.linking.vault import Vault, VaultError
from bot.store import Link, LinkStore, Sealed

EARLY = timedelta(minutes=1)
"""How long before its end an access token is refreshed: a request takes a while."""

log = logging.getLogger(__name__)


class TokenKeeper:
    """``people`` is the administrator's table, whose word ends a link that says something else."""

    def __init__(
        self,
        store: LinkStore,
        vault: Vault,
        oauth: GitLabOAuth,
        people: Mapping[str, str],
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._people = people
        self._vault = vault
        self._oauth = oauth
        self._clock = clock
        # One bot works on the files at a time, so memory is enough for the locks.
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def held(self, slack_user: str) -> str:
        """The person's access token, good for a minute at least.

        :raises NotLinkedError, LinkBrokenError: there is none; the words say what to do.
        :raises GitLabError: when it had to be refreshed and GitLab could not be asked.
        """
        async with self._turns.setdefault(slack_user, asyncio.Lock()):
            link = await self._store.get(slack_user)
            if link is None:
                raise NotLinkedError
            if link.broken:
                raise LinkBrokenError(link.username, link.broken)
            named = self._people.get(slack_user, link.username)
            if named.casefold() != link.username.casefold():
                raise LinkBrokenError(link.username, f"Backtrace's [people] table says that you are {named} in GitLab")
            tokens = await self._opened(link)
            if link.expires_at - self._clock() > EARLY:
                return tokens["access"]
            return await self._refreshed(link, tokens["refresh"])

    async def refused(self, slack_user: str, access: str) -> bool:
        """GitLab did not accept a token; whether :meth:`held` has another: that one was only too old.

        :raises LinkBrokenError: it was the newest and had not ended, so the link is of no use from now on.
        """
        # A refresh under way has ended the old one already: only after it is known what became of it.
        async with self._turns.setdefault(slack_user, asyncio.Lock()):
            link = await self._store.get(slack_user)
            if link is None or link.broken or link.expires_at <= self._clock():
                return True
            if (await self._opened(link))["access"] != access:
                return True
            why = "GitLab does not accept its token: it was revoked, or the user is blocked"
            await self._store.break_off(link, why, self._clock())
            raise LinkBrokenError(link.username, why)

    def seal(self, tokens: Tokens) -> Sealed:
        sealed = self._vault.seal({"access": tokens.access, "refresh": tokens.refresh})
        return Sealed(sealed, tokens.expires_at, " ".join(sorted(tokens.scopes)))

    async def seal_anew(self) -> None:
        """Seal everything with the first key; after that the other keys can go."""
        await self._store.seal_anew(self._vault.seal_anew)

    async def revoke_waiting(self) -> None:
        """Tell GitLab to forget what waits for that; what can't be told now stays."""
        for number, sealed in await self._store.to_revoke(self._clock()):
            try:
                await self._oauth.revoke(self._vault.open(sealed)["refresh"])
            except (OutcomeUnknown, GitLabUnavailable) as error:
                log.warning("GitLab could not be told to revoke a token: %s", error)
                return
            except GitLabRefused as error:
                if error.status == HTTPStatus.TOO_MANY_REQUESTS:
                    log.warning("GitLab has no time to revoke a token: %s", error)
                    return
                log.error("GitLab does not revoke a token, so its person has to end it there: %s", error)
            except (VaultError, KeyError) as error:
                log.error("a token can't be read any more, so its person has to end it in GitLab: %s", error)
            await self._store.revoked(number)

    async def _opened(self, link: Link) -> dict[str, str]:
        try:
            return self._vault.open(link.sealed)
        except VaultError as error:
            why = "its token can't be decrypted with the keys that Backtrace has now"
            log.error("the tokens of %s: %s", link.username, error)
            raise LinkBrokenError(link.username, why) from error

    async def _refreshed(self, link: Link, refresh_token: str) -> str:
        tokens = await self._new_pair(link, refresh_token)
        sealed = self.seal(tokens)
        # Kept before it is used: GitLab has forgotten the old pair already.
        if await self._store.renew(link, sealed):
            return tokens.access
        await self._store.revoke_later(sealed.sealed, self._clock())
        raise NotLinkedError

    async def _new_pair(self, link: Link, refresh_token: str) -> Tokens:
        for last in (False, True):
            try:
                return await self._oauth.refresh(refresh_token)
            except OAuthRefused as error:
                raise await self._of_refusal(link, error) from error
            except OutcomeUnknown as error:
                # If it took effect the old pair is dead, and the next try says so; if not, that one goes through.
                log.warning("the answer to a refresh for %s was lost: %s", link.username, error)
                if last:
                    raise GitLabUnavailable(f"the token of {link.username} could not be refreshed: {error}") from error
        raise AssertionError("both tries return or raise")

    async def _of_refusal(self, link: Link, error: OAuthRefused) -> GitLabError:
        if error.error != "invalid_grant":
            return GitLabError(f"GitLab did not refresh the token of {link.username} ({error})")
        why = "GitLab has revoked it, or the answer to its last refresh was lost"
        await self._store.dead(link, why)
        return LinkBrokenError(link.username, why)


class PersonsToken:
    """One person's token for each request of a client, see :class:`bot.gitlab.bearer.Bearer`."""

    def __init__(self, keeper: TokenKeeper, slack_user: str) -> None:
        self._keeper = keeper
        self._slack_user = slack_user

    async def token(self) -> str:
        try:
            return await self._keeper.held(self._slack_user)
        except GitLabUnavailable as error:
            raise NotSent(str(error)) from error

    async def refused(self, token: str) -> bool:
        return await self._keeper.refused(self._slack_user, token)
