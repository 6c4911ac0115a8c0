"""The only place that makes clients; the command line and the tests call it."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial

from aiohttp import web
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.exc import DBAPIError

from backtrace_core.model import FlagSwitch
from bot.acting_wiring import CONNECTIONS, GitLabSide, SlackSide, link_pages, make_acts
from bot.cards import Buttons
from bot.catch_up import CatchUp
from bot.gitlab.bearer import Bearer
from bot.gitlab.client import GitLabClient
from bot.gitlab.own_user import OwnUser
from bot.gitlab_inbox import GitLabInbox
from bot.health import Health
from bot.inbox import Inbox
from bot.linking.commands import LinkCommands
from bot.linking.rounds import LinkRounds
from bot.polling import Polls
from bot.rounds import make_rounds
from bot.settings import GitLabSettings, Settings
from bot.slack.app import make_bolt_app
from bot.slack.audience import Audience, AudienceRules
from bot.slack.client import Identity, SlackError, identify, make_client
from bot.slack.front import make_front
from bot.slack.poster import Poster
from bot.slack.socket import SocketConnection
from bot.sources.by_itself import Switches
from bot.sources.cache import Cache
from bot.sources.gitlab import GitLabSource
from bot.store import LockedError, Store, open_database
from bot.token_watch import TokenWatch
from bot.web import make_gitlab_hook, make_web_app, server_log
from bot.workflows import House, Observer, Starter, UnsupportedSQLiteError, bind, destroy, launch, silent
from bot.workflows.house import Moment

log = logging.getLogger(__name__)


class StartError(Exception):
    """The bot can't start, in words a person can act on."""


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Ears:
    """What the web side hands over to."""

    slack: AsyncApp
    gitlab: GitLabInbox
    token: TokenWatch


@dataclass(frozen=True, slots=True)
class RunningBot:
    """A bot that answers. ``url`` is where its web side listens."""

    url: str
    house: House
    inbox: Inbox
    polls: Polls


async def serve(settings: Settings) -> None:
    """Run until asked to stop (SIGTERM, Ctrl-C).

    :raises StartError: when something outside refuses: a token, a lock, the database.
    """
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with running(settings, observe=_log_step) as bot:
        log.info("Backtrace answers at %s, Slack by %s", bot.url, settings.slack.mode)
        await stop.wait()


def _log_step(moment: Moment, step: str) -> None:
    if moment == "recorded":
        log.info("done: %s", step.replace("_", " "))


@asynccontextmanager
async def running(
    settings: Settings, clock: Callable[[], datetime] = utc_now, observe: Observer = silent
) -> AsyncIterator[RunningBot]:
    """Start everything in its order, and end it in the opposite one.

    Clients first, since recovered runs start at once; then the durable steps; Slack and GitLab are listened to last.
    """
    async with AsyncExitStack() as stack:
        slack = make_client(settings.secrets.slack_bot_token, f"{settings.slack.api_url}/")
        identity = await _identity(slack)
        audience = Audience(slack, _rules(settings, identity), clock)
        side = SlackSide(identity, audience, Poster(slack), clock)
        house = await _house(settings, side, observe, stack)
        token = await _token(house)
        house = replace(house, buttons=_buttons(settings, token))
        inbox = _inbox(house, identity)
        bind(house)
        stack.callback(bind, None)
        try:
            launch(settings.bot.data)
        except UnsupportedSQLiteError as error:
            raise StartError(str(error)) from error
        stack.push_async_callback(destroy)
        await inbox.catching_up.begin()
        from_gitlab = GitLabInbox(house, inbox.start, identity.team_id)
        await from_gitlab.begin()
        polls = Polls(from_gitlab, settings.gitlab.poll_s if settings.gitlab.incidents == "on" else 0)
        await polls.begin()
        ears = Ears(make_bolt_app(slack, identity, inbox.hands), from_gitlab, token)
        url = await _listen(house, inbox, ears, stack)
        for beside in (make_rounds(inbox), token.keep_looking(), polls.keep_looking(), *_linking(house, inbox)):
            stack.push_async_callback(_cancel, asyncio.create_task(beside))
        yield RunningBot(url, house, inbox, polls)


def _inbox(house: House, identity: Identity) -> Inbox:
    settings, poster = house.settings, house.poster
    catching_up = CatchUp(settings.slack.channels, house.store, poster, house.clock)
    return Inbox(
        settings=settings,
        store=house.store,
        poster=poster,
        catching_up=catching_up,
        start=Starter(),
        own_team=identity.team_id,
        own_bot_id=identity.bot_id,
        clock=house.clock,
        audience=house.audience,
        linking=LinkCommands(settings, house.store.links, house.audience, house.linker, house.clock),
    )


def _linking(house: House, inbox: Inbox) -> Iterator[Coroutine[None, None, None]]:
    """What goes on beside everything else where people link."""
    if house.linker is not None:
        yield LinkRounds(house.linker, house.store, house.poster, inbox.start.action).keep_going()


