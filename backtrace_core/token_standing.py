"""What GitLab says of the bot's own token, and what is amiss with it. Decides, reads nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum

REPORTER, DEVELOPER, MAINTAINER = 20, 30, 40
NEAR = timedelta(days=14)
"""Twice as early as GitLab's own first word of it reaches people (its "access token" hook comes 7 days before): time
for the one who may make tokens to come back from a holiday."""
NAMED = 3
"""How many projects one sentence names; of more it tells the number."""

VARIABLE = "BACKTRACE_GITLAB_TOKEN"
READING, WRITING = "read_api", "api"
GRANULAR = "granular"
"""The scope of fine-grained tokens, of which the list of scopes does not tell what they may."""


_RENEW = f"Make a new one in GitLab, set {VARIABLE} and start Backtrace again"


class Severity(Enum):
    """``PROBLEM``: Backtrace can answer nothing with this token. ``WARNING``: it can, but not all, or not for long."""

    PROBLEM = "problem"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """``says``: one sentence or two, what is amiss and what to do."""

    severity: Severity
    says: str


@dataclass(frozen=True, slots=True)
class ProjectRole:
    """``level`` is the role's number, 0 for who is no member. ``readable``: its deployments may be seen."""

    project: str
    level: int
    readable: bool


@dataclass(frozen=True, slots=True)
class TokenFacts:
    """What could be found out. ``refused`` is GitLab's reason for not accepting the token, empty where it does.

    ``scopes`` and ``expires_on`` are None where GitLab does not tell; ``roles`` has the services' projects of which it
    tells, ``incident_roles`` those that are only there for incidents.
    """

    refused: str = ""
    scopes: frozenset[str] | None = None
    expires_on: date | None = None
    revoked: bool = False
    roles: tuple[ProjectRole, ...] = ()
    incident_roles: tuple[ProjectRole, ...] = ()

    @property
    def may_write(self) -> bool:
        """Whether the scopes let it write, as far as they tell; where they don't, GitLab refuses what it must."""
        return self.scopes is None or not self.scopes.isdisjoint({WRITING, GRANULAR})

    @property
    def may_read(self) -> bool:
        return self.may_write or READING in (self.scopes or ())


def findings(facts: TokenFacts, now: datetime, *, writes: bool, rolls_back: bool = True) -> tuple[Finding, ...]:
    """What is amiss, the worst first; nothing where the token is fine, or nothing is known against it.

    ``writes``: whether the settings let Backtrace write to GitLab. ``rolls_back``: whether it does so for people with
    this token, rather than with theirs.
    """
    if facts.refused:
        why = f"GitLab does not accept {VARIABLE} ({facts.refused})"
        return (_problem(f"{why}: it has expired, was revoked, or is not copied whole. {_RENEW}."),)
    if facts.revoked:
        return (_problem(f"GitLab's token was revoked. {_RENEW}."),)
    role = _needed(facts, writes=writes, rolls_back=rolls_back)
    roles = _of_roles(facts, role) if writes and facts.may_write else ()
    found = (*_of_expiry(facts, now), *_of_scopes(facts, writes=writes), *_unread(facts, role), *roles)
    return tuple(sorted(found, key=lambda finding: finding.severity is Severity.WARNING))


def _problem(says: str) -> Finding:
    return Finding(Severity.PROBLEM, says)


def _warning(says: str) -> Finding:
    return Finding(Severity.WARNING, says)


def _of_expiry(facts: TokenFacts, now: datetime) -> Iterable[Finding]:
    if facts.expires_on is None:
        return
    # docs.gitlab.com/user/profile/personal_access_tokens: a token expires at midnight UTC at the start of that day.
    left = datetime.combine(facts.expires_on, time(), UTC) - now
    if left <= timedelta():
        yield _problem(f"GitLab's token expired on {facts.expires_on}. {_RENEW}.")
    elif left <= NEAR:
        yield _warning(f"GitLab's token expires on {facts.expires_on}, in {_days(left)}. {_RENEW} before that.")


