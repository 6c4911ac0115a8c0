"""One call of the API as the route functions see it: who asks, for what, with which parameters."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from sandbox.gitlab.answers import bad_parameter
from sandbox.gitlab.options import Token
from sandbox.gitlab.state import GitLabState
from sandbox.worlds.model import User


class Params:
    """Query or body parameters. It remembers which were read, so that none is ignored unseen."""

    def __init__(self, pairs: Iterable[tuple[str, Any]]) -> None:
        self._values: dict[str, list[Any]] = {}
        for name, value in pairs:
            self._values.setdefault(name.removesuffix("[]"), []).extend(value if isinstance(value, list) else [value])
        self._read: set[str] = set()

    @classmethod
    def of_body(cls, raw: bytes, content_type: str) -> Params:
        """GitLab takes JSON objects and forms.

        :raises RefusalError: for anything else.
        """
        if not raw:
            return cls(())
        if "json" not in content_type:
            return cls(parse_qsl(raw.decode(), keep_blank_values=True))
        try:
            body = json.loads(raw)
        except ValueError:
            bad_parameter("The provided content-type is not supported")
        return cls(body.items() if isinstance(body, dict) else ())

    def has(self, name: str) -> bool:
        self._read.add(name)
        return name in self._values

    def get(self, name: str, default: str = "") -> str:
        self._read.add(name)
        values = self._values.get(name)
        return str(values[-1]) if values and values[-1] is not None else default

    def required(self, name: str) -> str:
        return self.get(name) or bad_parameter(f"{name} is missing")

    def choice(self, name: str, allowed: Collection[str], default: str = "") -> str:
        value = self.get(name, default)
        if value and value not in allowed:
            bad_parameter(f"{name} does not have a valid value")
        return value

    def number(self, name: str, default: int = 0) -> int:
        value = self.get(name)
        return (int(value) if value.isdigit() else bad_parameter(f"{name} is invalid")) if value else default

    def flag(self, name: str) -> bool:
        return self.get(name).lower() in {"true", "1"}

    def moment(self, name: str) -> datetime | None:
        value = self.get(name)
        try:
            return datetime.fromisoformat(value) if value else None
        except ValueError:
            bad_parameter(f"{name} is invalid")

    def many(self, name: str) -> list[str]:
        """A list: repeated, with ``[]``, as a JSON array, or separated by commas."""
        self._read.add(name)
        texts = [str(value) for value in self._values.get(name, ()) if value is not None]
        return [part.strip() for text in texts for part in text.split(",") if part.strip()]

    def rows(self, name: str) -> list[dict[str, Any]]:
        """A list of JSON objects."""
        self._read.add(name)
        return [value for value in self._values.get(name, ()) if isinstance(value, dict)]

    def mapping(self, name: str) -> dict[str, Any]:
        """A JSON object as it is; anything else is invalid."""
        if not self.has(name):
            return {}
        value = self._values[name][-1]
        return dict(value) if isinstance(value, dict) else bad_parameter(f"{name} is invalid")

    def unread(self) -> set[str]:
        return set(self._values) - self._read


@dataclass(frozen=True, slots=True)
class Call:
    """``params`` are the decoded parts of the path."""

    state: GitLabState
    user: User
    token: Token
    params: Mapping[str, str]
    query: Params
    body: Params

    @property
    def level(self) -> int:
        """The caller's role in the project, 0 for a stranger."""
        return self.state.levels.get(self.user.username, 0)

    def id(self, name: str) -> int:
        """A number in the path; anything else is invalid, as Grape says it."""
        value = self.params[name]
        return int(value) if value.isdigit() else bad_parameter(f"{name} is invalid")
