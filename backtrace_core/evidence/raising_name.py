"""It changes what is done with a name that the raising line has: the value that came from elsewhere."""

from __future__ import annotations

import math

from backtrace_core.evidence.context import Context
from backtrace_core.evidence.file_kinds import is_settings
from backtrace_core.evidence.links import file_url
from backtrace_core.model import Alert, Candidate, Evidence, Family

RULE = "raising_name"
WEIGHT = 3.0
"""Believed, not measured: the culprit set has no traces."""
_SETTING = 1.4
"""How much more a setting counts: code that reads one is as it was, and nothing else shows that the value is new."""
_LEAST = 0.5


def raising_name(candidate: Candidate, _alert: Alert, context: Context) -> Evidence | None:
    """The name that the fewest candidates touch, of those nearest to where it was raised."""
    best: tuple[float, str, str] | None = None
    for path, names in context.touches.get(candidate.change.key, ()):
        share = _SETTING if is_settings(path) else 1.0
        for name in sorted(names):
            weight = WEIGHT * share * context.raised.names[name] * _rarity(name, context)
            if best is None or weight > best[0]:
                best = (weight, name, path)
    if best is None or best[0] < _LEAST:
        return None
    weight, name, path = best
    says = f'Changes what is done with "{name}" in {path}, a name in the code that the stack trace prints'
    return Evidence(RULE, weight, says, file_url(candidate.change, path), Family.PLACE)


def _rarity(name: str, context: Context) -> float:
    """1 where one candidate touches it, 0 where all do."""
    several = max(2, len(context.corpus.words))
    return 1 - math.log(max(1, context.touching.get(name, 1))) / math.log(several)
