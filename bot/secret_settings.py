"""The secrets of the environment: which there are, which are missing, which stand in each other's place."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

SIGNING = "whsec_"
"""How a signing token of Standard Webhooks begins."""
OAUTH_SECRET = "BACKTRACE_GITLAB_OAUTH_SECRET"  # noqa: S105 - the name of it
TOKEN_KEYS = "BACKTRACE_TOKEN_KEYS"  # noqa: S105 - the name of it


@dataclass(frozen=True, slots=True, repr=False)
class Secrets:
    """Never printed, never stored: no ``repr``."""

    gitlab_token: str
    slack_bot_token: str
    slack_signing_secret: str = ""
    slack_app_token: str = ""
    gitlab_webhook_secret: str = ""
    gitlab_oauth_secret: str = ""
    token_keys: tuple[str, ...] = field(default=(), kw_only=True)

    def __repr__(self) -> str:
        return "Secrets(…)"


_SECRETS = (
    ("BACKTRACE_GITLAB_TOKEN", "", "a GitLab token with scope api (or read_api, then the buttons are links)"),
    ("SLACK_BOT_TOKEN", "", "the bot token, it begins with xoxb-"),
    ("SLACK_SIGNING_SECRET", "http", "the app's signing secret (Basic Information > App Credentials)"),
    ("SLACK_APP_TOKEN", "socket", "an app-level token with connections:write, it begins with xapp-"),
)


def read_secrets(env: Mapping[str, str], mode: str) -> tuple[Secrets, tuple[str, ...]]:
    """The secrets, and a sentence for each that is missing or of another kind; ``mode`` is Slack's."""
    missing = tuple(
        f"environment: {name} is not set. It is {what}."
        for name, needed_in, what in _SECRETS
        if not env.get(name) and needed_in in ("", mode)
    )
    names = (*(name for name, _, _ in _SECRETS), "BACKTRACE_GITLAB_WEBHOOK_SECRET", OAUTH_SECRET)
    keys = tuple(env.get(TOKEN_KEYS, "").replace(",", " ").split())
    found = replace(Secrets(*(env.get(name, "") for name in names)), token_keys=keys)
    return found, (*missing, *_of_another_kind(env))


_BEGINS = {"SLACK_BOT_TOKEN": "xoxb-", "SLACK_APP_TOKEN": "xapp-"}
"""docs.slack.dev/authentication/tokens. GitLab's administrators choose how its tokens begin."""


def _of_another_kind(env: Mapping[str, str]) -> Iterator[str]:
    """Secrets that stand in each other's place."""
    for name, begins in _BEGINS.items():
        if env.get(name) and not env[name].startswith(begins):
            yield f"environment: {name} is of another kind: it has to begin with {begins}"
    if env.get("BACKTRACE_GITLAB_TOKEN", "").startswith(("xoxb-", "xapp-", "xoxp-")):
        yield "environment: BACKTRACE_GITLAB_TOKEN is a token of Slack's."
    secret = env.get("BACKTRACE_GITLAB_WEBHOOK_SECRET", "")
    if secret.startswith(SIGNING) and not _is_base64(secret.removeprefix(SIGNING)):
        yield "environment: BACKTRACE_GITLAB_WEBHOOK_SECRET begins as a signing token does, and is none."


def _is_base64(text: str) -> bool:
    try:
        return bool(base64.b64decode(text, validate=True))
    except ValueError:
        return False
