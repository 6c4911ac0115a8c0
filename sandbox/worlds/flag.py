"""A feature flag was switched on, and what was shipped has nothing to do with the trouble."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from sandbox.worlds.builder import Place, tell
from sandbox.worlds.model import Expectation, FeatureFlag, World
from sandbox.worlds.scripts import it_is_over
from sandbox.worlds.senders import alertmanager

SUMMARY = "a feature flag was switched on: no deployment shipped the trouble, and none can be gone back to"
_PLACE = Place(number=77, path="shop/payments", name="payments", url="https://payments.lindenshop.example")
_TEXT = (
    "invoice totals do not add up for 9% of orders\n"
    "Path: split_tax_lines, InvoiceMismatchError in the last 5 minutes: 212"
)


def build(t0: datetime, folder: Path) -> World:
    told = tell("outage", _PLACE, t0, folder)
    world = told.world(
        SUMMARY,
        service="payments",
        aliases=("billing",),
        alert=alertmanager("InvoiceTotalsWrong payments", "production critical", _TEXT),
        script=it_is_over(),
        flags=(
            FeatureFlag("split_tax_lines", "Tax lines apart on invoices", t0 - timedelta(minutes=9)),
            FeatureFlag("nightly_books", "Close the books at night", t0 - timedelta(days=40)),
            FeatureFlag("invoice_preview", "A preview for staff", t0 - timedelta(minutes=30), ("staging",)),
        ),
        expect=Expectation(
            outcome="named",
            culprit="flag:split_tax_lines",
            author=None,
            work_item=None,
            deployment=None,
            target=None,
            sha=None,
            state="resolved",
            card_says=("Likely culprit: flag split_tax_lines", "came by no deployment", "Switch it in GitLab"),
            card_does_not_say=("Roll back", "invoice_preview", "nightly_books"),
        ),
    )
    # The same shop and the same day as in `outage`; only what went wrong is another thing.
    return replace(world, name="flag")
