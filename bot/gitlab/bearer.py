"""Whose token a request carries. Asked for at each request: a person's lives for two hours, a run may be longer."""

from __future__ import annotations

from typing import Protocol


class Bearer(Protocol):
    """``token`` and ``refused`` raise a ``GitLabError`` where there is no token, or none any more: nothing was sent."""

    async def token(self) -> str: ...

    async def refused(self, token: str) -> bool:
        """GitLab did not accept that one (401); whether it is worth asking for another."""


class OneToken:
    """The same one for ever, as the bot's own."""

    def __init__(self, token: str) -> None:
        self._token = token

    async def token(self) -> str:
        return self._token

    async def refused(self, token: str) -> bool:  # noqa: ARG002 - as the others
        return False
