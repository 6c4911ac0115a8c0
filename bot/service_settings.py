"""The table of one service, and the kinds of values that the tables share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StrictStr,
    model_validator,
)

from backtrace_core.alerts import SENDERS
from backtrace_core.model import GoingBack, Service, Severity
from bot.calm import Calm, checked_hours, checked_zone, hours_of
from bot.rollback_pipeline import RollbackPipeline, checked_template, says_where_to
from bot.service_names import NameOrGlob, ProjectPath


def _http_url(value: str) -> str:
    if not value.startswith(("https://", "http://")):
        raise ValueError("must begin with https:// (or http://)")
    return value.rstrip("/")


def _channel_id(value: str) -> str:
    if not value.startswith(("C", "G")) or not value.isalnum():
        raise ValueError(f'"{value}" is not a channel id (in Slack: channel name > About, it looks like C0123456789)')
    return value


def _sender_id(value: str) -> str:
    if not value.startswith(("A", "B")) or not value.isalnum():
        raise ValueError(f'"{value}" is neither a bot id (B0123456789) nor an app id (A0123456789)')
    return value


def _slack_user(value: str) -> str:
    if not value.startswith(("U", "W")) or not value.isalnum():
        raise ValueError(f'"{value}" is not a Slack member id (in Slack: profile > Copy member ID, like U0123456789)')
    return value


def _sender_name(value: str) -> str:
    known = sorted(name for name, _, _ in SENDERS)
    if value not in known:
        raise ValueError(f'"{value}" is no sender that Backtrace knows. Those are: {", ".join(known)}')
    return value


HttpUrl = Annotated[str, AfterValidator(_http_url)]
SenderId = Annotated[str, AfterValidator(_sender_id)]
SenderName = Annotated[str, AfterValidator(_sender_name)]
ChannelId = Annotated[str, AfterValidator(_channel_id)]
SlackUser = Annotated[str, AfterValidator(_slack_user)]


def _input_value(value: Any) -> Any:
    if isinstance(value, str):
        return checked_template(value)
    if not isinstance(value, bool | int | float):
        raise ValueError("must be a text, a number, true or false")
    return value


Template = Annotated[StrictStr, AfterValidator(checked_template)]
InputValue = Annotated[Any, AfterValidator(_input_value)]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ServiceSettings(Strict):
    name: str = Field(min_length=1)
    project: ProjectPath
    projects: tuple[ProjectPath, ...] = ()
    aliases: tuple[NameOrGlob, ...] = ()
    environments: tuple[NameOrGlob, ...] = Field(default=("production",), min_length=1)
    urls: tuple[HttpUrl, ...] = ()
    incident_project: ProjectPath | None = None
    channels: tuple[ChannelId, ...] = ()
    incident_channel: ChannelId | None = None
    confidential_channels: tuple[ChannelId, ...] = ()
    depends_on: tuple[str, ...] = ()
    on_call: tuple[str, ...] = ()
    rollback: GoingBack = GoingBack.RETRY
    second_person: StrictBool = False
    rollback_ref: str | None = Field(default=None, min_length=1)
    rollback_inputs: Mapping[str, InputValue] = {}
    rollback_variables: Mapping[str, Template] = {}
    min_severity: Literal["critical", "high", "medium", "low", "info"] = "info"
    quiet_hours: Annotated[str, AfterValidator(checked_hours)] | None = None
    time_zone: Annotated[str, AfterValidator(checked_zone)] = "UTC"

    def service(self) -> Service:
        aside = {"min_severity", "quiet_hours", "time_zone", "rollback_ref", "rollback_inputs", "rollback_variables"}
        return Service(**self.model_dump(exclude=aside))

    def pipeline(self) -> RollbackPipeline:
        return RollbackPipeline(
            self.rollback_ref or "", tuple(self.rollback_inputs.items()), tuple(self.rollback_variables.items())
        )

    @model_validator(mode="after")
    def _pipeline_is_whole(self) -> Self:
        is_told = self.rollback_ref or self.rollback_inputs or self.rollback_variables
        if self.rollback is not GoingBack.PIPELINE and is_told:
            raise ValueError('rollback_ref, rollback_inputs and rollback_variables need rollback = "pipeline"')
        if self.rollback is GoingBack.PIPELINE and not says_where_to(self.pipeline()):
            needs = "rollback_inputs or rollback_variables with {sha}, {tag}, {ref} or {deployment_id}"
            raise ValueError(f'rollback = "pipeline" needs {needs}: else it would deploy what is newest')
        return self

    def calm(self) -> Calm:
        quiet = hours_of(self.quiet_hours) if self.quiet_hours else None
        return Calm(Severity[self.min_severity.upper()], quiet, ZoneInfo(self.time_zone))
