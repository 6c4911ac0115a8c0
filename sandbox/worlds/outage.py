"""The payment provider is down. Nothing that was shipped has to do with it, and going back would help nobody."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from sandbox.worlds.builder import Place, tell
from sandbox.worlds.model import Expectation, World
from sandbox.worlds.scripts import it_is_over
from sandbox.worlds.senders import alertmanager

SUMMARY = "a payment provider is down: nothing that was shipped explains it"
PLACE = Place(number=63, path="shop/payments", name="payments", url="https://payments.lindenshop.example")
_TEXT = (
    "card payments fail: 71% of POST /v1/charges end in 502\n"
    "The provider does not answer (nordpay). Last error:\n"
    '```Post "https://api.nordpay.example/v2/charges": dial tcp 203.0.113.24:443: connect: connection refused```'
)
ALERT = alertmanager("ChargesFailing payments", "production critical", _TEXT)


def build(t0: datetime, folder: Path) -> World:
    told = tell("outage", PLACE, t0, folder)
    return told.world(
        SUMMARY,
        service="payments",
        aliases=("billing",),
        alert=ALERT,
        script=it_is_over(),
        expect=Expectation(
            outcome="no_change",
            culprit=None,
            author=None,
            work_item=None,
            deployment=None,
            target=None,
            sha=None,
            state="resolved",
            card_says=("No change explains this",),
            card_does_not_say=("Roll back",),
        ),
    )
