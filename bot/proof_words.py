"""What is said of a rollback that is done: the same words on the card and in GitLab. Plain text, not escaped. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from backtrace_core.evidence.spans import span
from backtrace_core.model import ChangeRef
from backtrace_core.proof import Stage
from bot.cards import GoneBack

MOST_LABELS = 3
MOST_TITLE = 120


def proof_words(gone_back: GoneBack | None) -> str:
    """Whether it helped, as far as it is known; nothing while nobody could know yet."""
    if gone_back is None:
        return ""
    after = span(gone_back.stage_at - gone_back.at)
    against = f"that speaks against {labels(gone_back.blamed)}"
    title = gone_back.says[:MOST_TITLE]
    return {
        Stage.NOT_YET: f"Not resolved yet, {after} after the rollback.",
        Stage.WENT_ON: f"Not resolved {after} after the rollback: {against}.",
        Stage.FIRED_AGAIN: f"“{title}” began to fire {after} after the rollback: {against}.",
        Stage.UNTOLD: f"{after} after the rollback no sender here has told whether it is over.",
        Stage.OVERTAKEN: f"Not resolved yet when {gone_back.says} went live in its place, so it shows nothing.",
    }.get(gone_back.stage, "")


def resolved_words(gone_back: GoneBack | None, resolved_at: datetime) -> str:
    """``4 min after the rollback``; nothing where it ended before that was done."""
    if gone_back is None or resolved_at < gone_back.at:
        return ""
    return f"{span(resolved_at - gone_back.at)} after the rollback"


def labels(changes: Sequence[ChangeRef]) -> str:
    """``!45, !44``."""
    shown = ", ".join(change.label for change in changes[:MOST_LABELS])
    more = len(changes) - MOST_LABELS
    return (f"{shown} and {more} more" if more > 0 else shown) or "what it took away"
