"""GitLab's OAuth endpoints, as one registered application (docs.gitlab.com/api/oauth2; RFC 6749, 7636, 7009, 8628).

Tokens are in nobody's ``repr`` and in no error.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

import requests
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from urllib3.exceptions import ConnectTimeoutError, MaxRetryError, NewConnectionError

from bot.gitlab.errors import GitLabRefused, GitLabUnavailable, OutcomeUnknown
from bot.gitlab.wire import TOTAL_FACTOR, look_around

SCOPE = "api"
"""Nothing narrower lets a token retry a job."""
USUAL_LIFE_S = 7200
"""How long GitLab's access tokens live, should it not say so."""
USUAL_INTERVAL_S = 5
"""Between two polls of a device grant, where the server does not say (RFC 8628, 3.2)."""
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
THREADS = 4
NOT_FOUND, SERVER_ERROR = 404, 500

T = TypeVar("T")


class OAuthRefused(GitLabRefused):
    """GitLab's OAuth said no: ``error`` is its word for it (``invalid_grant``, ``authorization_pending`` …)."""

    def __init__(self, error: str) -> None:
        super().__init__(400, error.replace("_", " "))
        self.error = error


@dataclass(frozen=True, slots=True, repr=False)
class Tokens:
    """An access token with its refresh token; ``expires_at`` is the access token's end."""

    access: str
    refresh: str
    expires_at: datetime
    scopes: frozenset[str]

    def __repr__(self) -> str:
        return "Tokens(…)"


@dataclass(frozen=True, slots=True, repr=False)
class DeviceCode:
    """What a device grant begins with. ``page`` and ``user_code`` are for the person, ``secret`` is for polling.

    ``lives_s`` and ``interval_s`` in seconds.
    """

    secret: str
    user_code: str
    page: str
    lives_s: int
    interval_s: int

    def __repr__(self) -> str:
        return "DeviceCode(…)"


@dataclass(frozen=True, slots=True, repr=False)
class Application:
    """The application as registered in GitLab; ``secret`` is empty for a public one."""

    url: str
    client_id: str
    secret: str = ""
    timeout_s: float = 10
    ca_file: str | None = None

    def __repr__(self) -> str:
        return f"Application({self.url})"


