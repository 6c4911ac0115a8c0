"""What stands in DBOS's tables: ids, outcome words, and errors by their names. Nothing that would have to be hidden."""

from __future__ import annotations

import json
from typing import Any

import dbos._serialization as dbos_serialization
from dbos import Serializer
from dbos import error as dbos_error

from bot.gitlab.client import GitLabError
from bot.slack.client import SlackError

MOST_WORDS = 300


class StepFailedError(Exception):
    """A step ended in an error: ``kind`` is its class, ``says`` its words, where these may be shown.

    Workflows see the same error whether the step failed just now, or before a restart and is read from its record.
    Troubles of DBOS itself are never wrapped in it: no workflow may take those for an outcome.
    """

    def __init__(self, kind: str, says: str) -> None:
        super().__init__(f"{kind}: {says}" if says else kind)
        self.kind = kind
        self.says = says

    @property
    def why(self) -> str:
        """In words for people."""
        return self.says or f"Backtrace itself failed ({self.kind}). Its log has the details."


def failed_of(error: BaseException) -> StepFailedError:
    """The error as workflows see it."""
    # What GitLab and Slack said is worth showing; the text of other errors may quote an alert or hold a secret.
    says = ""
    if isinstance(error, GitLabError):
        says = f"GitLab: {error}".rstrip(": ")
    elif isinstance(error, SlackError):
        says = str(error)
    return StepFailedError(type(error).__name__, says[:MOST_WORDS])


class JsonSerializer(Serializer):
    """Ids and outcome words as JSON; an error as its class and the words that may be shown.

    Nothing but those errors is ever made into an object.
    """

    def serialize(self, data: Any) -> str:
        if not isinstance(data, BaseException):
            return json.dumps(data)
        last = data.errors[-1] if isinstance(data, dbos_error.DBOSMaxStepRetriesExceeded) else data
        failed = last if isinstance(last, StepFailedError) else failed_of(last)
        return json.dumps({"error": failed.kind, "says": failed.says})

    def deserialize(self, serialized_data: str) -> Any:
        data = json.loads(serialized_data)
        if isinstance(data, dict) and data.keys() == {"error", "says"}:
            return StepFailedError(data["error"], data["says"])
        return data

    def name(self) -> str:
        return "backtrace_json"


def close_the_pickle_door() -> None:
    """Let nothing be unpickled, whatever a row of the step database says."""

    # DBOS picks the reader by a column of the row: a row that says "py_pickle" would be unpickled, and so would run
    # code, whatever serializer is configured. Nobody but us writes here, so that reader has no work to do.
    def refuse(_self: dbos_serialization.DefaultSerializer, _data: str) -> Any:
        raise ValueError("a pickled value in the step database: Backtrace writes none, so it was not read")

    setattr(dbos_serialization.DefaultSerializer, "deserialize", refuse)  # noqa: B010 - typed, it can't be assigned
