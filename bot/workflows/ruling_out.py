"""What people took off the candidates of an incident, and who did. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import dropwhile, takewhile

from backtrace_core.model import ChangeRef
from backtrace_core.places import label_of_key
from bot.cards import RuledOut
from bot.store import Action, Incident

NOT_CULPRIT, PUT_BACK = "not_culprit", "put_back"
"""The kinds of press that rule a change out, and make it a candidate again."""


def ruled_out_keys(incident: Incident) -> frozenset[str]:
    """Also what was put back, until a trace that knows it has gone through: another press begins that anew."""
    without = incident.verdict.ruled_out if incident.verdict else ()
    return incident.excluded | {ref.key for ref in without}


def ruled_out_of(incident: Incident, actions: Sequence[Action]) -> tuple[RuledOut, ...]:
    """``actions``: all on the incident, oldest first."""
    if incident.verdict is None:
        return ()
    refs = {ref.key: ref for ref in incident.verdict.ruled_out}
    project = incident.verdict.scope.service.project
    found = []
    for key in sorted(ruled_out_keys(incident)):
        said = rulings(actions, key)
        # What the newest trace did not come across has no title.
        ref = refs.get(key) or ChangeRef(key, label_of_key(key, project), "", "", "")
        by = tuple(dict.fromkeys(one.slack_user for one in said))
        found.append((said[0].at if said else incident.received_at, RuledOut(ref, by)))
    return tuple(one for _, one in sorted(found, key=lambda dated: dated[0]))


def rulings(actions: Sequence[Action], key: str) -> list[Action]:
    """The presses that ruled a change out since it was put back last; before that, where no trace has followed yet."""
    about = [one for one in actions if one.detail == key and one.kind in (NOT_CULPRIT, PUT_BACK)]
    told = [one for one in about if one.result != "refused"]
    newest_first = dropwhile(lambda one: one.kind == PUT_BACK, reversed(told))
    return [*takewhile(lambda one: one.kind == NOT_CULPRIT, newest_first)][::-1]
