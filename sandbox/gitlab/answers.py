"""What goes back over the wire, and GitLab's four shapes of refusal (docs.gitlab.com/api/rest: status codes)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn


@dataclass(frozen=True, slots=True)
class Answer:
    """``body`` is JSON-able, or bytes for a raw file."""

    body: Any
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def content(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()

    @property
    def content_type(self) -> str:
        return "text/plain" if isinstance(self.body, bytes) else "application/json"


class RefusalError(Exception):
    """Ends a call with an error answer."""

    def __init__(self, status: int, body: Any) -> None:
        super().__init__(f"{status} {body}")
        self.answer = Answer(body, status)


class UnplannedError(Exception):
    """The request asks for something that the embedded GitLab does not do."""


def unauthorized() -> NoReturn:
    raise RefusalError(401, {"message": "401 Unauthorized"})


def revoked() -> NoReturn:
    description = "Token was revoked. You have to re-authorize from the user."
    raise RefusalError(401, {"error": "invalid_token", "error_description": description})


def expired() -> NoReturn:
    description = "Token is expired. You can either do re-authorization or token refresh."
    raise RefusalError(401, {"error": "invalid_token", "error_description": description})


def scope_too_small() -> NoReturn:
    description = "The request requires higher privileges than provided by the access token."
    raise RefusalError(403, {"error": "insufficient_scope", "error_description": description, "scope": "api"})


def forbidden(reason: str = "") -> NoReturn:
    raise RefusalError(403, {"message": f"403 Forbidden - {reason}" if reason else "403 Forbidden"})


def not_found(what: str = "") -> NoReturn:
    raise RefusalError(404, {"message": f"404 {what} Not Found" if what else "404 Not found"})


def bad_parameter(sentence: str) -> NoReturn:
    raise RefusalError(400, {"error": sentence})


def bad_request(reason: str) -> NoReturn:
    raise RefusalError(400, {"message": f"400 Bad request - {reason}"})


def conflict(message: str) -> NoReturn:
    raise RefusalError(409, {"message": message})
