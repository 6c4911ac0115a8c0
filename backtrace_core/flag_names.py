"""Which of a project's feature flags a change speaks of: a quoted text or a Ruby symbol in the lines that it adds."""

from __future__ import annotations

import re
from collections.abc import Iterable

from backtrace_core.model import Change, ChangeKind

_NAMED = re.compile(r"""["'`]([\w./:-]{3,255})["'`]|(?<![\w:]):([a-zA-Z_]\w{2,254})""")


def flags_in(change: Change, names: Iterable[str]) -> tuple[str, ...]:
    """Those of ``names``, in the order in which the change names them; of a flag that was switched, its own."""
    known = frozenset(names)
    if change.kind is ChangeKind.FEATURE_FLAG:
        return (change.title,) if change.title in known else ()
    lines = (line for file in change.files for hunk in file.hunks for _, line in hunk.added)
    said = (found[1] or found[2] for line in lines for found in _NAMED.finditer(line))
    return tuple(dict.fromkeys(name for name in said if name in known))
