"""Feature flags by environment (docs.gitlab.com/api/feature_flags): their state, and how one is switched off alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from bot.gitlab.client import GitLabClient
from bot.gitlab.paths import in_project
from bot.gitlab.shapes import MALFORMED

MOST_FLAGS = 200
EVERYBODY = "default"
"""The strategy that lets everybody through; GitLab calls it "All users"."""

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Strategy:
    """``scopes`` are environments by name or with ``*`` in them."""

    id: int
    name: str
    parameters: Mapping[str, str]
    scopes: tuple[str, ...]

    def reaches(self, environment: str) -> bool:
        return any(fnmatchcase(environment, scope.replace("[", "[[]")) for scope in self.scopes)

    @property
    def says(self) -> str:
        if self.name == EVERYBODY:
            return "for everybody"
        share = self.parameters.get("rollout") or self.parameters.get("percentage")
        return f"for {share} %" if share else "for some users"


@dataclass(frozen=True, slots=True)
class Flag:
    """``is_active`` False: off everywhere, whatever the strategies say."""

    name: str
    is_active: bool
    strategies: tuple[Strategy, ...]

    def state_in(self, environment: str) -> str:
        """``on for everybody``, ``on for 25 %``, ``off``."""
        reaching = [one for one in self.strategies if self.is_active and one.reaches(environment)]
        if any(one.name == EVERYBODY for one in reaching):
            return "on for everybody"
        return f"on {' and '.join(dict.fromkeys(one.says for one in reaching))}" if reaching else "off"

    def removable_for(self, environment: str) -> Strategy | None:
        """The only strategy that reaches the environment, where it reaches nothing else: it can be taken away alone."""
        reaching = [one for one in self.strategies if one.reaches(environment)]
        alone = self.is_active and len(reaching) == 1 and reaching[0].scopes == (environment,)
        return reaching[0] if alone else None


async def flags_of(client: GitLabClient, project: str) -> tuple[Flag, ...]:
    """A project's flags; those of an older form, whose scopes mean something else, are left out.

    :raises GitLabError: when they can't be read.
    """
    rows = await client.list_all(in_project(project, "feature_flags"), limit=MOST_FLAGS)
    return tuple(_flags(rows))


def _flags(rows: list[dict[str, Any]]) -> Iterator[Flag]:
    for row in rows:
        try:
            if row.get("version") in {None, "new_version_flag"}:
                yield flag_of(row)
        except MALFORMED:
            continue


def flag_of(row: Row) -> Flag:
    """:raises MALFORMED: for a row of an unexpected form."""
    strategies = tuple(
        Strategy(
            int(one["id"]),
            str(one["name"]),
            {str(key): str(value) for key, value in (one.get("parameters") or {}).items()},
            tuple(str(scope["environment_scope"]) for scope in one.get("scopes") or ()),
        )
        for one in row.get("strategies") or ()
    )
    return Flag(str(row["name"]), bool(row.get("active")), strategies)
