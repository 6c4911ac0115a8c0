"""Routing on the raw path, so that ``shop%2Fweb`` stays one part (docs.gitlab.com/api/rest: namespaced paths)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import unquote

from sandbox.gitlab.answers import Answer
from sandbox.gitlab.calls import Call

Handler = Callable[[Call], Answer]

GUEST, PLANNER, REPORTER, DEVELOPER, MAINTAINER = 10, 15, 20, 30, 40


@dataclass(frozen=True, slots=True)
class Route:
    """``pattern`` parts that begin with ``:`` match one raw part. ``role``: the least role in the project."""

    method: str
    pattern: str
    handler: Handler
    role: int = 0

    def match(self, method: str, path: str) -> dict[str, str] | None:
        """The decoded parts of ``path``, or None where this is not the route."""
        wanted, given = self.pattern.split("/"), path.strip("/").split("/")
        if method != self.method or len(wanted) != len(given):
            return None
        if any(part != there for part, there in zip(wanted, given, strict=True) if not part.startswith(":")):
            return None
        return {part[1:]: unquote(there) for part, there in zip(wanted, given, strict=True) if part.startswith(":")}