def _days(left: timedelta) -> str:
    if left < timedelta(days=1):
        return "less than a day"
    return "1 day" if left.days == 1 else f"{left.days} days"


def _of_scopes(facts: TokenFacts, *, writes: bool) -> Iterable[Finding]:
    if not facts.may_read:
        scope = WRITING if writes else READING
        yield _problem(f"GitLab's token has {_scopes(facts)}: it can't read. Make one with scope {scope}.")
    elif writes and not facts.may_write:
        yield _warning(
            f"GitLab's token has {_scopes(facts)}: the buttons are links. "
            f'Make one with scope {WRITING}, or set writes = "off" in [gitlab].'
        )


def _scopes(facts: TokenFacts) -> str:
    names = sorted(facts.scopes or ())
    return f"scope {', '.join(names)} only" if names else "no scope"


def _unread(facts: TokenFacts, role: str) -> Iterable[Finding]:
    unread = [role.project for role in facts.roles if not role.readable]
    if unread:
        says = (
            f"GitLab's token may not read the deployments of {_named(unread)}: alerts there can't be traced. "
            f"Check the path in the settings, and give the token's user the role {role} there."
        )
        yield _problem(says) if len(unread) == len(facts.roles) else _warning(says)


def _of_roles(facts: TokenFacts, role: str) -> Iterable[Finding]:
    """``role``: the one that it should have."""
    readable = [role for role in facts.roles if role.readable]
    reading = [role.project for role in readable if role.level < DEVELOPER]
    if reading:
        deeds = "assigning, paging, rolling back" if role == "Maintainer" else "assigning, paging"
        yield _warning(
            f"GitLab's token is below Developer in {_named(reading)}: {deeds} and timeline events will be refused. "
            f'Give its user the role {role}, or set writes = "off" in [gitlab].'
        )
    developing = [role.project for role in readable if DEVELOPER <= role.level < MAINTAINER]
    if developing and role == "Maintainer":
        yield _warning(
            f"GitLab's token is below Maintainer in {_named(developing)}: rolling back may be refused, since only a "
            "Maintainer may read who may deploy. Give its user the role Maintainer."
        )
    yield from _of_incidents(facts.incident_roles)


def _of_incidents(roles: Iterable[ProjectRole]) -> Iterable[Finding]:
    """docs.gitlab.com/user/permissions: who opens and assigns incidents is a Reporter, who escalates, or writes to an
    incident's timeline, a Developer."""
    lacking: dict[tuple[str, str], list[str]] = {}
    for role in roles:
        if role.level < REPORTER:
            what = "can't read" if not (role.level or role.readable) else "is below Reporter in"
            refused = "assigning, paging and timeline events will be refused"
        elif role.level < DEVELOPER:
            what, refused = "is below Developer in", "timeline events will be refused, and paging may be"
        else:
            continue
        lacking.setdefault((what, refused), []).append(role.project)
    for (what, refused), projects in lacking.items():
        yield _warning(
            f"GitLab's token {what} {_named(projects)}, where incidents are opened: {refused}. "
            "Check incident_project in the settings, and give the token's user the role Developer there."
        )


def timeline_written(facts: TokenFacts) -> str:
    """Where an incident's timeline can be written, as far as the roles tell; empty where they tell nothing good. Every
    tier of GitLab has it."""
    if not facts.may_write:
        return ""
    may = [role.project for role in (*facts.roles, *facts.incident_roles) if role.level >= DEVELOPER]
    return f"An incident's timeline can be written in {_named(may)}." if may else ""


def _needed(facts: TokenFacts, *, writes: bool, rolls_back: bool) -> str:
    if not (writes and facts.may_write):
        return "Reporter"
    return "Maintainer" if rolls_back else "Developer"


def _named(projects: list[str]) -> str:
    shown = ", ".join(projects[:NAMED])
    more = len(projects) - NAMED
    return f"{shown} and {more} more" if more > 0 else shown
