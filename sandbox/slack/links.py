"""This server's own addresses: they are known only once the socket is bound."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field


@dataclass(slots=True)
class Links:
    """``url`` is ``http://HOST:PORT`` without a slash at the end. ``tickets`` open one websocket each."""

    url: str = ""
    tickets: set[str] = field(default_factory=set)

    def new_socket_url(self) -> str:
        ticket = secrets.token_urlsafe(16)
        self.tickets.add(ticket)
        return f"ws{self.url.removeprefix('http')}/link/?ticket={ticket}"