class GitLabOAuth:
    """All calls are sent once.

    :raises OAuthRefused: GitLab said no.
    :raises OutcomeUnknown: the answer got lost, or is unreadable: it may have taken effect.
    :raises GitLabUnavailable: GitLab was not reached at all.
    """

    def __init__(self, application: Application, clock: Callable[[], datetime]) -> None:
        self._application = application
        self._clock = clock
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="oauth")

    def authorize_url(self, redirect_uri: str, state: str, verifier: str) -> str:
        """The page at which a person lets the application in, with PKCE's challenge (S256)."""
        session = self._session()
        url, _ = session.create_authorization_url(
            self._at("authorize"), state=state, code_verifier=verifier, redirect_uri=redirect_uri, scope=SCOPE
        )
        return str(url)

    async def exchange(self, code: str, redirect_uri: str, verifier: str) -> Tokens:
        """The tokens for the code with which a browser came back."""
        return await self._tokens(
            "authorization_code", {"code": code, "redirect_uri": redirect_uri, "code_verifier": verifier}
        )

    async def refresh(self, refresh_token: str) -> Tokens:
        """A new pair; the old one, its access token too, is dead from then on."""
        return await self._tokens("refresh_token", {"refresh_token": refresh_token})

    async def begin_device(self) -> DeviceCode:
        """:raises GitLabRefused: 404 where the server is too old for it (before 17.9)."""
        sent = {"client_id": self._application.client_id, "scope": SCOPE}
        row = await self._off_loop(lambda session: _object(_post(session, self._at("authorize_device"), sent)))
        try:
            return DeviceCode(
                secret=str(row["device_code"]),
                user_code=str(row["user_code"]),
                page=str(row.get("verification_uri_complete") or row["verification_uri"]),
                lives_s=int(row["expires_in"]),
                interval_s=int(row.get("interval") or USUAL_INTERVAL_S),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise OutcomeUnknown("GitLab's answer about the device grant can't be read") from error

    async def poll_device(self, secret: str) -> Tokens:
        """:raises OAuthRefused: ``authorization_pending`` and ``slow_down`` until the person has decided."""
        return await self._tokens(DEVICE_GRANT, {"device_code": secret})

    async def revoke(self, token: str) -> None:
        """End a pair by either of its tokens; one that is unknown by now is no error."""
        await self._off_loop(lambda session: _end(session, self._at("revoke"), token))

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def _tokens(self, grant: str, fields: Mapping[str, str]) -> Tokens:
        def ask(session: OAuth2Session) -> Mapping[str, Any]:
            if grant == "refresh_token":
                return dict(session.refresh_token(self._at("token"), **fields, **_ONCE))
            return dict(session.fetch_token(self._at("token"), grant_type=grant, **fields, **_ONCE))

        row = await self._off_loop(ask)
        access, refresh = row.get("access_token"), row.get("refresh_token")
        if not isinstance(access, str) or not isinstance(refresh, str) or not access or not refresh:
            raise OutcomeUnknown("GitLab's answer has no tokens in it")
        life = timedelta(seconds=float(row.get("expires_in") or USUAL_LIFE_S))
        return Tokens(access, refresh, self._clock() + life, frozenset(str(row.get("scope") or SCOPE).split()))

    async def _off_loop(self, ask: Callable[[OAuth2Session], T]) -> T:
        asked = asyncio.get_running_loop().run_in_executor(self._pool, self._asked, ask)
        try:
            # The session's own timeout bounds silences only: a body may drip for ever.
            async with asyncio.timeout(self._application.timeout_s * TOTAL_FACTOR):
                return await asked
        except TimeoutError:
            raise OutcomeUnknown("GitLab took too long") from None

    def _asked(self, ask: Callable[[OAuth2Session], T]) -> T:
        session = self._session()
        try:
            return ask(session)
        except OAuthError as error:
            raise OAuthRefused(str(error.error)) from None
        except requests.HTTPError as error:
            status = error.response.status_code if error.response is not None else SERVER_ERROR
            if status >= SERVER_ERROR:
                raise OutcomeUnknown(f"GitLab answered {status}") from None
            raise GitLabRefused(status, f"{status}: GitLab refused") from None
        except requests.RequestException as error:
            if _never_arrived(error):
                raise GitLabUnavailable("GitLab was not reached") from None
            raise OutcomeUnknown("the connection broke, or GitLab took too long") from None
        except ValueError:
            raise OutcomeUnknown("GitLab answered something else than JSON") from None
        finally:
            session.close()

    def _session(self) -> OAuth2Session:
        chosen = self._application
        session = OAuth2Session(
            chosen.client_id,
            chosen.secret or None,
            token_endpoint_auth_method="client_secret_post" if chosen.secret else "none",
            revocation_endpoint_auth_method="client_secret_post" if chosen.secret else "none",
            code_challenge_method="S256",
            default_timeout=chosen.timeout_s,
        )
        for answer in ("access_token_response", "refresh_token_response"):
            session.register_compliance_hook(answer, _refused_in_words)
        session.verify = look_around(session, chosen.url, chosen.ca_file)
        return session

    def _at(self, name: str) -> str:
        return f"{self._application.url}/oauth/{name}"


# A redirect would carry the secrets of the body to another address.
_ONCE: dict[str, Any] = {"allow_redirects": False}


def _post(session: OAuth2Session, url: str, fields: Mapping[str, str]) -> requests.Response:
    more: dict[str, Any] = {"withhold_token": True, "headers": {"Accept": "application/json"}, **_ONCE}
    return session.post(url, data=dict(fields), **more)


def _end(session: OAuth2Session, url: str, token: str) -> None:
    answer: requests.Response = session.revoke_token(url, token=token, **_ONCE)  # type: ignore[no-untyped-call]
    answer.raise_for_status()


def _refused_in_words(response: requests.Response) -> requests.Response:
    """Lets OAuth's own refusals through; Authlib would take any other JSON, such as a proxy's, for tokens."""
    try:
        row = response.json()
    except ValueError:
        row = None
    if not (isinstance(row, dict) and isinstance(row.get("error"), str)):
        response.raise_for_status()
    return response


def _object(response: requests.Response) -> dict[str, Any]:
    if response.status_code == NOT_FOUND or response.status_code >= SERVER_ERROR:
        response.raise_for_status()
    try:
        row = response.json()
    except ValueError:
        response.raise_for_status()
        raise
    if not isinstance(row, dict):
        raise ValueError("not a JSON object")
    if "error" in row:
        raise OAuthError(str(row["error"]))
    return row


def _never_arrived(error: requests.RequestException) -> bool:
    reason = error.args[0] if error.args else None
    if isinstance(reason, MaxRetryError):
        reason = reason.reason
    return isinstance(reason, NewConnectionError | ConnectTimeoutError)
