"""Alerts as senders post them to Slack, read into :class:`backtrace_core.model.Alert`.

A new sender is a file with ``recognises`` and ``read`` and a line in :data:`SENDERS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from backtrace_core.alerts import (
    alertmanager,
    aws_chatbot,
    azure,
    better_stack,
    bugsnag,
    checkly,
    cloudwatch,
    datadog,
    datadog_on_call,
    elastic,
    gatus,
    generic,
    gitlab,
    google_cloud,
    grafana,
    honeycomb,
    incident_io,
    newrelic,
    opsgenie,
    pagerduty,
    robusta,
    rollbar,
    sentry,
    splunk_on_call,
    uptime_kuma,
    uptimerobot,
)
from backtrace_core.alerts.message import SlackMessage, from_slack
from backtrace_core.alerts.posted import why_not_read
from backtrace_core.alerts.reading import Found, NoAlert, alert_of
from backtrace_core.model import Alert
from backtrace_core.scope import Catalog

Recognises = Callable[[SlackMessage], bool]
Read = Callable[[SlackMessage, Catalog], Found | NoAlert]

SENDERS: tuple[tuple[str, Recognises, Read], ...] = (
    ("grafana", grafana.recognises, grafana.read),
    ("alertmanager", alertmanager.recognises, alertmanager.read),
    ("datadog_on_call", datadog_on_call.recognises, datadog_on_call.read),
    ("datadog", datadog.recognises, datadog.read),
    ("pagerduty", pagerduty.recognises, pagerduty.read),
    ("opsgenie", opsgenie.recognises, opsgenie.read),
    ("sentry", sentry.recognises, sentry.read),
    ("gitlab", gitlab.recognises, gitlab.read),
    ("aws_chatbot", aws_chatbot.recognises, aws_chatbot.read),
    ("cloudwatch", cloudwatch.recognises, cloudwatch.read),
    ("azure", azure.recognises, azure.read),
    ("google_cloud", google_cloud.recognises, google_cloud.read),
    ("newrelic", newrelic.recognises, newrelic.read),
    ("splunk_on_call", splunk_on_call.recognises, splunk_on_call.read),
    ("rollbar", rollbar.recognises, rollbar.read),
    ("bugsnag", bugsnag.recognises, bugsnag.read),
    ("honeycomb", honeycomb.recognises, honeycomb.read),
    ("uptime_kuma", uptime_kuma.recognises, uptime_kuma.read),
    ("gatus", gatus.recognises, gatus.read),
    ("better_stack", better_stack.recognises, better_stack.read),
    ("uptimerobot", uptimerobot.recognises, uptimerobot.read),
    ("checkly", checkly.recognises, checkly.read),
    ("incident_io", incident_io.recognises, incident_io.read),
    ("robusta", robusta.recognises, robusta.read),
    ("elastic", elastic.recognises, elastic.read),
    ("generic", generic.recognises, generic.read),
)
"""Tried in order: the first that recognises a message decides about it. Those that look for a link or a sender's name
alone stand behind those that know a shape."""


@dataclass(frozen=True, slots=True)
class Reading:
    """``reader`` is the name of the one that took the message; empty where none was asked. ``why_none`` is a sentence:
    why it is no alert."""

    reader: str
    alert: Alert | None
    found: Found | None = None
    why_none: str = ""


def read_message(event: Mapping[str, Any], catalog: Catalog) -> Reading:
    """What is made of a Slack ``message`` event, and by whom. Never raises, whatever the message's shape."""
    posted = from_slack(event)
    if posted is None:
        return Reading("", None, why_none=why_not_read(event))
    taken = next(((name, read) for name, recognises, read in SENDERS if recognises(posted)), None)
    if taken is None:
        return Reading("", None, why_none="It has no text.")
    name, read = taken
    found = read(posted, catalog)
    if isinstance(found, NoAlert):
        return Reading(name, None, why_none=found.why)
    return Reading(name, alert_of(found, posted, catalog), found)


def parse_alert(message: Mapping[str, Any], catalog: Catalog) -> Alert | None:
    """The alert that a Slack ``message`` event holds, firing or resolved.

    None when it is none: people talking, Slack's own notices, deployments, heartbeats, Backtrace's own cards. Never
    raises, whatever the message's shape. Everything in the alert is foreign text.
    """
    return read_message(message, catalog).alert
