"""An alert of three words. Nobody could say from it what broke, so nobody is named; the card says what would help."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

from sandbox.worlds.builder import Place, tell
from sandbox.worlds.model import World
from sandbox.worlds.scripts import it_is_over
from sandbox.worlds.senders import alertmanager

SUMMARY = "an alert of three words: not enough to name anybody, and what would help"
_PLACE = Place(number=41, path="shop/web", name="web", url="https://www.lindenshop.example")


def build(t0: datetime, folder: Path) -> World:
    told = tell("login", _PLACE, t0, folder)
    world = told.world(
        SUMMARY,
        service="web",
        aliases=("webshop",),
        alert=alertmanager("Customers complain web", "production critical", "customers complain"),
        script=it_is_over(),
        # What went live last can be taken back all the same, said to be not shown as the cause.
        expect=replace(
            told.expect(45, state="resolved"),
            outcome="not_enough",
            culprit=None,
            author=None,
            work_item=None,
            deployment=None,
            card_says=("Not enough evidence", "It would help most to know what fails"),
            card_does_not_say=("Likely culprit",),
        ),
    )
    return replace(world, name="thin")
