"""The settings: one typed object. All that is missing or wrong is reported at once, in words a person can act on.

Secrets come from the environment only, everything else from one TOML file (``backtrace.example.toml`` explains every
key). This is the only module of the bot that reads the environment.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, ValidationError

from backtrace_core.model import Outcome
from backtrace_core.scope import Catalog
from bot.calm import Calm
from bot.library_settings import LibrarySettings
from bot.link_settings import checked_public_url, link_problems
from bot.rollback_pipeline import RollbackPipeline
from bot.secret_settings import Secrets, read_secrets
from bot.service_names import named_twice
from bot.service_settings import (
    ChannelId,
    HttpUrl,
    SenderId,
    SenderName,
    ServiceSettings,
    SlackUser,
    Strict,
)
from bot.settings_words import sentences

EPHEMERAL_DISK = "DYNO"
"""Set by platforms in Heroku's manner, whose disk is wiped at each restart."""


class SettingsError(Exception):
    """The settings can't be used. ``problems`` has one sentence for each thing to mend."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class GitLabSettings(Strict):
    url: HttpUrl
    writes: Literal["on", "off"] = "on"
    act_as: Literal["person", "bot"] = "person"
    oauth_client_id: str = ""
    protected_environments: Literal["ask", "none"] = "ask"
    protected_branches: Literal["ask", "none"] = "ask"
    ca_file: str | None = None
    pool_size: int = Field(default=16, ge=1, le=64)
    timeout_s: float = Field(default=10, gt=0, le=60)
    requests_per_minute: int = Field(default=1_400, ge=60, le=100_000)
    cache_mb: int = Field(default=64, ge=1, le=10_000)
    incident_labels: tuple[str, ...] = ("incident", "backtrace")
    incidents: Literal["on", "off"] = "on"
    poll_s: float = Field(default=60, ge=0, le=3600)
    revert_labels: tuple[str, ...] = ("revert",)
    open_incidents_from: Literal["critical", "high", "medium", "low"] | None = None
    outcome_labels: Mapping[Outcome, str] = {}
    incident_severity: Literal["untouched", "from_alert"] = "untouched"


class SlackSettings(Strict):
    mode: Literal["http", "socket"] = "socket"
    channels: tuple[ChannelId, ...] = Field(min_length=1)
    api_url: HttpUrl = "https://slack.com/api"
    allow_teams: tuple[str, ...] = ()
    allow_guests: tuple[SlackUser, ...] = ()
    allow_shared_channels: tuple[ChannelId, ...] = ()
    senders: tuple[SenderId, ...] = ()
    mention_from: float | None = Field(default=None, gt=0, le=1)


class BotSettings(Strict):
    host: str = "127.0.0.1"
    port: int = Field(default=3000, ge=0, le=65535)
    public_url: Annotated[str, AfterValidator(checked_public_url)] = ""
    data: Path = Path("data")
    follow_interval_s: float = Field(default=5.0, gt=0, le=60)
    follow_for_s: float = Field(default=3600.0, gt=0)
    join_window_minutes: float = Field(default=30.0, gt=0, le=24 * 60)
    proof_after_minutes: float = Field(default=30.0, gt=0, le=24 * 60)
    proof_after: Mapping[SenderName, Annotated[float, Field(gt=0, le=24 * 60)]] = {}


class _File(Strict):
    gitlab: GitLabSettings
    slack: SlackSettings
    bot: BotSettings = BotSettings()
    service: tuple[ServiceSettings, ...] = Field(min_length=1)
    library: tuple[LibrarySettings, ...] = ()
    people: Mapping[SlackUser, str] = {}


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings. ``people`` maps Slack member ids to GitLab usernames; nobody else is ever matched. ``calm`` and
    ``pipelines`` are by service."""

    gitlab: GitLabSettings
    slack: SlackSettings
    bot: BotSettings
    catalog: Catalog
    people: Mapping[str, str]
    secrets: Secrets
    calm: Mapping[str, Calm] = field(default_factory=dict)
    pipelines: Mapping[str, RollbackPipeline] = field(default_factory=dict)

    @property
    def slack_ids(self) -> dict[str, str]:
        """GitLab username -> Slack member id."""
        return {username: slack for slack, username in self.people.items()}


