"""The flags that changes speak of, and how they are where."""

from __future__ import annotations

from dataclasses import replace

from backtrace_core.flag import EVERYBODY, Flag, Strategy
from backtrace_core.flags import flag_places, flag_states
from backtrace_core.model import Onset, Scope, Service
from tests.core.builders import T0, change, changed, lines

CART = change(46, "Cart totals", changed("cart/totals.py", lines('if enabled("new_totals"):')))
AGAIN = change(47, "Cart taxes", changed("cart/taxes.py", lines('if enabled("new_totals") or enabled("taxes"):')))
FLAGS = (
    Flag("new_totals", is_active=True, strategies=(Strategy(1, EVERYBODY, {}, ("staging", "review/*")),)),
    Flag("taxes", is_active=False, strategies=(Strategy(2, EVERYBODY, {}, ("*",)),)),
    Flag("unheard_of", is_active=True, strategies=(Strategy(3, EVERYBODY, {}, ("*",)),)),
)


def test_each_flag_once_with_its_state_in_each_environment() -> None:
    """Also in one that only the flag names; a pattern is no environment. What no change names is left out."""
    found = flag_states((CART, AGAIN), FLAGS, ("production",), T0)

    assert [(one.name, one.states) for one in found] == [
        ("new_totals", (("production", "off"), ("staging", "on for everybody"))),
        ("taxes", (("production", "off"),)),
    ]
    assert all(one.at == T0 and one.page.endswith("/-/feature_flags") for one in found)
    assert found[0].state_in("staging") == "on for everybody"
    assert found[0].state_in("elsewhere") == ""


def test_the_alerts_environment_comes_first() -> None:
    """Then those of the settings; of a glob only those that go back are known."""
    service = Service("web", "shop/web", ("production/*", "staging"))
    scope = Scope(service, "canary", Onset(T0, T0), T0)

    assert flag_places(scope, ()) == ("canary", "staging")
    assert flag_places(replace(scope, environment="production/*"), ()) == ("staging",)
