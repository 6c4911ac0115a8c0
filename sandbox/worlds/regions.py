"""One service in two regions: the culprit reaches the European one first, where it fails, and then the American one."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from sandbox.worlds.builder import Place, tell
from sandbox.worlds.model import World
from sandbox.worlds.scripts import roll_back
from sandbox.worlds.senders import alertmanager

SUMMARY = "a service in two regions, deployed one after the other: both go back together"
_PLACE = Place(number=84, path="shop/shipping", name="shipping", url="https://shipping.lindenshop.example")
_TEXT = (
    "shipping quotes fail\n"
    "2.1% of POST /quotes return 500, usually 0.1%. Last error:\n"
    "```"
    '  File "/srv/shipping/quotes/zones.py", line {line}, in zone_of\n'
    "KeyError: 'XI'"
    "```"
)


def build(t0: datetime, folder: Path) -> World:
    told = tell("regions", _PLACE, t0, folder)
    line = told.repository.line_of("quotes/zones.py", told.named["bad"].sha, "return ZONES")
    return told.world(
        SUMMARY,
        service="shipping",
        aliases=("quotes",),
        alert=alertmanager("ShippingQuoteErrors shipping", "production critical", _TEXT.format(line=line)),
        script=roll_back("mara"),
        expect=told.expect(58, state="rolled_back", card_says=("production/eu with",)),
    )
