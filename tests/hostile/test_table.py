"""The table of attacks tells the truth."""

from importlib import import_module

import pytest

from tests.hostile.table import ATTACKS


@pytest.mark.parametrize("attack", ATTACKS)
def test_each_attack_has_its_tests(attack: str) -> None:
    """Those that a row names are there, and run: none is skipped or expected to fail."""
    assert ATTACKS[attack]
    for named in ATTACKS[attack]:
        module, _, function = named.partition(":")
        test = getattr(import_module(f"tests.{module}"), function)
        marks = {mark.name for mark in getattr(test, "pytestmark", [])}
        assert function.startswith("test_")
        assert not marks & {"skip", "skipif", "xfail", "slow"}
