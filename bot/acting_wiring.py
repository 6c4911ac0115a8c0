"""The part of the wiring that decides with whose token production is changed."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from bot.acting import ActingAs, Recorder, as_bot, as_nobody, as_person
from bot.gitlab.bearer import Bearer
from bot.gitlab.client import GitLabClient
from bot.gitlab.oauth import Application, GitLabOAuth
from bot.linking.linker import Linker
from bot.linking.parties import Parties
from bot.linking.tokens import TokenKeeper
from bot.linking.vault import Vault
from bot.linking.web import LinkPages
from bot.permissions import Unprotected
from bot.rights import Rights, with_bot_token, with_own_token
from bot.settings import Settings
from bot.slack.audience import Audience
from bot.slack.client import Identity
from bot.slack.persons import read_person
from bot.slack.poster import Poster
from bot.store import Store

CONNECTIONS = 4
"""Of a person's own client: a few checks side by side, then one write."""


@dataclass(frozen=True, slots=True)
class SlackSide:
    identity: Identity
    audience: Audience
    poster: Poster
    clock: Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class GitLabSide:
    """The bot's own client, and what makes one from a person's token: never more than one person's at a time."""

    bot: GitLabClient
    of_token: Callable[[str | Bearer], GitLabClient]


@dataclass(frozen=True, slots=True)
class Acts:
    """``linker`` is None where nobody can link."""

    acting: ActingAs
    rights: Rights
    linker: Linker | None


async def make_acts(
    settings: Settings, store: Store, gitlab: GitLabSide, slack: SlackSide, stack: AsyncExitStack
) -> Acts:
    """With what the settings say."""
    chosen, record = settings.gitlab, Recorder(store.audit, slack.clock)
    if chosen.act_as == "bot":
        known = Unprotected(chosen.protected_environments == "none", chosen.protected_branches == "none")
        return Acts(as_bot(gitlab.bot, record), with_bot_token(gitlab.bot, settings.people, known), None)
    if not chosen.oauth_client_id:
        nobody = as_nobody()
        return Acts(nobody, with_own_token(nobody, store.links), None)
    clock = slack.clock
    secret = settings.secrets.gitlab_oauth_secret
    application = Application(chosen.url, chosen.oauth_client_id, secret, chosen.timeout_s, chosen.ca_file)
    oauth = GitLabOAuth(application, clock)
    stack.callback(oauth.close)
    vault = Vault(settings.secrets.token_keys)
    keeper = TokenKeeper(store.links, vault, oauth, settings.people, clock)
    # So that an old key can go after the first start with a new one before it.
    await keeper.seal_anew()
    person = partial(read_person, slack.poster.client, own=slack.identity)
    parties = Parties(settings, oauth, gitlab.of_token, person, slack.audience, slack.poster.tell, clock)
    acting = as_person(keeper, gitlab.of_token, record)
    return Acts(acting, with_own_token(acting, store.links), Linker(parties, store, vault, keeper))


def link_pages(linker: Linker | None, settings: Settings) -> LinkPages | None:
    """The pages that browsers reach; None where nobody links by them."""
    url = settings.bot.public_url
    return LinkPages(linker, settings.gitlab.url, is_https=url.startswith("https:")) if linker and url else None
