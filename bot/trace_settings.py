"""What each command of a terminal needs of the settings: the rest may be missing, or be wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from backtrace_core.scope import Catalog
from bot.library_settings import LibrarySettings
from bot.service_settings import ServiceSettings, SlackUser
from bot.settings import BotSettings, GitLabSettings, SettingsError, catalog_of, read_file
from bot.settings_words import sentences

TOKEN = "BACKTRACE_GITLAB_TOKEN"  # noqa: S105 - the name of it


class _Lenient(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class _Services(_Lenient):
    service: tuple[ServiceSettings, ...] = Field(min_length=1)
    library: tuple[LibrarySettings, ...] = ()


class _File(_Lenient):
    gitlab: GitLabSettings
    service: tuple[ServiceSettings, ...] = Field(min_length=1)
    library: tuple[LibrarySettings, ...] = ()


class _Record(_Lenient):
    bot: BotSettings = BotSettings()
    people: Mapping[SlackUser, str] = {}


Read = TypeVar("Read", bound=_Lenient)


@dataclass(frozen=True, slots=True, repr=False)
class TraceSettings:
    gitlab: GitLabSettings
    catalog: Catalog
    token: str


def load_catalog(path: Path) -> Catalog:
    """The services of a settings file alone; nothing else of it has to be there.

    :raises SettingsError: with everything that is missing or wrong.
    """
    file, problems = _read(path, _Services)
    if file is None:
        raise SettingsError(problems)
    return catalog_of(file.service, file.library)


@dataclass(frozen=True, slots=True)
class RecordSettings:
    """``data`` is the bot's folder, ``people`` maps Slack member ids to GitLab usernames."""

    data: Path
    people: Mapping[str, str]


def load_for_record(path: Path) -> RecordSettings:
    """Where the bot keeps its record.

    :raises SettingsError: with everything that is missing or wrong.
    """
    file, problems = _read(path, _Record)
    if file is None:
        raise SettingsError(problems)
    return RecordSettings(file.bot.data, dict(file.people))


def load_for_trace(path: Path, env: Mapping[str, str]) -> TraceSettings:
    """Read ``path`` and the token in ``env``.

    :raises SettingsError: with everything that is missing or wrong.
    """
    file, problems = _read(path, _File)
    token = env.get(TOKEN, "")
    if not token:
        problems = (*problems, f"environment: {TOKEN} is not set. It is a GitLab token with scope read_api or api.")
    if file is None or problems:
        raise SettingsError(problems)
    return TraceSettings(
        file.gitlab,
        catalog_of(file.service, file.library),
        token,
    )


def _read(path: Path, form: type[Read]) -> tuple[Read | None, tuple[str, ...]]:
    """The file in that form, or None with all that is missing or wrong."""
    raw, problems = read_file(path)
    if raw is None:
        return None, problems
    try:
        return form.model_validate(raw), problems
    except ValidationError as error:
        return None, (*problems, *sentences(path, error))
