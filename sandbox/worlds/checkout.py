"""Latency after a deployment that moved a column: the old code does not fit the new table, so going back is risky."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from sandbox.worlds.builder import Place, tell
from sandbox.worlds.model import World
from sandbox.worlds.senders import alertmanager

SUMMARY = "orders get slow after a deployment with a database migration: going back is risky"
_PLACE = Place(number=57, path="shop/checkout", name="checkout", url="https://checkout.lindenshop.example")
_TEXT = (
    "checkout p99 latency above 2s\n"
    "POST /orders takes 4.8s at p99 (usually 0.4s). Slowest statement:\n"
    "```SELECT COUNT(*) FROM orders_order WHERE delivery_window && $1 (3912 ms, sequential scan)```"
)


def build(t0: datetime, folder: Path) -> World:
    told = tell("checkout", _PLACE, t0, folder)
    return told.world(
        SUMMARY,
        service="checkout",
        aliases=("orders",),
        alert=alertmanager("CheckoutLatencyP99High checkout", "production critical", _TEXT),
        script=(),
        expect=told.expect(97, state="open", card_says=("orders/migrations/0014_delivery_window.py", '"RunSQL"')),
    )
