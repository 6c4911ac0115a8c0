"""What a card is drawn from, worked out of what the store has of its incident. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby

from backtrace_core.alerts.notices import DeployNotice
from bot.cards import (
    LEFT_OUT,
    ActionLine,
    Buttons,
    CardView,
    GoneBack,
    GoneTo,
    IncidentLink,
    IncidentState,
    RollbackProgress,
    Waiting,
    WayOn,
)
from bot.store import Action, Incident, Message, ProofRow, Revert, Rollback
from bot.store.rollbacks import START_WITHIN_S, WAITS, state_after
from bot.workflows.legs import leg_lines, newest_press, press_line, still_back
from bot.workflows.ruling_out import ruled_out_of

LATE_AFTER_S = 120
"""From how many seconds after the alert on a card says that it comes late."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of an incident beside its own row; ``slack_ids`` maps GitLab usernames to Slack member ids."""

    now: datetime
    buttons: Buttons
    slack_ids: Mapping[str, str]
    actions: Sequence[Action]
    rollbacks: Sequence[Rollback]
    messages: Sequence[Message]
    proof: ProofRow | None
    reverts: Sequence[Revert]
    told_deployments: tuple[DeployNotice, ...]
    way_on: WayOn | None


def card_view(incident: Incident, known: Known) -> CardView:
    presses = [tuple(group) for _, group in groupby(known.rollbacks, key=lambda row: row.press_id)]
    newest = newest_press(known.rollbacks)
    return CardView(
        incident_id=incident.id,
        verdict=incident.verdict,
        state=incident.state,
        now=known.now,
        buttons=known.buttons,
        actions=_deeds(known.actions, presses),
        incident=incident.gitlab_incident,
        failure=incident.failure,
        late_by_s=_late_by_s(incident, known.now),
        resolved_at=incident.resolved_at,
        slack_ids=known.slack_ids,
        progress=_progress(newest),
        rolled_back=_is_back(presses),
        legs=leg_lines(newest),
        waiting=_waiting(newest),
        asked_by=incident.asked_by or "",
        way_on=known.way_on,
        told=Counter(message.sender for message in known.messages),
        can_split=len({message.fingerprint for message in known.messages}) > 1,
        reopened_at=incident.reopened_at,
        was_split=incident.split_from is not None,
        told_deployments=known.told_deployments,
        gone_back=_gone_to(gone_back_of(known.proof, incident.excluded), known.rollbacks),
        cancelled=frozenset(_cancelled(known.actions)),
        ruled_out=ruled_out_of(incident, known.actions),
        reverts={one.change: IncidentLink(one.label, one.url) for one in known.reverts},
    )


def _deeds(actions: Sequence[Action], presses: Sequence[Sequence[Rollback]]) -> tuple[ActionLine, ...]:
    """What was refused is on record; the card tells only of what was done or tried."""
    told = [_line(action) for action in actions if action.result in ("done", "failed") and action.says]
    told += [line for rows in presses if (line := press_line(rows)) is not None]
    return tuple(sorted(told, key=lambda line: line.at))


def _cancelled(actions: Sequence[Action]) -> Iterator[int]:
    done = (action for action in actions if action.kind == "cancel_confirmed" and action.result == "done")
    return (leg.cancels for action in done for leg in action.facts.legs if leg.cancels is not None)


def _late_by_s(incident: Incident, now: datetime) -> int:
    if incident.alert is None or incident.question:
        return 0
    late = int(((incident.answered_at or now) - incident.received_at).total_seconds())
    return late if late > LATE_AFTER_S else 0


def gone_back_of(row: ProofRow | None, excluded: Collection[str]) -> GoneBack | None:
    """The newest rollback that is done; without what people have said since is not the culprit."""
    if row is None:
        return None
    blamed = tuple(ref for ref in row.blamed or row.took if ref.key not in excluded)
    return GoneBack(row.gone_back_at, row.stage, row.at, row.says, blamed, row.branch, row.ahead)


def _gone_to(done: GoneBack | None, rows: Sequence[Rollback]) -> GoneBack | None:
    """The same with what was gone back to, and what else went back."""
    if done is None:
        return None
    legs, is_one_of_several = still_back(rows), len({row.label for row in rows}) > 1
    places = tuple(
        GoneTo(
            label=leg.label if is_one_of_several else "",
            deployment_id=leg.deployment_id,
            sha=leg.target_sha,
            url=leg.url,
            live_at=leg.finished_at or leg.asked_at,
        )
        for leg in legs
        if leg.deployment_id is not None
    )
    blamed = {ref.key for ref in done.blamed}
    others = {ref.key: ref for leg in legs for ref in leg.undoes if ref.key not in blamed}
    return replace(done, places=places, with_them=tuple(others.values()))


def _line(action: Action) -> ActionLine:
    return ActionLine(action.slack_user, action.kind, action.says, action.finished_at or action.at, action.url)


def _is_back(presses: Sequence[Sequence[Rollback]]) -> bool:
    """Whether the newest of those that went through went back."""
    after = [state_after(tuple(one.status for one in rows), rows[0].how) for rows in presses if rows]
    ended = [state for state in after if state in (IncidentState.ROLLED_BACK, IncidentState.ROLLED_FORWARD)]
    return bool(ended) and ended[-1] is IncidentState.ROLLED_BACK


def _waiting(rows: Sequence[Rollback]) -> Waiting | None:
    legs = [row for row in rows if row.status == WAITS and not row.second_user]
    if not legs:
        return None
    return Waiting(
        slack_user=legs[0].slack_user,
        until=legs[0].asked_at + timedelta(seconds=START_WITHIN_S),
        undoes=tuple({ref.key: ref for leg in legs for ref in leg.undoes}.values()),
        is_forward=legs[0].how.is_forward,
        cancels=tuple(leg.facts.cancels for leg in legs if leg.facts.cancels is not None),
        cautions=tuple(dict.fromkeys(says for leg in legs for says in leg.facts.cautions)),
    )


def _progress(rows: Sequence[Rollback]) -> RollbackProgress | None:
    """Of a rollback that is under way: of several legs each tells its own stage."""
    legs = [row for row in rows if row.status != LEFT_OUT]
    running = [row for row in legs if row.finished_at is None]
    if not running:
        return None
    is_stopping = all(row.stopped_by for row in running)
    first = running[0]
    if len(legs) > 1:
        return RollbackProgress("", "", first.target_id, is_stopping, first.how.is_forward)
    return RollbackProgress(first.status, first.url, first.target_id, is_stopping, first.how.is_forward)
