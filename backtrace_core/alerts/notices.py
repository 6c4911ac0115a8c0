"""Deployments that programs announce in a channel: no alerts, but evidence."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from backtrace_core.alerts.labels import labels_in, service_of, words_of
from backtrace_core.alerts.lines import lines_of
from backtrace_core.alerts.message import from_slack
from backtrace_core.scope import Catalog

_WAYS = (
    re.compile(r"^\W{0,4}Deploy(?:ment)? to (?P<environment>\S{1,100}) succeeded\b", re.IGNORECASE),
    re.compile(
        r"^\W{0,4}(?:Application )?(?P<service>[\w./-]{2,80}) (?:has been |was |is )?(?:successfully )?"
        r"(?:synced|deployed)\b"
        r"(?:.{0,80}? (?:to|on|in) (?P<environment>[\w/-]{2,60}))?",
        re.IGNORECASE,
    ),
    re.compile(
        r"^\W{0,4}(?:Successfully )?Deployed (?P<service>[\w./-]{2,80})(?: \S{1,60}){0,2}? (?:to|on|in) "
        r"(?P<environment>[\w/-]{2,60})",
        re.IGNORECASE,
    ),
)
_LONGEST = 300


@dataclass(frozen=True, slots=True)
class DeployNotice:
    """``at`` is the message's moment; ``service`` and ``environment`` as written, None where it names none; ``says``
    is its line as plain text; ``url`` may be empty."""

    at: datetime
    service: str | None
    environment: str | None
    says: str
    url: str


def deploy_notice(message: Mapping[str, Any], catalog: Catalog) -> DeployNotice | None:
    """The finished deployment that a program announces; None for any other message, also for one that failed."""
    posted = from_slack(message)
    line = next(lines_of(posted), "") if posted is not None else ""
    match = next((found for way in _WAYS if (found := way.match(line))), None)
    if posted is None or match is None:
        return None
    named = match.groupdict()
    service = named.get("service")
    if service is None or catalog.find(service) is None:
        body = posted.body[:4000]
        service = service_of(labels_in(body), words_of(body), catalog) or service
    url = posted.links[0].url if posted.links else ""
    return DeployNotice(posted.at, service, named["environment"], line[:_LONGEST], url)
