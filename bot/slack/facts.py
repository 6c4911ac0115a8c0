"""The verdict in a few words for the message's metadata, where a restarted bot and other programs read them. Pure.

Metadata is no secret: other apps of the workspace can read it. Only ids and GitLab's own names go in.
"""

from __future__ import annotations

from backtrace_core.model import BY_NO_DEPLOYMENT, Change, Outcome, Verdict
from bot.cards import CardView


def facts_of(view: CardView) -> dict[str, str]:
    """``outcome, culprit, author, work_item, deployment, target, sha, state``; what there is none of is left out."""
    facts = {"state": view.state.value}
    if view.verdict is None:
        return facts | {"outcome": "failed"}
    return facts | {name: value for name, value in _of_verdict(view.verdict).items() if value}


def _of_verdict(verdict: Verdict) -> dict[str, str]:
    changes = [suspect.candidate.change for suspect in verdict.named]
    offered = verdict.rollback.target if verdict.rollback and verdict.outcome is not Outcome.NO_CHANGE else None
    deployment = verdict.named[0].candidate.deployment if verdict.named else None
    return {
        "outcome": verdict.outcome.value,
        "culprit": ",".join(_culprit(change) for change in changes),
        "author": ",".join(_author(change) for change in changes),
        "work_item": _work_item(changes[0]) if changes else "",
        "deployment": str(deployment.id) if deployment else "",
        "target": str(offered.id) if offered else "",
        "sha": offered.sha[:8] if offered else "",
    }


def _culprit(change: Change) -> str:
    """In one word, for programs: ``!45``, ``shop/worker!7``, ``flag:checkout_v2``."""
    if change.kind in BY_NO_DEPLOYMENT:
        return f"{change.label}:{'_'.join(change.title.split())[:80]}"
    return change.label


def _author(change: Change) -> str:
    return change.author.username if change.author else change.author_name[:60]


def _work_item(change: Change) -> str:
    first = min(change.work_items, key=lambda item: not item.closes, default=None)
    return f"#{first.iid}" if first else ""
