"""What linking people's GitLab accounts needs of the settings: an address, keys, and what is amiss with them."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from cryptography.fernet import Fernet

from bot.secret_settings import OAUTH_SECRET, TOKEN_KEYS, Secrets

_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")


def checked_public_url(value: str) -> str:
    """An address without a path of its own.

    :raises ValueError: where a browser would send codes and cookies in clear over a network.
    """
    url = value.rstrip("/")
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        parts, host = urlsplit(""), None
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and host in _THIS_MACHINE)
    if not host or not is_safe:
        raise ValueError("must begin with https:// (http:// only for this machine itself)")
    if parts.query or parts.fragment or parts.username or any(char.isspace() for char in url):
        raise ValueError("must be an address alone, such as https://backtrace.example.com")
    return url


def link_problems(client_id: str, secrets: Secrets) -> Iterator[str]:
    """What keeps people's tokens from being kept, a sentence for each."""
    make_one = "`backtrace key` prints a new one"
    if client_id and not secrets.token_keys:
        needed = "gitlab.oauth_client_id is set, and people's GitLab tokens are stored encrypted only"
        yield f"environment: {TOKEN_KEYS} is not set: {needed}. {make_one}."
    for number, key in enumerate(secrets.token_keys, start=1):
        if not _is_key(key):
            yield f"environment: key {number} in {TOKEN_KEYS} is none. {make_one}; several are separated by commas."
    if secrets.gitlab_oauth_secret and not client_id:
        yield f"environment: {OAUTH_SECRET} is set, but gitlab.oauth_client_id is not: both belong to one application."


def _is_key(key: str) -> bool:
    try:
        Fernet(key)
    except ValueError:
        return False
    return True
