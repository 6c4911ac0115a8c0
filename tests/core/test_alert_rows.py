"""Each sender's messages in other words, other states and other shapes than those that its reader was written for."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime

import pytest

from backtrace_core.alerts import read_message
from backtrace_core.alerts.stack import frames_in
from backtrace_core.model import Alert, AlertStatus, Frame
from backtrace_core.scope import Catalog, environment_name
from tests.core.alert_rows import (
    chatter,
    eighth,
    fifth,
    fourth,
    monitors,
    more,
    ninth,
    pagers,
    prometheus,
    seventh,
    sixth,
    third,
    traces,
    trackers,
    webhooks,
)
from tests.core.alert_rows.shapes import Row

TABLES = (prometheus.ROWS, monitors.ROWS, pagers.ROWS, trackers.ROWS, webhooks.ROWS, webhooks.HOSTILE, chatter.ROWS)
LATER = tuple(
    table for later in (more, third, fourth, fifth, sixth, seventh, eighth, ninth) for table in (later.ROWS, later.NEWS)
)
ALL = tuple(row for table in (*TABLES, *LATER) for row in table)
ANY = "?"
"""The message tells it to people who know more than it says: no answer is the wrong one."""


def named(rows: Iterable[Row]) -> list[object]:
    return [pytest.param(row, id=f"{row.sender}-{number}") for number, row in enumerate(rows)]


def words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.lower()))


def alike(wanted: str, title: str) -> bool:
    return len(words(wanted) & words(title)) * 2 >= len(words(wanted) | words(title))


def told(row: Row) -> Alert:
    reading = read_message(row.message, Catalog(()))
    assert reading.alert is not None, reading.why_none
    return reading.alert


@pytest.mark.parametrize("row", named(row for row in ALL if row.status == "none"))
def test_it_is_no_alert(row: Row) -> None:
    """People, programs' chatter, news of deployments and builds, follow-ups: nothing is traced."""
    assert read_message(row.message, Catalog(())).alert is None


@pytest.mark.parametrize("row", named(row for row in ALL if row.status != "none"))
def test_it_is_read(row: Row) -> None:
    """State, title, place, start, and what is worth looking for are what a person would read there."""
    alert = told(row)

    assert row.status in (ANY, alert.status.value)
    assert row.title is None or alike(row.title, alert.title)
    assert row.service in (ANY, alert.service)
    assert row.environment == ANY or environment_name(row.environment or "") == environment_name(
        alert.environment or ""
    )
    assert row.at == ANY or _second(alert.started_at) == _second(datetime.fromisoformat(row.at) if row.at else None)
    said = "\n".join((alert.title, *alert.error_terms)).lower()
    assert [term for term in row.terms if term.lower() not in said] == []
    assert not row.frames or places(alert.frames) == set(row.frames)


def _second(moment: datetime | None) -> datetime | None:
    """Senders print fractions of seconds that nobody needs."""
    return moment.replace(microsecond=0) if moment else None


@pytest.mark.parametrize("row", [pytest.param(row, id=row.message["text"]) for row in third.LOOK_LIKE_NEWS])
def test_what_begins_as_news_do_may_be_an_alert(row: Row) -> None:
    """A lost alert is the worst answer."""
    assert told(row).status is AlertStatus.FIRING


@pytest.mark.parametrize("row", named(row for row in ALL if row.status != "none"))
def test_what_is_kept_is_small(row: Row) -> None:
    """At most eight terms of at most eighty characters, and one line of title."""
    alert = told(row)

    assert len(alert.error_terms) <= 8
    assert all(0 < len(term) <= 80 for term in alert.error_terms)
    assert "\n" not in alert.title


def places(frames: Iterable[Frame]) -> set[tuple[str, int | None]]:
    return {(re.split(r"[/\\]", frame.file)[-1], frame.line) for frame in frames}


@pytest.mark.parametrize(("text", "expected"), [row[1:] for row in traces.PRINTED], ids=[r[0] for r in traces.PRINTED])
def test_a_trace_is_read(text: str, expected: traces.Frames) -> None:
    """All places that a trace prints are found, and no other."""
    assert places(frames_in(text)) == set(expected)


PASTED = ["> ", ">", "web-1  | ", "    ", "| "]


@pytest.mark.parametrize("prefix", PASTED)
@pytest.mark.parametrize(("text", "expected"), [row[1:] for row in traces.PRINTED], ids=[r[0] for r in traces.PRINTED])
def test_a_pasted_trace_is_read(prefix: str, text: str, expected: traces.Frames) -> None:
    """Quoted, indented, or out of collected logs: it is the same trace."""
    pasted = "\n".join(prefix + line for line in text.split("\n"))

    assert places(frames_in(f"```{pasted}```")) == set(expected)


@pytest.mark.parametrize(("text", "expected"), [row[1:] for row in traces.PRINTED], ids=[r[0] for r in traces.PRINTED])
def test_a_broken_off_trace_is_read(text: str, expected: traces.Frames) -> None:
    """Cut anywhere, what is still whole is found, and nothing is made up."""
    for end in range(0, len(text), 7):
        found = {file for file, _ in places(frames_in(text[:end]))}
        assert found <= {file for file, _ in expected}
