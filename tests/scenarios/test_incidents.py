"""GitLab's own incidents: opened in GitLab, traced, written down there, and shown in the service's channel."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from backtrace_core.model import Severity
from bot.cards import IncidentState
from bot.workflows.opening import opens_by_itself
from sandbox.gitlab import Fault
from sandbox.gitlab.records import Issue
from sandbox.player import eventually
from sandbox.slack.draw import render_text
from tests.scenarios.gitlab_side import TEXT, WAIT_S, gitlab, open_incident, play, the_card, the_note
from tests.scenarios.looking import alert_card, cards_in, press, press_on
from tests.scenarios.stage import PROMPT
from tests.scenarios.town import ALERTS, GENERAL, TOWN


async def test_an_incident_alone_yields_note_assignment_labels_and_card(tmp_path: Path) -> None:
    """No Slack alert at all: the paper in GitLab, the card in the channel set for the service, and they link."""
    async with play(tmp_path) as on:
        issue = await open_incident(on)

        card = await the_card(on, "Likely culprit", f"Incident in GitLab: shop/web#{issue.iid}")
        note = await the_note(on, issue, "Likely culprit", "deployed by @mara", "git revert -m 1 ", "The card in Slack")
        assert card.get("thread_ts", card["ts"]) == card["ts"]
        assert issue.assignees == ["vani"]
        assert set(issue.labels) >= {"incident", "backtrace"}
        assert "Assigned to `Vani Raghavan`, the change's author." in note.body
        assert any("is the likely culprit" in event.note for event in issue.timeline)
        assert issue.severity == "UNKNOWN"
        assert await cards_in(on, ALERTS) == []


@pytest.mark.parametrize("kind", ["issue", "work_item"])
async def test_by_whatever_kind_and_way_it_comes_there_is_one_run(kind: Any, tmp_path: Path) -> None:
    """The hook twice, and the poll: one card, one note, one event for each thing."""
    stage = replace(TOWN, gitlab=replace(TOWN.gitlab, incident_hook_kind=kind))
    async with play(tmp_path, stage) as on:
        on.stage.gitlab.state.hooks[2] = replace(on.stage.gitlab.state.hooks[1], id=2)
        issue = await open_incident(on)
        await the_card(on, "Likely culprit")
        await the_note(on, issue, "The card in Slack")
        await on.bot.polls.look()
        await on.bot.polls.look()

        await the_note(on, issue)
        assert len({event.note for event in issue.timeline}) == len(issue.timeline)
        assert len(await cards_in(on, GENERAL)) == 1
        assert on.stage.gitlab.state.effects["note"] == 1


async def test_what_no_hook_told_is_found_by_asking(tmp_path: Path) -> None:
    """A GitLab that can't reach the bot."""
    async with play(tmp_path, hooked=False) as on:
        issue = await open_incident(on)
        await on.bot.polls.look()

        await the_card(on, "Likely culprit")
        await the_note(on, issue, "Likely culprit")


async def test_closed_and_reopened(tmp_path: Path) -> None:
    """Card and note follow."""
    async with play(tmp_path) as on:
        issue = await open_incident(on)
        await the_card(on, "Likely culprit")
        await the_note(on, issue, "The card in Slack")
        await gitlab(on, "PUT", f"issues/{issue.iid}", {"state_event": "close"})
        await the_card(on, "Resolved")
        await the_note(on, issue, "**Resolved.**")
        on.clock.forward(timedelta(seconds=2))
        await gitlab(on, "PUT", f"issues/{issue.iid}", {"state_event": "reopen"})

        async def is_open() -> bool:
            (card,) = await cards_in(on, GENERAL)
            return "Resolved" not in render_text(card) and "**Resolved.**" not in issue.notes[0].body

        await eventually("an open card and note", is_open, WAIT_S)
        (row,) = await on.bot.house.store.incidents.open_since(on.clock() - timedelta(hours=1))
        assert row.state is IncidentState.OPEN


async def test_not_the_culprit_edits_the_note_in_place(tmp_path: Path) -> None:
    """One note, that says what people did."""
    async with play(tmp_path) as on:
        issue = await open_incident(on)
        card = await the_card(on, "Likely culprit")
        await the_note(on, issue, "The card in Slack")
        await press_on(on, {**card, "channel": GENERAL}, "tomas", "not_culprit")

        await the_note(on, issue, "`tomas` `said that !\u200b45 is not the culprit`")
        assert on.stage.gitlab.state.effects["note"] == 1


async def test_assign_uses_the_incident_that_is_there(tmp_path: Path) -> None:
    """A press on the card of a GitLab incident opens no second one."""
    async with play(tmp_path) as on:
        issue = await open_incident(on)
        card = await the_card(on, "Likely culprit")
        await the_note(on, issue, "The card in Slack")
        await press_on(on, {**card, "channel": GENERAL}, "tomas", "assign")

        await the_card(on, f"tomas assigned Vani Raghavan (@vani) to shop/web#{issue.iid}")
        assert on.stage.gitlab.state.incidents == [issue]


