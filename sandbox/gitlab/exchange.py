"""One request and its answer as they went over the wire, kept for `make contract` and for tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sandbox.gitlab.answers import Answer

SECRET_HEADERS = {"private-token", "authorization", "cookie"}


@dataclass(frozen=True, slots=True)
class Request:
    """``path`` is raw, ``query`` too; ``headers`` are in lower case, without the secret ones."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    token: str | None = None

    def __repr__(self) -> str:
        return f"{self.method} {self.path}{'?' if self.query else ''}{self.query}"


@dataclass(frozen=True, slots=True)
class Exchange:
    """``fault`` names the switched-on fault that spoiled the exchange, else it is empty."""

    request: Request
    answer: Answer
    fault: str = ""
