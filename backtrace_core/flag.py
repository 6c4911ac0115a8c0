"""A feature flag (docs.gitlab.com/operations/feature_flags): to whom its strategies let it be on, and where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

OFF = "off"
EVERYBODY = "default"
"""The strategy that lets everybody through; GitLab calls it "All users"."""


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
        return f"on {' and '.join(dict.fromkeys(one.says for one in reaching))}" if reaching else OFF

    def removable_for(self, environment: str) -> Strategy | None:
        """The only strategy that reaches the environment, where it reaches nothing else: it can be taken away alone."""
        reaching = [one for one in self.strategies if one.reaches(environment)]
        alone = self.is_active and len(reaching) == 1 and reaching[0].scopes == (environment,)
        return reaching[0] if alone else None
