"""What came of a run: counted by the embedded parties, and held against the rows of the bot's own record."""

from __future__ import annotations

import contextlib
import sqlite3
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from backtrace_core.alerts import parse_alert
from backtrace_core.model import AlertStatus
from backtrace_core.scope import Catalog
from bench.chaos import acts
from bench.chaos.stories import Story
from tests.slow.dying import Play

LOST, SECOND_CARD, SECOND_ROLLBACK, UNRECORDED = "lost", "second card", "double rollback", "unrecorded"
SECOND_PAPER, NOT_ENDED = "second paper", "not ended well"
KINDS = (LOST, SECOND_CARD, SECOND_ROLLBACK, UNRECORDED, SECOND_PAPER, NOT_ENDED)
FOR_GOOD = frozenset((LOST, SECOND_CARD, SECOND_ROLLBACK, SECOND_PAPER))
"""What no waiting mends: it counts also in a run that came to no end, and is often why it came to none."""

Wrong = tuple[str, str]
"""One of :data:`KINDS`, and what was found."""


async def wrongs(play: Play, story: Story) -> list[Wrong]:
    """All that is not as it has to be, once the bot has nothing left to do."""
    found = [*await _of_slack(play, story), *_of_gitlab(play, story), *_of_record(play, story)]
    shown = [acts.state_of(card) for card in await acts.cards(play)]
    if shown[:1] != [story.ends_as]:
        found.append((NOT_ENDED, f"the cards are {shown}, not {story.ends_as}"))
    return found


async def _of_slack(play: Play, story: Story) -> list[Wrong]:
    cards = await acts.cards(play)
    keys = Counter(card["metadata"]["event_payload"].get("incident") for card in cards)
    found: list[Wrong] = [(SECOND_CARD, f"{count} cards of {key}") for key, count in keys.items() if count > 1]
    messages = await play.stage.slack.messages(play.stage.alerts)
    lines = Counter(
        str(one["metadata"]["event_payload"])
        for one in messages
        if one.get("metadata", {}).get("event_type") in ("backtrace_line", "backtrace_mention")
    )
    found += [(SECOND_CARD, f"{count} times {line}") for line, count in lines.items() if count > 1]
    alert = play.player.alert_ts
    if alert and not any(card.get("thread_ts") == alert for card in cards):
        found.append((LOST, f"the alert {alert} has no card in its thread"))
    if not cards:
        found.append((LOST, "there is no card"))
    query = "SELECT ts, incident_id FROM messages"
    of_incident = {row["ts"]: row["incident_id"] for row in _rows(_data(play), query)}
    fired = [one["ts"] for one in messages if _fires(one)]
    found += [(LOST, f"the message {ts} belongs to no card") for ts in fired if of_incident.get(ts) not in keys]
    # A question that seemed to fail, and was kept, is typed again, and is another question.
    if len(keys) > story.cards and story.name != "asked":
        found.append((SECOND_CARD, f"{len(keys)} incidents have cards, of one trouble"))
    return found


def _fires(message: dict[str, Any]) -> bool:
    alert = None if "metadata" in message else parse_alert(message, Catalog(()))
    return alert is not None and alert.status is AlertStatus.FIRING


def _of_gitlab(play: Play, story: Story) -> Iterator[Wrong]:
    yield from _gone_back(play, story)
    state = play.stage.gitlab.state
    if len(state.incidents) > story.papers:
        yield SECOND_PAPER, f"{len(state.incidents)} incidents"
    for incident in state.incidents:
        marks = Counter(note.body.split("\n", 1)[0] for note in incident.notes)
        yield from ((SECOND_PAPER, f"{count} notes of {mark}") for mark, count in marks.items() if count > 1)
        events = Counter(event.note for event in incident.timeline)
        yield from ((SECOND_PAPER, f"{count} events {note!r}") for note, count in events.items() if count > 1)
    if state.effects["merge_request"] > 1:
        yield SECOND_PAPER, f"{state.effects['merge_request']} merge requests that revert"


def _gone_back(play: Play, story: Story) -> Iterator[Wrong]:
    state = play.stage.gitlab.state
    started = len(state.retries) + state.effects["pipeline"]
    if started > story.rollbacks:
        yield SECOND_ROLLBACK, f"{started} jobs were retried or pipelines started, not {story.rollbacks}"
    if started < story.rollbacks:
        yield NOT_ENDED, f"{started} jobs were retried or pipelines started, not {story.rollbacks}"
    places = Counter(state.deployments[retry.deployment_id].environment for retry in state.retries)
    for place, count in places.items():
        if count > story.in_place:
            yield SECOND_ROLLBACK, f"{count} jobs were retried in {place}, not {story.in_place}"
    if story.bot.act_as == "person":
        yield from ((UNRECORDED, f"{one.by} retried it, not who pressed") for one in state.retries if one.by != "mara")


def _of_record(play: Play, story: Story) -> Iterator[Wrong]:
    """Every retry and pipeline that GitLab has made for the bot is an attempt on record, with who confirmed it and what
    was sent."""
    data, state = _data(play), play.stage.gitlab.state
    presser = play.stage.slack_id("mara")
    rollbacks = _rows(data, "SELECT id, how, job_id, pipeline_id, status, slack_user, finished_at FROM rollbacks")
    sent = {row["about"] for row in _rows(data, "SELECT about FROM gitlab_writes WHERE request LIKE 'POST %'")}
    made = [("job_id", retry.new_job_id) for retry in state.retries]
    made += [("pipeline_id", one.id) for one in state.pipelines.values() if one.source == "api"]
    for name, number in made:
        rows = [row for row in rollbacks if row[name] == number]
        if len(rows) != 1:
            yield UNRECORDED, f"{name} {number} is on record {len(rows)} times"
        for row in rows:
            if row["status"] != story.goes or not row["finished_at"] or row["slack_user"] != presser:
                yield UNRECORDED, f"the rollback of {name} {number} is on record as {dict(row)}"
            if row["id"] not in sent:
                yield UNRECORDED, f"no request is on record for {row['id']}"


def _data(play: Play) -> Path:
    return play.folder / "data" / "backtrace.sqlite"


def _rows(path: Path, query: str) -> list[Any]:
    with contextlib.closing(sqlite3.connect(path, timeout=10)) as connection:
        connection.row_factory = sqlite3.Row
        return connection.execute(query).fetchall()
