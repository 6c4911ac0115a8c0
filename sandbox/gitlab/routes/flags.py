"""Feature flags (docs.gitlab.com/api/feature_flags): who reads or changes them must be a developer."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sandbox.gitlab.answers import Answer, not_found
from sandbox.gitlab.calls import Call
from sandbox.gitlab.paging import page_of
from sandbox.gitlab.shapes.times import iso
from sandbox.worlds.model import FeatureFlag

APART = 100
"""Between the ids of two flags' strategies."""


def feature_flags(call: Call) -> Answer:
    rows = sorted(call.state.flags.values(), key=lambda flag: flag.name)
    return page_of(call, rows, lambda flag: _entity(call, flag))


def feature_flag(call: Call) -> Answer:
    return Answer(_entity(call, _flag(call)))


def update(call: Call) -> Answer:
    """Of what may be changed only this: taking strategies away, each by its id."""
    flag = _flag(call)
    # A list of objects, whose form `Params` does not know.
    gone = {one["id"] for one in call.body.rows("strategies") if one.get("_destroy") is True}
    there = _strategies(call, flag)
    if not gone <= set(there):
        not_found("Strategy")
    with call.state.effect("flag"):
        left = tuple(scope for number, group in there.items() if number not in gone for scope in group)
        call.state.flags[flag.name] = replace(flag, scopes=left, updated_at=call.state.now())
    return feature_flag(call)


def _flag(call: Call) -> FeatureFlag:
    return call.state.flags.get(call.params["flag"]) or not_found("Feature Flag")


def _strategies(call: Call, flag: FeatureFlag) -> dict[int, tuple[str, ...]]:
    """The environments of each strategy, by its id, which no other one ever gets."""
    state = call.state
    first = (list(state.flags).index(flag.name) + 1) * APART
    groups = [(scope,) for scope in flag.scopes] if flag.apart else [flag.scopes] if flag.scopes else []
    known = state.strategies.setdefault(flag.name, [])
    known += [group for group in groups if group not in known]
    return {first + known.index(group): group for group in groups}


def _entity(call: Call, flag: FeatureFlag) -> dict[str, Any]:
    return {
        "name": flag.name,
        "description": flag.description,
        "active": flag.active,
        "version": "new_version_flag",
        "created_at": iso(flag.updated_at),
        "updated_at": iso(flag.updated_at),
        "scopes": [],
        "strategies": [_strategy(number, group) for number, group in _strategies(call, flag).items()],
    }


def _strategy(number: int, scopes: tuple[str, ...]) -> dict[str, Any]:
    named = [{"id": number * 10 + n, "environment_scope": scope} for n, scope in enumerate(scopes)]
    return {"id": number, "name": "default", "parameters": {}, "scopes": named}
