"""The modal that confirms switching a feature flag off in one environment. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.slack import blocks
from bot.slack.modal import MOST_SAYS, View, notice
from bot.slack.sentences import MOST_NAME
from bot.slack.text import escape, link

SUBMIT_ID = "backtrace:switch_flag_submit"
TITLE = "Switch a flag off"
MOST_STATES = 20


@dataclass(frozen=True, slots=True)
class FlagView:
    """``strategy_id`` is what would be taken away, ``says`` whom it lets through; ``state`` is how the flag is there
    now. ``stays``: (where, state)."""

    incident_id: str
    flag: str
    environment: str
    strategy_id: int
    says: str
    state: str
    stays: tuple[tuple[str, str], ...]
    page: str
    username: str


def checking_flag_modal() -> View:
    """Opened at once, since a trigger id lives three seconds."""
    wait = "Looking at the flag, and whether you may change it…"
    return notice(TITLE, blocks.section((wait, "If this stays for a minute, close it and press again."), 500))


def flag_modal(view: FlagView) -> View:
    """What would change, and what would not."""
    name, place = link(view.page, view.flag, MOST_NAME), escape(view.environment, MOST_NAME)
    states = [f"• {escape(state, 100)} in {escape(where, MOST_NAME)}" for where, state in view.stays[:MOST_STATES]]
    elsewhere = "*What stays as it is:*" if states else "It has no other strategy: then it is off everywhere."
    lines = (
        f"This switches {name} off in {place}, where it is {escape(view.state, 100)} now.",
        f"It takes away its only strategy there ({escape(view.says, 100)}).",
        "GitLab keeps no copy of a strategy: to switch the flag on again it must be made anew.",
        elsewhere,
        *states,
    )
    who = (f"In GitLab you are {escape(view.username, MOST_NAME)}. The card will say who did it.",)
    carried = json.dumps({"incident": view.incident_id, "flag": view.flag, "strategy": view.strategy_id})
    made = notice(TITLE, [*blocks.section(lines, 2900), *blocks.context(who, 500)])
    submit = {"type": "plain_text", "text": "Switch off", "emoji": False}
    return made | {"callback_id": SUBMIT_ID, "private_metadata": carried, "submit": submit}


def no_flag_modal(why: str) -> View:
    """Why it can't be done. Nothing was changed."""
    return notice(TITLE, blocks.section(("*Backtrace changed nothing.*", f"• {escape(why, MOST_SAYS)}"), 2900))


def switching_modal() -> View:
    """After the submit: the card tells how it ended."""
    return notice(TITLE, blocks.section(("Switching it off…", "The card says how it ends; this can be closed."), 500))


def submitted_flag(view: Mapping[str, Any]) -> tuple[str, str, int]:
    """Incident, flag and strategy as :func:`flag_modal` wrote them; empty and 0 where they can't be read."""
    try:
        carried = json.loads(view.get("private_metadata") or "{}")
    except (ValueError, RecursionError):
        return "", "", 0
    if not isinstance(carried, dict) or not isinstance(carried.get("strategy"), int):
        return "", "", 0
    return str(carried.get("incident", "")), str(carried.get("flag", "")), carried["strategy"]
