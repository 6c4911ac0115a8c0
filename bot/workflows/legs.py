"""The legs of one press in words: what the card says of them together, and of each by itself. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from bot.cards import ActionLine, LegLine
from bot.store import Rollback
from bot.store.rollbacks import LEFT_OUT, SUCCESS

MOST_NAMED = 4


def newest_press(rows: Sequence[Rollback]) -> tuple[Rollback, ...]:
    """The legs of the newest attempt that was begun, in their order; those that were left out too."""
    begun = [row for row in rows if row.says and row.status != LEFT_OUT]
    return tuple(row for row in rows if begun and row.press_id == begun[-1].press_id)


def still_back(rows: Sequence[Rollback]) -> tuple[Rollback, ...]:
    """The newest leg of each deploy job of each place that went back and not forward since."""
    gone: dict[tuple[str, str, str], Rollback] = {}
    for row in rows:
        if row.status == SUCCESS:
            key = (row.project, row.environment, row.job_name)
            gone.pop(key, None)
            if not row.how.is_forward:
                gone[key] = row
    return tuple(gone.values())


def together(legs: Sequence[Rollback]) -> str:
    """``a rollback of production/eu and production/us``."""
    return f"{legs[0].deed} of {listed([leg.label for leg in legs])}"


def listed(labels: Sequence[str]) -> str:
    shown, more = labels[:MOST_NAMED], len(labels) - MOST_NAMED
    if more > 0:
        return f"{', '.join(shown)} and {more} more"
    return " and ".join(filter(None, (", ".join(shown[:-1]), shown[-1] if shown else "")))


def press_line(rows: Sequence[Rollback]) -> ActionLine | None:
    """What the card says of a press as one deed: a single leg's own words, of several how far they are together."""
    legs = [row for row in rows if row.status != LEFT_OUT and row.says]
    if not legs:
        return None
    first = legs[0]
    at = max(leg.finished_at or leg.asked_at for leg in legs)
    if len(legs) == 1:
        return ActionLine(first.slack_user, "roll_back", first.says, at, first.url)
    return ActionLine(first.slack_user, "roll_back", _together(legs), at)


def _together(legs: Sequence[Rollback]) -> str:
    done = [leg for leg in legs if leg.status == SUCCESS]
    if any(leg.finished_at is None for leg in legs):
        return f"started {together(legs)}"
    if len(done) == len(legs):
        return f"rolled {listed([leg.label for leg in legs])} {legs[0].whither}"
    return f"tried {together(legs)}: {len(done)} of {len(legs)} went {legs[0].whither}"


def leg_lines(rows: Sequence[Rollback]) -> tuple[LegLine, ...]:
    """Each leg of a press by itself, where it has several, or where something was left out."""
    return tuple(_line(row) for row in rows) if rows[1:] else ()


def _line(row: Rollback) -> LegLine:
    if row.status == LEFT_OUT:
        return LegLine(f"left {row.label} as it is", LEFT_OUT)
    return LegLine(row.says, row.status if row.finished_at is None else "", row.url)