def load(path: Path, env: Mapping[str, str]) -> Settings:
    """Read ``path`` and the secrets in ``env``.

    :raises SettingsError: with everything that is missing or wrong, in the file and in the environment.
    """
    raw, problems = read_file(path)
    file, wrong = _checked(path, raw, env) if raw is not None else (None, ())
    secrets, missing = read_secrets(env, _mode(raw))
    problems = (*problems, *wrong, *missing, *_disk(env), *(_cross_checks(file) if file else ()))
    problems = (*problems, *link_problems(file.gitlab.oauth_client_id if file else "", secrets))
    if problems or file is None:
        raise SettingsError(problems)
    catalog = catalog_of(file.service, file.library)
    calm = {one.name: one.calm() for one in file.service}
    pipelines = {one.name: one.pipeline() for one in file.service}
    return Settings(file.gitlab, file.slack, file.bot, catalog, dict(file.people), secrets, calm, pipelines)


def catalog_of(services: tuple[ServiceSettings, ...], libraries: tuple[LibrarySettings, ...]) -> Catalog:
    return Catalog(tuple(one.service() for one in services), libraries=tuple(one.library() for one in libraries))


def config_path(env: Mapping[str, str], option: str | None) -> Path:
    """The file that ``--config`` names, else ``BACKTRACE_CONFIG``, else ``backtrace.toml`` in this folder."""
    return Path(option or env.get("BACKTRACE_CONFIG") or "backtrace.toml")


def read_file(path: Path) -> tuple[dict[str, Any] | None, tuple[str, ...]]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8")), ()
    except FileNotFoundError:
        return None, (f"{path}: no such file. Copy backtrace.example.toml to {path} and fill it in.",)
    except (OSError, UnicodeDecodeError) as error:
        return None, (f"{path}: can't be read: {error}",)
    except tomllib.TOMLDecodeError as error:
        return None, (f"{path}: not valid TOML: {error}",)


def _checked(path: Path, raw: dict[str, Any], env: Mapping[str, str]) -> tuple[_File | None, tuple[str, ...]]:
    try:
        return _File.model_validate(_with_port(raw, env)), ()
    except ValidationError as error:
        return None, sentences(path, error)


def _mode(raw: dict[str, Any] | None) -> str:
    """The mode that the file means, also where something else in it is wrong; empty where nobody can tell."""
    if raw is None:
        return ""
    slack = raw.get("slack")
    return str(slack.get("mode", "socket")) if isinstance(slack, dict) else "socket"


def _with_port(raw: dict[str, Any], env: Mapping[str, str]) -> dict[str, Any]:
    # A platform that starts a Procfile's `web` line says by PORT where it will connect, from outside this machine.
    if "PORT" not in env or not isinstance(raw.get("bot", {}), dict):
        return raw
    return {**raw, "bot": {"host": "0.0.0.0", **raw.get("bot", {}), "port": env["PORT"]}}  # noqa: S104 - said above


def _disk(env: Mapping[str, str]) -> tuple[str, ...]:
    if env.get("DATABASE_URL"):
        return ("environment: DATABASE_URL is set, but this release stores in SQLite files only. Unset it.",)
    if env.get(EPHEMERAL_DISK):
        wiped = f"environment: {EPHEMERAL_DISK} is set, so this platform wipes its disk, and alerts kept there would be"
        return (f"{wiped} lost. Run Backtrace where a disk stays; a database by URL comes with a later release.",)
    return ()


def _cross_checks(file: _File) -> tuple[str, ...]:
    names: dict[str, str] = {}
    problems = []
    for entry in file.service:
        for word in {entry.name.lower(), *(alias.lower() for alias in entry.aliases)}:
            if word in names:
                problems.append(f'service "{entry.name}": the name "{word}" already stands for "{names[word]}".')
            names[word] = entry.name
        problems.extend(named_twice(entry.name, (entry.project, *entry.projects), entry.depends_on))
        named = {*entry.channels, *entry.confidential_channels, *filter(None, (entry.incident_channel,))}
        unknown = named - set(file.slack.channels)
        problems.extend(f'service "{entry.name}": channel {c} is not in slack.channels.' for c in sorted(unknown))
    known = {entry.name for entry in file.service}
    for entry in file.service:
        lost = sorted(set(entry.depends_on) - known)
        problems.extend(f'service "{entry.name}": depends_on names "{name}", which is no service.' for name in lost)
    people = list(file.people.values())
    twice = sorted({name for name in people if people.count(name) > 1})
    problems.extend(f'people: "{name}" is the GitLab username of two Slack members; one must go.' for name in twice)
    return tuple(problems)
