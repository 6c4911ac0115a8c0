"""UptimeRobot: ``Monitor is DOWN: name ( url )``, ``name is UP``; the reason in a field."""

from __future__ import annotations

import re

from backtrace_core.alerts.fields import fields_of, first_of
from backtrace_core.alerts.lines import first_match, is_called, links_to
from backtrace_core.alerts.message import SlackMessage
from backtrace_core.alerts.naming import of_host
from backtrace_core.alerts.reading import Found, NoAlert
from backtrace_core.model import AlertStatus
from backtrace_core.scope import Catalog

_DECORATION = r"^(?:\W{0,4}|:[\w+-]{1,40}: ?){0,3}"
_HEAD = re.compile(
    rf"{_DECORATION}Monitor (?:is )?(DOWN|UP|PAUSED|STARTED)\s*[:-]\s*(.{{1,300}}?)\s*(?:\(\s*(\S{{1,300}}?)\s*\).*)?$",
    re.IGNORECASE,
)
_NAMED = re.compile(
    rf"{_DECORATION}(.{{1,200}}?) is (?:now |back )?(DOWN|UP)\b\W{{0,3}}(?:\(.{{0,300}}\))?", re.IGNORECASE
)
_EXPIRES = re.compile(
    rf"{_DECORATION}(.{{0,200}}\b(?:SSL|certificate|domain)\b.{{0,200}}\bexpire.{{0,200}})$", re.IGNORECASE
)


def recognises(message: SlackMessage) -> bool:
    called = is_called(message, "uptimerobot", "uptime robot") or links_to(message, "uptimerobot.com")
    return called or first_match(_HEAD, message) is not None


def read(message: SlackMessage, _catalog: Catalog) -> Found | NoAlert:
    head, named, expires = (first_match(p, message) for p in (_HEAD, _NAMED, _EXPIRES))
    if head is not None:
        state, name = head[1].lower(), head[2].strip()
    elif named is not None:
        state, name = named[2].lower(), named[1].strip()
    elif expires is not None:
        state, name = "down", expires[1]
    else:
        return NoAlert("UptimeRobot wrote it, but it says of no monitor that it is down or up.")
    if state in ("paused", "started"):
        return NoAlert("Somebody paused or started the monitor.")
    address = (head[3] or "") if head is not None else ""
    reason = first_of(fields_of(message), "reason", "root cause", "cause")
    return Found(
        sender="uptimerobot",
        status=AlertStatus.RESOLVED if state == "up" else AlertStatus.FIRING,
        title=name,
        identity=name,
        place=f"{name} {of_host(address)}\n{address}",
        likely=of_host(address) or name.lower().replace(" ", "-"),
        terms=(reason,) if reason else (),
    )
