"""The settings that tracing needs from a terminal: GitLab and the services. Slack may be missing, or be wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from backtrace_core.scope import Catalog
from bot.library_settings import LibrarySettings
from bot.service_settings import ServiceSettings
from bot.settings import GitLabSettings, SettingsError, catalog_of, read_file, sentence

TOKEN = "BACKTRACE_GITLAB_TOKEN"  # noqa: S105 - the name of it


class _File(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    gitlab: GitLabSettings
    service: tuple[ServiceSettings, ...] = Field(min_length=1)
    library: tuple[LibrarySettings, ...] = ()


@dataclass(frozen=True, slots=True, repr=False)
class TraceSettings:
    gitlab: GitLabSettings
    catalog: Catalog
    token: str


class _Services(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    service: tuple[ServiceSettings, ...] = Field(min_length=1)
    library: tuple[LibrarySettings, ...] = ()


def load_catalog(path: Path) -> Catalog:
    """The services of a settings file alone; nothing else of it has to be there.

    :raises SettingsError: with everything that is missing or wrong.
    """
    raw, problems = read_file(path)
    if raw is None:
        raise SettingsError(problems)
    try:
        file = _Services.model_validate(raw)
    except ValidationError as error:
        raise SettingsError((*problems, *(sentence(path, problem) for problem in error.errors()))) from None
    return catalog_of(file.service, file.library)


def load_for_trace(path: Path, env: Mapping[str, str]) -> TraceSettings:
    """Read ``path`` and the token in ``env``.

    :raises SettingsError: with everything that is missing or wrong.
    """
    raw, problems = read_file(path)
    file = None
    if raw is not None:
        try:
            file = _File.model_validate(raw)
        except ValidationError as error:
            problems = (*problems, *(sentence(path, problem) for problem in error.errors()))
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
