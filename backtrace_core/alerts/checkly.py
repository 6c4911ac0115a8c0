"""Checkly: ``name has failed``, ``is degraded``, ``has recovered``; tags in a field."""

from __future__ import annotations

import re

from backtrace_core.alerts.fields import fields_of, first_of
from backtrace_core.alerts.labels import words_of
from backtrace_core.alerts.lines import first_match, is_called, link_id, links_to
from backtrace_core.alerts.message import SlackMessage
from backtrace_core.alerts.reading import Found, NoAlert
from backtrace_core.model import AlertStatus
from backtrace_core.scope import Catalog, looks_like_environment

_HEAD = re.compile(
    r"^(?:\W{0,4}|:[\w+-]{1,40}: ?){0,3}(?:Check )?(\S.{0,300}?) (?:has |is |are |was )?(?:still )?"
    r"(failed|failing|recovered|degraded|passing|down|up|expires .{1,60})\b.{0,60}$",
    re.IGNORECASE,
)
_OVER = ("recovered", "passing", "up")
_CHECK = re.compile(r"checklyhq\.com/((?:checks|check-groups|accounts/[\w-]{1,40}/checks)/[\w-]{2,60})")


def recognises(message: SlackMessage) -> bool:
    known = links_to(message, "checklyhq.com") or is_called(message, "checkly")
    return known and first_match(_HEAD, message) is not None


def read(message: SlackMessage, catalog: Catalog) -> Found | NoAlert:
    head = first_match(_HEAD, message)
    if head is None:
        return NoAlert("Checkly wrote it, but it says of no check that it failed or recovered.")
    tags = first_of(fields_of(message), "tags")
    check = link_id(message, _CHECK)
    words = [word for word in words_of(tags) if not looks_like_environment(word)]
    known = next((word for word in words if catalog.find(word) is not None), "")
    return Found(
        sender="checkly",
        status=AlertStatus.RESOLVED if head[2].lower() in _OVER else AlertStatus.FIRING,
        title=head[0].strip().removeprefix("Check "),
        identity=check or head[1],
        is_id=bool(check),
        place=f"{head[1]} {tags.replace(',', ' ')}",
        likely=known or next((word for word in words if "-" in word), ""),
    )
