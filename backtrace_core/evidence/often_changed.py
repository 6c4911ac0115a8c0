"""It touches code that many other changes touch: what is changed often breaks often.

So do Kamei and others (2013) count the changes that the files of a change have had; there, too, by the logarithm.
"""

from __future__ import annotations

import math

from backtrace_core.evidence.context import Context
from backtrace_core.evidence.file_kinds import is_product_code
from backtrace_core.evidence.links import file_url
from backtrace_core.model import Alert, Candidate, Evidence, Family

RULE = "often_changed"


def often_changed(candidate: Candidate, _alert: Alert, context: Context) -> Evidence | None:
    """By the file of which most other known changes are; reverts and what comes again are not counted."""
    change = candidate.change
    touching = context.corpus.touching
    most, path = max(((touching.get(f.path, 0), f.path) for f in change.files if is_product_code(f)), default=(0, ""))
    others = most - (change.key in context.corpus.telling_keys)
    if others < 1:
        return None
    several = f"{others} other known changes touch" if others > 1 else "one other known change touches"
    weight = context.model.weight(RULE) * math.log(1 + others)
    return Evidence(RULE, weight, f"Touches {path}, which {several} too", file_url(change, path), Family.PRIOR)
