"""GitLab's own incidents: opened in GitLab, traced, written down there, and shown in the service's channel."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from backtrace_core.alerts.gitlab_incident import told_by_row
from backtrace_core.model import Severity
from bot.cards import IncidentState
from bot.gitlab.paths import in_project
from bot.gitlab_inbox import GitLabInbox
from bot.workflows.opening import opens_by_itself
from sandbox.gitlab import Fault
from sandbox.gitlab.records import Hook, Issue, Note
from sandbox.player import eventually
from sandbox.slack.draw import render_text
from sandbox.stage import HOOK_SECRET, BotOptions, StageOptions
from sandbox.worlds.senders import alertmanager
from tests.scenarios.looking import alert_card, cards_in, modal_says, one_line, press, press_on
from tests.scenarios.stage import PROMPT, Scene, scene
from tests.scenarios.town import ALERTS, GENERAL, TOWN

EVENTS = ("issues_events", "confidential_issues_events", "deployment_events", "pipeline_events", "feature_flag_events")
WAIT_S = 15
IN_GENERAL = replace(PROMPT, channels=(ALERTS, GENERAL), service=f'incident_channel = "{GENERAL}"')
NO_POLL = replace(IN_GENERAL, gitlab="poll_s = 0")
IN_ALERTS = replace(PROMPT, gitlab="poll_s = 0")
TITLE = "Login errors: five times as many as usual"
TEXT = "login error rate jumped 5x on web production\n\nSession expired: auth/session.py"


@asynccontextmanager
async def play(
    folder: Path, stage: StageOptions = TOWN, bot: BotOptions = NO_POLL, *, hooked: bool = True
) -> AsyncIterator[Scene]:
    """The login world with a webhook that leads to the bot."""
    async with scene("login", folder, stage, bot) as opened:
        if hooked:
            state = opened.stage.gitlab.state
            url = f"{opened.bot.url}/gitlab/webhook"
            state.hooks[1] = Hook(1, url, frozenset(EVENTS), HOOK_SECRET, "", opened.clock())
        yield opened


async def gitlab(play: Scene, method: str, path: str, body: dict[str, Any], who: str = "kim") -> dict[str, Any]:
    """What a person does in GitLab."""
    url = f"{play.stage.gitlab.url}/api/v4/projects/shop%2Fweb/{path}"
    async with aiohttp.ClientSession() as session:
        sent = session.request(method, url, json=body, headers={"PRIVATE-TOKEN": f"glpat-{who}"})
        async with sent as answer:
            assert answer.status < 300, await answer.text()
            return dict(await answer.json())


async def open_incident(play: Scene, **more: Any) -> Issue:
    row = await gitlab(play, "POST", "issues", {"title": TITLE, "description": TEXT, "issue_type": "incident", **more})
    return play.stage.gitlab.state.issues[row["iid"]]


async def the_note(play: Scene, issue: Issue, *words: str) -> Note:
    """The only note, once it has these words."""

    async def look() -> Note | None:
        fits = len(issue.notes) == 1 and all(word in issue.notes[0].body for word in words)
        return issue.notes[0] if fits else None

    return await eventually(f"one note that says {words}", look, WAIT_S)


async def the_card(play: Scene, *words: str, channel: str = GENERAL) -> dict[str, Any]:
    async def look() -> dict[str, Any] | None:
        cards = await cards_in(play, channel)
        fits = len(cards) == 1 and all(word in one_line(render_text(cards[0])) for word in words)
        return cards[0] if fits else None

    return await eventually(f"one card that says {words}", look, WAIT_S)


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


async def test_a_confidential_incident_shows_nothing_in_slack(tmp_path: Path) -> None:
    """The paper is written in full; no channel has a word of it."""
    async with play(tmp_path) as on:
        issue = await open_incident(on, confidential=True)

        await the_note(on, issue, "Likely culprit")
        assert [*await cards_in(on, GENERAL), *await cards_in(on, ALERTS)] == []


async def test_a_confidential_incident_is_shown_where_the_settings_allow_it(tmp_path: Path) -> None:
    """In the channel that is named for that."""
    bot = replace(NO_POLL, service=f'confidential_channels = ["{GENERAL}"]')
    async with play(tmp_path, bot=bot) as on:
        await open_incident(on, confidential=True)

        await the_card(on, "Likely culprit")


async def test_made_confidential_later_its_card_takes_everything_back(tmp_path: Path) -> None:
    """Title, suspects and buttons are gone, and an old screen's button explains nothing."""
    async with play(tmp_path) as on:
        issue = await open_incident(on)
        shown = await the_card(on, "Likely culprit")
        await the_note(on, issue, "The card in Slack")
        await gitlab(on, "PUT", f"issues/{issue.iid}", {"confidential": True})

        card = await the_card(on, "This incident is confidential")
        assert "Login errors" not in str(card)
        assert "session expiry" not in str(card)
        await press_on(on, {**shown, "channel": GENERAL}, "tomas", "why")
        await modal_says(on, "tomas", "confidential in GitLab")


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


async def test_one_about_an_alert_joins_its_card(tmp_path: Path) -> None:
    """Of the same service, environment and time: a line in the thread, the note on the incident, no second card."""
    async with play(tmp_path, bot=IN_ALERTS) as on:
        await alert_card(on)
        issue = await open_incident(on)

        await the_card(on, f"Incident in GitLab: shop/web#{issue.iid}", "GitLab", channel=ALERTS)
        await the_note(on, issue, "Likely culprit", "The card in Slack")
        assert issue.assignees == ["vani"]


