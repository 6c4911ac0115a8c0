"""The end of each attempt: whether the two may be one person, the link that is kept, and what is said."""

from __future__ import annotations

import logging
from collections.abc import Callable

from bot.gitlab.client import GitLabError
from bot.gitlab.oauth import SCOPE, Tokens
from bot.linking import words
from bot.linking.pair import GitLabPerson, SlackPerson, why_not
from bot.linking.parties import Parties
from bot.linking.tokens import TokenKeeper
from bot.linking.whoami import whoami
from bot.slack.client import SlackError
from bot.store import Link, LinkAttempt, Store
from bot.store.link_attempts import Outcome

log = logging.getLogger(__name__)


class Pairing:
    """``nudge`` is called when there is something to tell or to ask, so that nobody waits for the next round."""

    def __init__(self, parties: Parties, store: Store, keeper: TokenKeeper) -> None:
        self._parties = parties
        self._links, self._attempts = store.links, store.link_attempts
        self.keeper = keeper
        self._began = parties.clock()
        self.nudge: Callable[[], None] = lambda: None

    async def pair(self, attempt: LinkAttempt, tokens: Tokens, held: int) -> str:
        """Keep the link of a taken attempt, where the two may be one person; returns what is to be said.

        ``held`` is the number that :meth:`hold` gave.
        """
        try:
            slack, gitlab = await self._parties.slack_person(attempt.slack_user), await self._owner(tokens)
            why = await self._why_not(attempt, slack, gitlab, tokens)
        except (GitLabError, SlackError) as error:
            await self.give_back(held)
            return await self.said(attempt, words.refused(f"It could not be found out who you are ({error})."))
        if why:
            await self.give_back(held)
            await self._warn(attempt, slack, gitlab.username, self._named(gitlab.username))
            return await self.said(attempt, words.refused(why))
        sealed = self.keeper.seal(tokens)
        link = Link(
            slack_user=attempt.slack_user,
            team=attempt.team,
            gitlab_user_id=gitlab.id,
            username=gitlab.username,
            sealed=sealed.sealed,
            expires_at=sealed.expires_at,
            scopes=sealed.scopes,
            linked_at=self._parties.clock(),
        )
        other = await self._links.keep(link, held, attempt.way)
        if other:
            await self.give_back(held)
            await self._warn(attempt, slack, gitlab.username, other)
            why = f"{gitlab.username} in GitLab is linked to another Slack member, who can end that: /backtrace unlink."
            return await self.said(attempt, words.refused(why))
        says = words.linked(slack, gitlab, self._parties.settings.gitlab.url)
        log.info("Slack member %s is linked to the GitLab user %s", attempt.slack_user, gitlab.username)
        return await self.said(attempt, says, "linked")

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

    async def hold(self, tokens: Tokens) -> int:
        """Have tokens revoked in a while, unless a link comes of them: the bot may be stopped in between."""
        return await self._links.revoke_later(self.keeper.seal(tokens).sealed, self._parties.clock() + words.LIVES)

    async def give_back(self, held: int) -> None:
        """Have tokens revoked now: nobody is to use them."""
        await self._links.revoke_from(held, self._parties.clock())

    async def end_cut_off(self) -> None:
        """Say how those ended that were taken up and not brought to an end: by a bot before, or long ago."""
        now = self._parties.clock()
        for attempt in await self._attempts.cut_off(max(self._began, now - words.LIVES)):
            link = await self._links.get(attempt.slack_user)
            if link is not None and not link.broken and attempt.finished_at and link.linked_at >= attempt.finished_at:
                await self.said(attempt, words.linked_already(link.username), "linked")
            else:
                await self.said(attempt, words.CUT_OFF)

    async def end(self, attempt: LinkAttempt, says: str) -> str:
        """End an attempt that nobody has taken up; returns what is to be said."""
        await self._attempts.finish(attempt.id, "refused", says, self._parties.clock())
        self.nudge()
        return says

    async def said(self, attempt: LinkAttempt, says: str, outcome: Outcome = "refused") -> str:
        """How one ended that was taken up; returns what is to be said."""
        await self._attempts.say(attempt.id, outcome, says)
        self.nudge()
        return says
