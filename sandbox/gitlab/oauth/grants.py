"""Applications, codes, device grants and token pairs (docs.gitlab.com/api/oauth2; RFC 6749, 7636, 8628).

A refresh ends the old access token and the old refresh token at once.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import NoReturn

from sandbox.gitlab.answers import RefusalError
from sandbox.gitlab.options import Token

CODE_LIVES = timedelta(minutes=10)
DEVICE_LIVES = timedelta(minutes=5)
_USER_CODE = "BCDFGHJKLMNPQRSTVWXZ"

Now = Callable[[], datetime]


@dataclass(slots=True)
class Application:
    """A registered one. ``secret`` is empty for a public one, which then must use PKCE."""

    client_id: str
    redirect_uris: tuple[str, ...] = ()
    secret: str = ""
    scopes: tuple[str, ...] = ("api",)


@dataclass(frozen=True, slots=True)
class Asked:
    """What an application asks a person for."""

    client_id: str
    scopes: tuple[str, ...]
    redirect_uri: str = ""
    challenge: str = ""


@dataclass(slots=True)
class _Code:
    asked: Asked
    username: str
    expires_at: datetime
    used: bool = False


@dataclass(slots=True)
class DeviceGrant:
    asked: Asked
    user_code: str
    expires_at: datetime
    username: str = ""
    denied: bool = False
    polled_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Pair:
    """An access token with its refresh token."""

    access: str
    refresh: str
    asked: Asked
    username: str
    created_at: datetime


def refuse(error: str, description: str = "", status: int = 400) -> NoReturn:
    raise RefusalError(status, {"error": error, "error_description": description or error.replace("_", " ")})


@dataclass(slots=True)
class OAuth:
    """``tokens`` are those of the API; ``pairs`` (by refresh token), ``refreshes`` and ``hasty`` (polls that came
    too soon) are for tests to read, and ``issued``, all that was ever given out.

    ``lives``: how long an access token does. ``interval``: seconds between two polls of a device grant.
    """

    now: Now
    tokens: MutableMapping[str, Token]
    lives: timedelta = timedelta(hours=2)
    interval: int = 5
    applications: dict[str, Application] = field(default_factory=dict)
    pairs: dict[str, Pair] = field(default_factory=dict)
    devices: dict[str, DeviceGrant] = field(default_factory=dict)
    refreshes: int = 0
    hasty: int = 0
    issued: list[str] = field(default_factory=list)
    _codes: dict[str, _Code] = field(default_factory=dict)

    def register(self, application: Application) -> None:
        self.applications[application.client_id] = application

    def application(self, client_id: str, secret: str | None = None) -> Application:
        """:raises RefusalError: 401 for one that is not registered, or has another secret."""
        found = self.applications.get(client_id)
        if found is None or (secret is not None and not secrets.compare_digest(found.secret, secret)):
            refuse("invalid_client", "Client authentication failed due to unknown client.", 401)
        return found

    def code_for(self, asked: Asked, username: str) -> str:
        """A person lets an application in: the code with which it comes back."""
        code = self._issue()
        self._codes[code] = _Code(asked, username, self.now() + CODE_LIVES)
        return code

    def exchange(self, client_id: str, code: str, redirect_uri: str, verifier: str) -> Pair:
        """:raises RefusalError: for a code that is unknown, used, too old, or another application's."""
        found = self._codes.get(code)
        if found is None or found.used or found.expires_at <= self.now():
            refuse("invalid_grant", "The provided authorization grant is invalid, expired, or revoked.")
        found.used = True
        asked = found.asked
        if asked.client_id != client_id or asked.redirect_uri != redirect_uri or not _proves(asked.challenge, verifier):
            refuse("invalid_grant", "The provided authorization grant is invalid, expired, or revoked.")
        return self._pair(asked, found.username)

    def refresh(self, client_id: str, refresh: str) -> Pair:
        pair = self.pairs.pop(refresh, None)
        if pair is None or pair.asked.client_id != client_id:
            refuse("invalid_grant", "The provided authorization grant is invalid, expired, or revoked.")
        self._end(pair.access)
        self.refreshes += 1
        return self._pair(pair.asked, pair.username)

    def begin_device(self, asked: Asked) -> tuple[str, DeviceGrant]:
        user_code = "".join(secrets.choice(_USER_CODE) for _ in range(8))
        grant = DeviceGrant(asked, user_code, self.now() + DEVICE_LIVES)
        device_code = self._issue()
        self.devices[device_code] = grant
        return device_code, grant

    def device_of(self, user_code: str) -> DeviceGrant | None:
        wanted = user_code.strip().upper()
        open_ones = (grant for grant in self.devices.values() if grant.expires_at > self.now())
        return next((grant for grant in open_ones if grant.user_code == wanted and not grant.username), None)

    def poll_device(self, client_id: str, device_code: str) -> Pair:
        """:raises RefusalError: as long as nobody has decided, and when it is too late or was denied."""
        grant = self.devices.get(device_code)
        if grant is None or grant.asked.client_id != client_id:
            refuse("invalid_grant", "The provided authorization grant is invalid, expired, or revoked.")
        now, before = self.now(), grant.polled_at
        grant.polled_at = now
        if grant.expires_at <= now:
            refuse("expired_token")
        if grant.denied:
            refuse("access_denied")
        if before is not None and (now - before).total_seconds() < self.interval:
            self.hasty += 1
            refuse("slow_down")
        if not grant.username:
            refuse("authorization_pending")
        del self.devices[device_code]
        return self._pair(grant.asked, grant.username)

    def revoke(self, token: str) -> None:
        """Either token of a pair ends both; an unknown one is no error (RFC 7009, 2.2)."""
        for pair in list(self.pairs.values()):
            if token in (pair.access, pair.refresh):
                self._end(pair.access)
                del self.pairs[pair.refresh]

    def revoke_all_of(self, username: str) -> None:
        """What a person does on the page with their applications."""
        for pair in list(self.pairs.values()):
            if pair.username == username:
                self.revoke(pair.refresh)

    def pair_of(self, access: str) -> Pair | None:
        return next((pair for pair in self.pairs.values() if pair.access == access), None)

    def _pair(self, asked: Asked, username: str) -> Pair:
        pair = Pair(self._issue(), self._issue(), asked, username, self.now())
        self.pairs[pair.refresh] = pair
        until = pair.created_at + self.lives
        self.tokens[pair.access] = Token(username, asked.scopes, tells_of_itself=False, expires_at=until)
        return pair

    def _issue(self) -> str:
        self.issued.append(secrets.token_hex(32))
        return self.issued[-1]

    def _end(self, access: str) -> None:
        self.tokens[access] = replace(self.tokens[access], active=False)


def _proves(challenge: str, verifier: str) -> bool:
    if not challenge:
        return not verifier
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == challenge
