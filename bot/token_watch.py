"""How the bot's GitLab token stands: looked at now and then, told without waiting."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from backtrace_core.token_standing import Finding, Severity, TokenFacts, findings
from bot.gitlab.client import GitLabClient, GitLabError
from bot.gitlab.token import read_token

LOOKS_EVERY_S = 600.0
"""A token's standing changes in days, but who revokes one wants to see it told."""
TRIES_EVERY_S = 60.0
"""As long as GitLab can't be reached."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Standing:
    """``looked_at`` is when GitLab last told, None: never. ``unreached``: why it did not the last time, or empty."""

    findings: tuple[Finding, ...]
    expires_on: date | None
    looked_at: datetime | None
    unreached: str

    @property
    def ok(self) -> bool:
        return all(finding.severity is not Severity.PROBLEM for finding in self.findings)


class TokenWatch:
    """``projects`` are those of the services, ``incident_projects`` those that are there for incidents only.

    ``writes``: whether the settings let Backtrace write to GitLab; ``rolls_back``: whether with this token.
    """

    def __init__(  # noqa: PLR0913 - keywords, one for each thing that it has to know
        self,
        client: GitLabClient,
        projects: Sequence[str],
        clock: Callable[[], datetime],
        *,
        writes: bool,
        rolls_back: bool = True,
        incident_projects: Sequence[str] = (),
    ) -> None:
        self._client = client
        self._projects = projects
        self._incident_projects = incident_projects
        self._clock = clock
        self._writes, self._rolls_back = writes, rolls_back
        self._facts: TokenFacts | None = None
        self._looked_at: datetime | None = None
        self._unreached = ""
        self._logged: frozenset[Finding] = frozenset()

    async def look(self) -> TokenFacts | None:
        """Ask GitLab, and log what was not amiss before; None when it can't be asked. Never raises."""
        try:
            facts = await read_token(self._client, self._projects, self._incident_projects)
        except GitLabError as error:
            self._unreached = str(error)
            log.warning("GitLab could not be asked about the token: %s", error)
            return None
        if facts.refused and self._facts is not None:
            # GitLab says nothing more of it, but when it was to expire is known.
            facts = replace(facts, expires_on=self._facts.expires_on)
        self._facts, self._looked_at, self._unreached = facts, self._clock(), ""
        self._log(self._found())
        return facts

    @property
    def may_write(self) -> bool:
        """As far as is known; GitLab itself refuses what it must."""
        return self._facts is None or self._facts.may_write

    async def keep_looking(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            await asyncio.sleep(TRIES_EVERY_S if self._unreached else LOOKS_EVERY_S)
            await self.look()

    def standing(self) -> Standing:
        """What is known, without asking GitLab."""
        expires_on = self._facts.expires_on if self._facts else None
        return Standing(self._found(), expires_on, self._looked_at, self._unreached)

    def _found(self) -> tuple[Finding, ...]:
        # Decided anew each time: a token comes near its end, and to it, between two looks.
        if self._facts is None:
            return ()
        return findings(self._facts, self._clock(), writes=self._writes, rolls_back=self._rolls_back)

    def _log(self, found: tuple[Finding, ...]) -> None:
        for finding in found:
            if finding not in self._logged:
                level = logging.ERROR if finding.severity is Severity.PROBLEM else logging.WARNING
                log.log(level, "%s", finding.says)
        self._logged = frozenset(found)
