"""Whom and what linking works with, and what it hands out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from bot.gitlab.client import GitLabClient
from bot.gitlab.oauth import GitLabOAuth
from bot.linking import words
from bot.linking.pair import SlackPerson
from bot.settings import Settings
from bot.slack.audience import Audience


@dataclass(frozen=True, slots=True)
class Asker:
    """Who wants to link, and where they are told. ``incident_id`` and ``view_id``: what they pressed, if anything."""

    slack_user: str
    team: str
    channel: str
    reply_to: str | None = None
    incident_id: str = ""
    view_id: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class Invitation:
    """``url`` and ``code`` are for the asker alone. ``way``: whose page it is, ours or GitLab's."""

    way: str
    url: str
    code: str

    @property
    def says(self) -> str:
        return (words.invitation if self.way == "page" else words.device_invitation)(self.url, self.code)


@dataclass(frozen=True, slots=True, repr=False)
class Sent:
    """Where a browser goes after the right code, and the cookie that it must bring back."""

    url: str
    cookie: str


@dataclass(frozen=True, slots=True)
class Parties:
    """What a linker works with, beside the store. ``tell`` says words in a channel to one person alone."""

    settings: Settings
    oauth: GitLabOAuth
    client_of: Callable[[str], GitLabClient]
    slack_person: Callable[[str], Awaitable[SlackPerson]]
    audience: Audience
    tell: Callable[[str, str, str], Awaitable[None]]
    clock: Callable[[], datetime]
