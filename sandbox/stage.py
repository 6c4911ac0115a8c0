"""The stage: an embedded GitLab and an embedded Slack for one world, and the settings with which a bot finds them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from sandbox.gitlab import BOT_TOKEN, GitLab, GitLabOptions, serve_gitlab
from sandbox.gitlab.oauth import Application
from sandbox.slack import Slack, SlackChannel, SlackOptions, SlackTeam, SlackUser, serve_slack, team_of_world
from sandbox.worlds.model import World

HOOK_SECRET = "hook-secret"
APPLICATION = "backtrace-application"
TOKEN_KEY = "c2FuZGJveC1rZXktb2YtdGhpcnR5LXR3by1ieXRlcy4="
"""Seals the tokens of people who exist in a world only."""
Clock = Callable[[], datetime]


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class StageOptions:
    """``token``: the one with which the bot asks GitLab.

    ``channels`` are instead of #alerts and #general, the alerts' first; ``visitors`` are in Slack beside the world's
    people.
    """

    gitlab: GitLabOptions = field(default_factory=GitLabOptions)
    slack: SlackOptions = field(default_factory=SlackOptions)
    token: str = BOT_TOKEN
    channels: tuple[SlackChannel, ...] = ()
    visitors: tuple[SlackUser, ...] = ()


@dataclass(frozen=True, slots=True)
class BotOptions:
    """What a bot's settings say beside the addresses.

    ``act_as`` "person" registers an application in GitLab; ``public_url`` is where browsers reach the bot, without it
    people link by GitLab's device grant. ``channels`` are those that it serves, #alerts alone where there are none. The
    rest is TOML: lines for the tables ``[gitlab]``, ``[slack]`` and ``[bot]`` and for the world's ``[[service]]``, and
    whole ``services`` and more ``people`` beside it.
    """

    mode: Literal["http", "socket"] = "http"
    port: int = 0
    writes: Literal["on", "off"] = "on"
    act_as: Literal["person", "bot", "unset"] = "bot"
    public_url: str = ""
    follow_interval_s: float = 0.5
    channels: tuple[str, ...] = ()
    gitlab: str = ""
    slack: str = ""
    bot: str = ""
    service: str = ""
    services: str = ""
    people: str = ""


@dataclass(frozen=True, slots=True)
class Stage:
    world: World
    gitlab: GitLab
    slack: Slack
    team: SlackTeam
    options: StageOptions

    @property
    def alerts(self) -> str:
        """The id of the channel into which senders post."""
        return self.team.channels[0].id

    def slack_id(self, username: str) -> str:
        """Who a person of the world is in Slack."""
        return next(user.slack_id for user in self.world.users if user.username == username)

    def write_settings(self, folder: Path, options: BotOptions) -> Path:
        """Write ``backtrace.toml`` into ``folder``, with the bot's data beside it."""
        if options.act_as == "person":
            back = (f"{options.public_url}/gitlab/linked",) if options.public_url else ()
            self.gitlab.state.oauth.register(Application(APPLICATION, back))
        path = folder / "backtrace.toml"
        path.write_text(self._toml(folder, options), encoding="utf-8")
        return path

    def environment(self) -> dict[str, str]:
        team = self.team
        return {
            "BACKTRACE_GITLAB_TOKEN": self.options.token,
            "SLACK_BOT_TOKEN": team.bot_token,
            "SLACK_APP_TOKEN": team.app_token,
            "SLACK_SIGNING_SECRET": team.signing_secret,
            "BACKTRACE_GITLAB_WEBHOOK_SECRET": HOOK_SECRET,
            "BACKTRACE_TOKEN_KEYS": TOKEN_KEY,
        }

    def _toml(self, folder: Path, options: BotOptions) -> str:
        world = self.world
        people = "\n".join(f'{user.slack_id} = "{user.username}"' for user in world.users if user.slack_id)
        environments = ", ".join(f'"{environment.name}"' for environment in world.environments)
        aliases = ", ".join(f'"{alias}"' for alias in world.aliases)
        channels = ", ".join(f'"{channel}"' for channel in options.channels or (self.alerts,))
        return f"""[gitlab]
url = "{self.gitlab.url}"
writes = "{options.writes}"
{_acting(options)}
{options.gitlab}

[slack]
mode = "{options.mode}"
channels = [{channels}]
api_url = "{self.slack.url}/api"
{options.slack}

[bot]
port = {options.port}
{f'public_url = "{options.public_url}"' if options.public_url else ""}
data = "{folder / "data"}"
follow_interval_s = {options.follow_interval_s}
{options.bot}

[[service]]
name = "{world.service}"
project = "{world.project.path}"
aliases = [{aliases}]
environments = [{environments}]
{world.settings}
{options.service}

{options.services}
{_tables("service", "name", world.services)}
{_tables("library", "package", world.libraries)}
[people]
{people}
{options.people}
"""


def _acting(options: BotOptions) -> str:
    if options.act_as == "unset":
        return ""
    client = f'oauth_client_id = "{APPLICATION}"' if options.act_as == "person" else ""
    return f'act_as = "{options.act_as}"\n{client}'


def _tables(table: str, key: str, named: Iterable[tuple[str, str]]) -> str:
    """``[[table]]`` for each, with its name under ``key`` and its project."""
    return "\n".join(f'[[{table}]]\n{key} = "{name}"\nproject = "{project}"\n' for name, project in named)


@asynccontextmanager
async def set_up(world: World, clock: Clock = utc_now, options: StageOptions | None = None) -> AsyncIterator[Stage]:
    """Start both parties on free loopback ports."""
    chosen = options or StageOptions()
    team = team_of_world(world.users, chosen.channels or None)
    team = replace(team, users=(*team.users, *chosen.visitors))
    async with (
        serve_gitlab(world, clock, options=chosen.gitlab) as gitlab,
        serve_slack(team, clock, options=chosen.slack) as slack,
    ):
        yield Stage(world, gitlab, slack, team, chosen)
