"""Probabilities in words: nothing is certain, and nothing impossible."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.percent import percent
from bot.slack.why import why_modal
from bot.trace_report import as_text
from sandbox.slack.draw import render_text
from tests.bot.slack import stories


@pytest.mark.parametrize(
    ("probability", "says"),
    [
        (0.0, "under 1 %"),
        (0.0049, "under 1 %"),
        (0.0051, "1 %"),
        (0.126, "13 %"),
        (0.9949, "99 %"),
        (0.9951, "over 99 %"),
        (1.0, "over 99 %"),
    ],
)
def test_what_rounds_to_all_or_nothing_is_said_as_a_bound(probability: float, says: str) -> None:
    """All else to the nearest whole."""
    assert percent(probability) == says


def test_nobody_is_shown_as_certain() -> None:
    """In the modal and in the terminal, of what is named and of all others."""
    sure, no = (replace(stories.CULPRIT, probability=p) for p in (0.9997, 0.0001))
    verdict = replace(stories.NAMED, suspects=(sure, no), probability_none=0.0002)
    for told in (render_text(why_modal(verdict)), as_text(verdict)):
        assert "over 99 %" in told
        assert "100" not in told
        assert " 0 %" not in told
    assert "That none of these changes explains it: under 1 %." in render_text(why_modal(verdict))