async def test_somebody_who_is_assigned_stays_assigned(tmp_path: Path) -> None:
    """And the note says so."""
    async with play(tmp_path) as on:
        person = on.stage.gitlab.state.users["aiko"].id
        issue = await open_incident(on, assignee_ids=[person])

        await the_note(on, issue, "Somebody is assigned already")
        assert issue.assignees == ["aiko"]


async def test_what_this_gitlab_lacks_is_a_line_in_the_note(tmp_path: Path) -> None:
    """An older server without a timeline, a token that may not label: everything else is done."""
    stage = replace(TOWN, gitlab=replace(TOWN.gitlab, timeline=False))
    async with play(tmp_path, stage) as on:
        on.stage.gitlab.faults.add(Fault("PUT", "/projects/*/issues/*", "403", times=1, holds="add_labels"))
        issue = await open_incident(on)

        note = await the_note(on, issue, "What Backtrace could not do here:")
        assert "Labels were not set: `403: 403 Forbidden`" in note.body
        assert "The timeline was not written" in note.body
        assert issue.assignees == ["vani"]


async def test_our_own_incident_starts_no_second_trace(tmp_path: Path) -> None:
    """Even where the hook overtakes the answer of the POST: the key in the description tells whose it is."""
    stage = replace(TOWN, gitlab=replace(TOWN.gitlab, answer_after=0.3, hook_interval=0.01))
    async with play(tmp_path, stage) as on:
        await alert_card(on)
        await press(on, "tomas", "assign")

        async def has_note() -> Issue | None:
            return next((one for one in on.stage.gitlab.state.incidents if one.notes), None)

        issue = await eventually("a note", has_note, WAIT_S)
        await on.bot.polls.look()
        assert len(on.stage.gitlab.state.incidents) == 1
        assert len(await cards_in(on, ALERTS)) == 1
        assert await cards_in(on, GENERAL) == []
        await gitlab(on, "PUT", f"issues/{issue.iid}", {"state_event": "close"})
        await the_card(on, "Resolved", channel=ALERTS)


async def test_a_copied_key_hides_no_incident(tmp_path: Path) -> None:
    """Anybody may copy our comment: only what our own user opened is ours."""
    async with play(tmp_path) as on:
        card = await alert_card(on)
        key = card["metadata"]["event_payload"]["incident"]
        issue = await open_incident(on, description=f"<!-- backtrace:{key} -->\n{TEXT}")

        await the_card(on, "Likely culprit", f"shop/web#{issue.iid}")
        await the_note(on, issue, "Likely culprit")


async def test_an_incident_that_was_there_before_is_left_alone(tmp_path: Path) -> None:
    """Opened before Backtrace listened, changed now: no card, no note."""
    async with play(tmp_path) as on:
        state = on.stage.gitlab.state
        old = on.clock() - timedelta(days=3)
        state.issues[900] = Issue(9900, 900, "Old", TEXT, "kim", old, old, kind="incident")
        await gitlab(on, "PUT", "issues/900", {"add_labels": "seen"})
        await on.bot.polls.look()
        issue = await open_incident(on)
        await the_card(on, "Likely culprit")
        await the_note(on, issue)

        assert state.issues[900].notes == []


async def test_the_bots_own_changes_are_no_news(tmp_path: Path) -> None:
    """Labels and assignment fire hooks as well: nothing is written for them."""
    async with play(tmp_path) as on:
        issue = await open_incident(on)
        await the_note(on, issue, "The card in Slack")
        before = on.stage.gitlab.state.effects["note_update"]
        await on.bot.polls.look()

        assert on.stage.gitlab.state.effects["note_update"] == before
        assert len(issue.notes) == 1


OPENS = replace(PROMPT, gitlab='open_incidents_from = "critical"\npoll_s = 0')


async def test_a_grave_alert_opens_an_incident_by_itself(tmp_path: Path) -> None:
    """From the severity on that the settings name, and not below it."""
    async with play(tmp_path, bot=OPENS) as on:
        await alert_card(on)
        house, start = on.bot.house, on.bot.inbox.start
        (incident,) = await house.store.incidents.open_since(on.clock() - timedelta(hours=1))
        assert incident.alert is not None
        high = replace(incident, alert=replace(incident.alert, severity=Severity.HIGH))
        assert not opens_by_itself(house, high)
        grave = replace(incident.alert, severity=Severity.CRITICAL)
        await house.store.incidents.save_question(incident.id, grave, None)
        await start.card(incident.id, "graver")

        async def is_there() -> Issue | None:
            return next((one for one in on.stage.gitlab.state.incidents if one.notes), None)

        issue = await eventually("an incident with its note", is_there, WAIT_S)
        assert issue.assignees == ["vani"]
