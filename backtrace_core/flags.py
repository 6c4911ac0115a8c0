"""Which feature flags changes speak of, and what may be done about them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime

from backtrace_core.flag import Flag
from backtrace_core.globs import is_glob
from backtrace_core.model import Caution, Change, ChangeKind, FlagState, RollbackLeg, Scope

_NAMED = re.compile(r"""["'`]([\w./:-]{3,255})["'`]|(?<![\w:]):([a-zA-Z_]\w{2,254})""")


def flags_in(change: Change, names: Iterable[str]) -> tuple[str, ...]:
    """Those of ``names``, in the order in which the change names them; of a flag that was switched, its own.

    A quoted text or a Ruby symbol in the lines that it adds: a variable of the same name is none.
    """
    known = frozenset(names)
    if change.kind is ChangeKind.FEATURE_FLAG:
        return (change.title,) if change.title in known else ()
    lines = (line for file in change.files for hunk in file.hunks for _, line in hunk.added)
    said = (found[1] or found[2] for line in lines for found in _NAMED.finditer(line))
    return tuple(dict.fromkeys(name for name in said if name in known))


def flag_cautions(
    changes: Iterable[Change], flags: Iterable[Flag], environments: Iterable[str], page: str
) -> Iterator[Caution]:
    """The flags that ``changes`` name, with their state in each environment. ``page`` lists the project's flags."""
    by_name, places = {flag.name: flag for flag in flags}, tuple(environments)
    for change in changes:
        for name in flags_in(change, by_name):
            states = ", ".join(f"{by_name[name].state_in(one)} in {one}" for one in places)
            says = f"{change.label} uses the feature flag {name}, which is {states}"
            yield Caution(f"{says}: switching it off may be quicker than going back", page)


def flag_states(
    changes: Iterable[Change], flags: Iterable[Flag], environments: Iterable[str], at: datetime
) -> tuple[FlagState, ...]:
    """The flags that ``changes`` name, as they are ``at`` the moment; also in environments that only a flag names."""
    by_name, places = {flag.name: flag for flag in flags}, tuple(environments)
    pages = {name: _page(change) for change in changes for name in flags_in(change, by_name)}
    return tuple(state_of(by_name[name], places, at, page) for name, page in pages.items())


def state_of(flag: Flag, environments: Iterable[str], at: datetime, page: str) -> FlagState:
    named = (scope for one in flag.strategies for scope in one.scopes if not is_glob(scope))
    places = tuple(dict.fromkeys((*environments, *named)))
    return FlagState(flag.name, tuple((one, flag.state_in(one)) for one in places), at, page)


def _page(change: Change) -> str:
    """GitLab's list of the flags of the change's project."""
    return f"{change.url.partition('/-/')[0]}/-/feature_flags"


def flag_places(scope: Scope, legs: Iterable[RollbackLeg]) -> tuple[str, ...]:
    """The environments in which a flag may matter: the alert's, those that would go back, those of the settings."""
    named = (scope.environment, *(leg.place.environment for leg in legs), *scope.service.environments)
    return tuple(dict.fromkeys(one for one in named if not is_glob(one)))


def switchable(changes: Iterable[Change], flags: Iterable[Flag], environment: str) -> str:
    """The first flag that the changes name and that can be switched off in the environment alone; empty: none, as
    where several environments are meant."""
    if is_glob(environment):
        return ""
    by_name = {flag.name: flag for flag in flags}
    named = (name for change in changes for name in flags_in(change, by_name))
    return next((name for name in named if by_name[name].removable_for(environment) is not None), "")
