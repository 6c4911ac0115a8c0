"""A workspace with more in it: channels of all kinds, guests, people of another workspace, a second service."""

from __future__ import annotations

from dataclasses import replace

from sandbox.slack import SlackChannel, SlackUser
from tests.scenarios.stage import PROMPT, QUICK

ALERTS = "C0ALERTS01"
GENERAL = "C0GENERAL1"
QUIET = "C0QUIET001"
"""Served by the bot, which nobody has invited."""
SHARED = "C0SHARED01"
"""Shared with another organisation."""

GUEST = "U0GUEST001"
STRANGER = "U0STRANGE1"
OTHER_TEAM = "T0OTHER001"

TOWN = replace(
    QUICK,
    channels=(
        SlackChannel(id=ALERTS, name="alerts"),
        SlackChannel(id=GENERAL, name="general"),
        SlackChannel(id=QUIET, name="quiet", has_bot=False),
        SlackChannel(id=SHARED, name="with-the-supplier", is_ext_shared=True),
    ),
    visitors=(
        SlackUser(id=GUEST, name="guest", real_name="Gus Gast", is_restricted=True),
        SlackUser(id=STRANGER, name="strange", real_name="Sam Other", team_id=OTHER_TEAM, is_stranger=True),
    ),
)

SERVED = replace(PROMPT, channels=(ALERTS, QUIET, SHARED))

_BILLING = f"""[[service]]
name = "billing"
project = "shop/billing"
channels = ["{QUIET}"]
"""
SEVERAL = replace(SERVED, services=_BILLING)
