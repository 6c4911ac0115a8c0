"""The settings' table ``[[library]]``."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from backtrace_core.model import Library
from bot.service_names import ProjectPath


class LibrarySettings(BaseModel):
    """A package, the project that releases it, and how that names its tags."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    package: str = Field(min_length=1)
    project: ProjectPath
    tag: str = Field(default="", pattern=r"^$|\{version\}")

    def library(self) -> Library:
        return Library(self.package, self.project, self.tag)
