"""Who ruled a change out, by the record of presses."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.store import Action
from bot.workflows.ruling_out import rulings

T0 = datetime(2026, 11, 20, 2, 6, tzinfo=UTC)


def told(*presses: str) -> list[Action]:
    """``kim-``: she ruled it out; ``kim+``: she put it back; ``kim?``: her ruling was refused; ``kim!``: she assigned
    its author."""
    kinds = {
        "-": ("not_culprit", "done"),
        "+": ("put_back", "done"),
        "?": ("not_culprit", "refused"),
        "!": ("assign", "done"),
    }
    return [
        Action(str(n), "i", kinds[one[-1]][0], one[:-1], T0 + timedelta(minutes=n), "k", kinds[one[-1]][1])
        for n, one in enumerate(presses)
    ]


@pytest.mark.parametrize(
    ("presses", "who"),
    [
        (("kim-",), ["kim"]),
        (("kim-", "mara-"), ["kim", "mara"]),
        (("kim-", "kim+", "tomas-"), ["tomas"]),
        (("kim-", "mara+"), ["kim"]),
        (("kim-", "mara+", "mara+"), ["kim"]),
        (("kim?", "tomas-"), ["tomas"]),
        (("kim-", "mara!"), ["kim"]),
        ((), []),
    ],
)
def test_who_ruled_it_out_since_it_was_put_back_last(presses: tuple[str, ...], who: list[str]) -> None:
    """Refused presses, and others on the same change, count for nothing. Where no trace has followed
    yet it is still told of those before."""
    assert [one.slack_user for one in rulings(told(*presses), "k")] == who
