"""Whether an alert itself points at somebody else's system."""

from __future__ import annotations

import re

from backtrace_core.model import Alert

_OTHERS = re.compile(
    r"\b(third[- ]party|upstream|provider|vendor|psp|acquirer|status ?page|dns|getaddrinfo|econnrefused|enotfound|"
    r"connection refused|network is unreachable|no route to host|certificate (has )?expired|region outage)\b",
    re.IGNORECASE,
)


def speaks_of_others(alert: Alert) -> bool:
    return bool(_OTHERS.search(alert.title) or _OTHERS.search(alert.text))
