"""What a test or the demo may choose about the embedded GitLab before it starts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal


@dataclass(frozen=True, slots=True)
class Token:
    """A personal or project access token. ``username`` None stands for the project's bot user.

    ``active`` False: it was revoked. From ``expires_on`` on (midnight UTC) it is not accepted any more; None: 90 days
    after the world's alert. ``expires_at`` is for those that live for hours. ``tells_of_itself`` False: it is of a kind
    that has no entry of its own, such as OAuth's.
    """

    username: str | None
    scopes: tuple[str, ...] = ("api",)
    active: bool = True
    expires_on: date | None = None
    tells_of_itself: bool = True
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class EscalationPolicy:
    """A policy of GitLab's on-call schedules; ``on_call`` are the usernames that it would reach now."""

    id: int
    name: str
    on_call: tuple[str, ...]


BOT_TOKEN = "glpat-backtrace"
READ_TOKEN = "glpat-read"


def _bot_tokens() -> dict[str, Token]:
    return {BOT_TOKEN: Token(None), READ_TOKEN: Token(None, ("read_api",))}


@dataclass(frozen=True, slots=True)
class GitLabOptions:
    """``run_after`` and ``success_after``: seconds from a retry until its job runs, and until it ends.

    ``link_after``: seconds from a deployment's success until the worker links merge requests to it; None: only
    ``state.link_now()`` does. ``tier`` switches protected environments and paging on (both are Premium).
    ``strict``: leaving ``serve_gitlab`` fails where a request was not planned for. Every user of the world has the
    token ``glpat-<username>`` with scope ``api``; ``tokens`` adds to these.
    ``shows_forward_deployment`` False: the project's row lacks these settings, as for those below Maintainer.
    ``stuck_after``: no runner takes a job any more, and after so many seconds GitLab drops it as stuck.
    ``variables_role``: from which role on people may set a pipeline's variables.
    ``timeline``: incidents have one, which older servers lack.
    ``answer_after``: seconds that every answer takes, however quickly it is made. ``stands_still``: nothing but reading
    will happen, so that an answer once made is kept and costs no time of its own: for measuring clients.
    """

    run_after: float = 1.0
    success_after: float = 4.0
    link_after: float | None = 2.0
    bot_level: int = 40
    tokens: Mapping[str, Token] = field(default_factory=_bot_tokens)
    tier: Literal["free", "premium"] = "free"
    policies: tuple[EscalationPolicy, ...] = ()
    forward_deployment: bool = True
    rollback_allowed: bool = True
    variables_role: Literal["developer", "maintainer", "owner", "no_one_allowed"] = "developer"
    shows_forward_deployment: bool = True
    stuck_after: float | None = None
    timeline: bool = True
    incident_hook_kind: Literal["issue", "work_item"] = "work_item"
    counted_rows: int = 10_000
    hook_interval: float = 0.05
    strict: bool = True
    answer_after: float = 0.0
    stands_still: bool = False
