"""A deployment takes its quarter of an hour, and the pods that have the new version already fail."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from sandbox.worlds.builder import Place, tell
from sandbox.worlds.model import World
from sandbox.worlds.scripts import roll_back
from sandbox.worlds.senders import SentryIssue, sentry

SUMMARY = "the deployment that carries the culprit still runs when the alert fires"
_PLACE = Place(number=49, path="shop/catalog", name="catalog", url="https://catalog.lindenshop.example")


def build(t0: datetime, folder: Path) -> World:
    told = tell("rolling", _PLACE, t0, folder)
    issue = SentryIssue(
        project="catalog",
        error="TypeError",
        culprit="pricing.tags in unit_price",
        value="unsupported operand type(s) for /: 'int' and 'NoneType'",
        environment="production",
        release=told.named["bad"].sha[:12],
        short_id="CATALOG-2F7",
        number=60417,
    )
    return told.world(
        SUMMARY,
        service="catalog",
        aliases=("products",),
        alert=sentry(issue),
        script=roll_back("mara"),
        expect=told.expect(41, state="rolled_back"),
    )
