"""Feature flags: their state in an environment, and which strategy can be taken away alone."""

from __future__ import annotations

from typing import Any

import pytest

from backtrace_core.flags import flags_in
from bot.gitlab.client import GitLabClient
from bot.gitlab.flags import flag_of, flags_of
from tests.bot.gitlab.fake import FakeGitLab
from tests.core.builders import change, changed, lines


def strategy(number: int, *scopes: str, name: str = "default", **parameters: str) -> dict[str, Any]:
    named = [{"id": number * 10 + n, "environment_scope": scope} for n, scope in enumerate(scopes)]
    return {"id": number, "name": name, "parameters": parameters, "scopes": named}


def row(*strategies: dict[str, Any], active: bool = True) -> dict[str, Any]:
    return {"name": "new_cart", "active": active, "version": "new_version_flag", "strategies": list(strategies)}


FOR_SOME = {"name": "flexibleRollout", "rollout": "25"}
STATES = {
    "everywhere": (row(strategy(1, "*")), "on for everybody"),
    "here": (row(strategy(1, "production")), "on for everybody"),
    "by a pattern": (row(strategy(1, "prod*")), "on for everybody"),
    "elsewhere": (row(strategy(1, "staging")), "off"),
    "a share": (row(strategy(1, "production", **FOR_SOME)), "on for 25 %"),
    "a share and others": (
        row(strategy(1, "production", **FOR_SOME), strategy(2, "*", name="userWithId")),
        "on for 25 % and for some users",
    ),
    "all beat a share": (row(strategy(1, "production", **FOR_SOME), strategy(2, "*")), "on for everybody"),
    "switched off": (row(strategy(1, "*"), active=False), "off"),
    "no strategy": (row(), "off"),
}


@pytest.mark.parametrize(("told", "state"), STATES.values(), ids=STATES)
def test_the_state_in_an_environment(told: dict[str, Any], state: str) -> None:
    """By its strategies and their scopes, and off where the flag itself is."""
    assert flag_of(told).state_in("production") == state


ALONE = {
    "one strategy for here": (row(strategy(1, "production")), 1),
    "others elsewhere stay": (row(strategy(1, "production"), strategy(2, "staging")), 1),
    "it reaches another too": (row(strategy(1, "production", "staging")), None),
    "a pattern": (row(strategy(1, "prod*")), None),
    "everywhere": (row(strategy(1, "*")), None),
    "two reach it": (row(strategy(1, "production"), strategy(2, "*")), None),
    "off already": (row(strategy(1, "production"), active=False), None),
    "not on here": (row(strategy(1, "staging")), None),
}


@pytest.mark.parametrize(("told", "number"), ALONE.values(), ids=ALONE)
def test_a_strategy_that_can_be_taken_away_alone(told: dict[str, Any], number: int | None) -> None:
    """Only where it reaches this environment and no other, and no other strategy does."""
    found = flag_of(told).removable_for("production")

    assert (found.id if found else None) == number


async def test_rows_of_an_unexpected_form_cost_no_others(fake: FakeGitLab, client: GitLabClient) -> None:
    """Nor do flags of the older form, whose scopes mean something else."""
    odd = {"name": "odd", "strategies": [{"name": "default"}]}
    old = {**row(), "name": "old", "version": "legacy_flag"}
    fake.on("GET", "/projects/shop%2Fweb/feature_flags", [odd, old, row(strategy(1, "*"))])

    assert [flag.name for flag in await flags_of(client, "shop/web")] == ["new_cart"]


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ('if flags.is_enabled("new_cart"):', ("new_cart",)),
        ("if Feature.enabled?(:new_cart, user)", ("new_cart",)),
        ("useFlag('new_cart')", ("new_cart",)),
        ("total = new_cart + 1", ()),
        ('label = "new_cart_title"', ()),
        ("Cart::new_cart", ()),
    ],
)
def test_a_change_names_a_flag_as_a_text_or_a_symbol(line: str, named: tuple[str, ...]) -> None:
    """A variable of the same name is none."""
    assert flags_in(change(45, "Cart", changed("cart.py", lines(line))), {"new_cart", "other"}) == named
