"""What the workflows work with: made once by the wiring."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bot.acting import ActingAs
from bot.cards import Buttons
from bot.gitlab.client import GitLabClient
from bot.gitlab.own_user import OwnUser
from bot.linking.linker import Linker
from bot.rights import Rights
from bot.settings import Settings
from bot.slack.audience import Audience
from bot.slack.poster import Poster
from bot.sources import FactSource
from bot.store import Store

Moment = Literal["before", "after", "recorded"]
Observer = Callable[[Moment, str], None]
"""Told of each durable step: before it runs, after its effect, and once its result is recorded."""


def silent(_moment: Moment, _step: str) -> None:
    """The observer that tells nobody."""


@dataclass(frozen=True, slots=True)
class House:
    """``nudge`` is set for a moment when GitLab's webhook tells of a deployment: whoever follows one looks at once.

    ``own`` is the bot's own user in GitLab. ``acting`` has the client that changes production for a person, ``rights``
    tells beforehand whether they may, and ``linker`` links them; None where nobody can link.
    """

    settings: Settings
    store: Store
    source: FactSource
    gitlab: GitLabClient
    poster: Poster
    audience: Audience
    clock: Callable[[], datetime]
    nudge: asyncio.Event
    own: OwnUser
    acting: ActingAs
    rights: Rights
    linker: Linker | None = None
    buttons: Buttons = Buttons.ACTING
    observe: Observer = silent