async def _house(settings: Settings, slack: SlackSide, observe: Observer, stack: AsyncExitStack) -> House:
    try:
        database = open_database(settings.bot.data)
    except (LockedError, OSError) as error:
        raise StartError(str(error)) from error
    stack.push_async_callback(database.close)
    gitlab = make_gitlab(settings.gitlab, settings.secrets.gitlab_token)
    stack.push_async_callback(gitlab.close)
    cache = Cache(settings.bot.data / "cache.sqlite", settings.gitlab.cache_mb * 1024**2)
    stack.callback(cache.close)
    store = Store(database)
    of_person = partial(make_gitlab, settings.gitlab.model_copy(update={"pool_size": CONNECTIONS}))
    acts = await make_acts(settings, store, GitLabSide(gitlab, of_person), slack, stack)
    return House(
        settings=settings,
        store=store,
        source=GitLabSource(
            gitlab,
            slack.clock,
            cache=cache,
            incident_labels=settings.gitlab.incident_labels,
            libraries=settings.catalog.libraries,
            switches=_switches(store),
        ),
        gitlab=gitlab,
        poster=slack.poster,
        audience=slack.audience,
        clock=slack.clock,
        nudge=asyncio.Event(),
        own=OwnUser(gitlab),
        acting=acts.acting,
        rights=acts.rights,
        linker=acts.linker,
        observe=observe,
    )


async def _identity(slack: AsyncWebClient) -> Identity:
    try:
        return await identify(slack)
    except SlackError as error:
        raise StartError(f"Slack does not accept SLACK_BOT_TOKEN, or can't be reached: {error}") from error


def make_gitlab(chosen: GitLabSettings, token: str | Bearer) -> GitLabClient:
    return GitLabClient(
        chosen.url,
        token,
        pool_size=chosen.pool_size,
        timeout_s=chosen.timeout_s,
        ca_file=chosen.ca_file,
        per_minute=chosen.requests_per_minute,
    )


def _rules(settings: Settings, identity: Identity) -> AudienceRules:
    slack = settings.slack
    return AudienceRules(
        team_id=identity.team_id,
        allow_teams=frozenset(slack.allow_teams),
        allow_guests=frozenset(slack.allow_guests),
        allow_shared_channels=frozenset(slack.allow_shared_channels),
    )


async def _token(house: House) -> TokenWatch:
    """The watch over GitLab's token, after its first look, which the log tells of.

    :raises StartError: when GitLab does not accept the token at all.
    """
    settings = house.settings
    catalog, writes = settings.catalog, settings.gitlab.writes == "on"
    token = TokenWatch(
        house.gitlab,
        catalog.projects,
        house.clock,
        writes=writes,
        rolls_back=settings.gitlab.act_as == "bot",
        incident_projects=catalog.incident_projects,
    )
    # GitLab may be what is down: the bot starts all the same.
    facts = await token.look()
    if facts is not None and facts.refused:
        raise StartError(token.standing().findings[0].says)
    return token


def _buttons(settings: Settings, token: TokenWatch) -> Buttons:
    """Buttons act unless the settings or the token's scopes forbid writing."""
    return Buttons.ACTING if settings.gitlab.writes == "on" and token.may_write else Buttons.LINKS


async def _listen(house: House, inbox: Inbox, ears: Ears, stack: AsyncExitStack) -> str:
    settings, bolt, token = house.settings, ears.slack, ears.token
    front = None
    connection = None
    if settings.slack.mode == "http":
        front = make_front(bolt, settings.secrets.slack_signing_secret, house.clock)
    else:
        connection = SocketConnection(bolt, settings.secrets.slack_app_token, inbox.reconnected)

    health = Health(settings.slack.mode, connection.is_connected if connection else None, house.clock, token.standing)

    hook = make_gitlab_hook(settings.secrets.gitlab_webhook_secret, ears.gitlab.keep)
    pages = link_pages(house.linker, settings)
    app = make_web_app(front, hook, health.report, pages.routes() if pages else ())
    url = await _serve_web(app, settings, stack)
    if connection is not None:
        stack.push_async_callback(connection.close)
        try:
            await connection.connect()
        except SlackError as error:
            raise StartError(f"Slack does not accept SLACK_APP_TOKEN, or can't be reached: {error}") from error
    return url


def _switches(store: Store) -> Switches:
    """What the store knows of flags; a file that can't be read now costs who did it, not the card."""

    async def since(project: str, moment: datetime) -> tuple[FlagSwitch, ...]:
        try:
            return await store.flags.since(project, moment)
        except DBAPIError as error:
            log.warning("what webhooks told of feature flags can't be read: %s", error)
            return ()

    return since


async def _serve_web(app: web.Application, settings: Settings, stack: AsyncExitStack) -> str:
    runner = web.AppRunner(app, access_log=None, logger=server_log)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    host, port = settings.bot.host, settings.bot.port
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as error:
        raise StartError(f"can't listen on {host}:{port}: {error.strerror}") from error
    return f"http://{host}:{runner.addresses[0][1]}"


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