async def test_an_alert_after_an_incident_joins_its_card(tmp_path: Path) -> None:
    """GitLab was first: the card at the top of the channel counts the alert, which gets none."""
    async with play(tmp_path, bot=IN_ALERTS) as on:
        await open_incident(on)
        await the_card(on, "Likely culprit", channel=ALERTS)
        await on.player.fire()

        await the_card(on, "Likely culprit", "2 alert messages", channel=ALERTS)


async def first_note(issue: Issue) -> Note | None:
    return issue.notes[0] if issue.notes else None


async def test_one_about_another_trouble_is_written_on_by_itself(tmp_path: Path) -> None:
    """Its note and its assignment are its own, though service, environment and time are those of the card."""
    async with play(tmp_path, bot=IN_ALERTS) as on:
        await alert_card(on)
        issue = await open_incident(on, title="MailBacklog: mails wait", description="queue of 4000 in production")

        await eventually("a note", lambda: first_note(issue), WAIT_S)
        assert "Likely culprit" not in issue.notes[0].body
        assert issue.assignees == []
        assert len(await cards_in(on, ALERTS)) == 2


async def test_a_confidential_one_joins_no_card(tmp_path: Path) -> None:
    """Nothing of it reaches the card that stands, nor its thread."""
    async with play(tmp_path, bot=IN_ALERTS) as on:
        await alert_card(on)
        issue = await open_incident(on, confidential=True, title="Breach of session tokens")

        await eventually("a note", lambda: first_note(issue), WAIT_S)
        await on.stage.slack.courier.settled()
        texts = [render_text(message) for message in await on.stage.slack.messages(ALERTS)]
        assert not any("Breach" in text or f"#{issue.iid}" in text for text in texts)


async def test_an_alert_that_links_to_an_incident_is_an_alert(tmp_path: Path) -> None:
    """Only GitLab's own post about an incident is known already; another sender may have its address in a text."""
    async with play(tmp_path) as on:
        issue = await open_incident(on)
        await the_card(on, "Likely culprit")
        page = f"{on.bot.house.settings.gitlab.url}/shop/web/-/issues/{issue.iid}"
        says = f"TypeError in is_expired, see {page}"
        firing = alertmanager("LoginErrorRateHigh web", "production critical", says).firing
        ts = await on.stage.slack.post_webhook(ALERTS, dict(firing))

        await the_card(on, "web, production", channel=ALERTS)
        assert (await on.bot.house.store.messages.get(ALERTS, ts)) is not None


async def test_a_pause_holds_the_card_back_and_not_the_paper(tmp_path: Path) -> None:
    """Whoever paused the channel wants quiet there; the incident in GitLab gets its note all the same."""
    async with play(tmp_path, bot=IN_ALERTS) as on:
        await on.stage.slack.command(on.stage.slack_id("kim"), ALERTS, "pause 1h")
        await eventually("the pause", lambda: on.bot.house.store.pauses.is_paused(ALERTS, on.clock()), WAIT_S)
        issue = await open_incident(on)

        await the_note(on, issue, "Likely culprit")
        assert await cards_in(on, ALERTS) == []
        await on.stage.slack.command(on.stage.slack_id("kim"), ALERTS, "resume")
        await eventually("the end of the pause", lambda: goes_on(on), WAIT_S)
        await on.bot.inbox.take_up()

        await the_card(on, "Likely culprit", channel=ALERTS)


async def goes_on(play: Scene) -> bool:
    return not await play.bot.house.store.pauses.is_paused(ALERTS, play.clock())


async def test_two_deliveries_at_once_make_nothing_public(tmp_path: Path) -> None:
    """An older hook that comes together with the one that makes the incident confidential does not take that back."""
    async with play(tmp_path, hooked=False) as on:
        issue = await open_incident(on)
        await on.bot.polls.look()
        await the_card(on, "Likely culprit")
        rows = await on.bot.house.gitlab.list_all(in_project("shop/web", "issues"), limit=9)
        told = next(one for row in rows if (one := told_by_row(row, "shop/web")) and one.iid == issue.iid)
        closed = replace(told, confidential=True, updated_at=told.updated_at + timedelta(seconds=9))
        older = replace(told, updated_at=told.updated_at + timedelta(seconds=5))
        inbox = GitLabInbox(on.bot.house, on.bot.inbox.start, on.bot.inbox.own_team)

        await asyncio.gather(inbox.take(older), inbox.take(closed), inbox.take(older))

        paper = await on.bot.house.store.papers.get(told.key)
        assert paper is not None
        assert paper.confidential


async def test_old_buttons_of_a_confidential_incident_tell_nothing(tmp_path: Path) -> None:
    """A card that is still on somebody's screen: its buttons are refused."""
    async with play(tmp_path) as on:
        issue = await open_incident(on)
        card = await the_card(on, "Likely culprit")
        await gitlab(on, "PUT", f"issues/{issue.iid}", {"confidential": True})
        await the_card(on, "confidential")
        await press_on(on, {**card, "channel": GENERAL}, "tomas", "roll_back")

        await modal_says(on, "tomas", "This incident is confidential in GitLab")


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
