"""What the settings want of the paper on an incident: the outcome's label, the severity."""

from dataclasses import replace
from pathlib import Path

from sandbox.gitlab.records import Issue
from sandbox.player import eventually
from tests.scenarios.gitlab_side import IN_ALERTS, NO_POLL, TEXT, WAIT_S, open_incident, play, the_card, the_note
from tests.scenarios.looking import alert_card, press, press_on
from tests.scenarios.stage import PROMPT, Scene
from tests.scenarios.town import GENERAL

LABELS = 'named = "backtrace::named", shortlist = "backtrace::shortlist", not_enough = "backtrace::no"'
OUTCOMES = replace(NO_POLL, gitlab=f"poll_s = 0\noutcome_labels = {{ {LABELS} }}")
GRADES = replace(PROMPT, gitlab='poll_s = 0\nincident_severity = "from_alert"')


def outcomes_on(issue: Issue) -> set[str]:
    return {label for label in issue.labels if label.startswith("backtrace::")}


async def test_the_outcome_has_its_label(tmp_path: Path) -> None:
    """One at a time: when the named change was not it, the next outcome's label stands in its place, on any tier."""
    async with play(tmp_path, bot=OUTCOMES) as on:
        issue = await open_incident(on)
        card = await the_card(on, "Likely culprit")
        await the_note(on, issue, "The card in Slack")
        assert outcomes_on(issue) == {"backtrace::named"}
        await press_on(on, {**card, "channel": GENERAL}, "tomas", "not_culprit")
        note = await the_note(on, issue, "is not the culprit")

        assert "Likely culprit" not in note.body
        (label,) = outcomes_on(issue)
        assert label != "backtrace::named"


async def test_a_label_that_people_gave_stays(tmp_path: Path) -> None:
    """Of the labels only those of the outcomes are ever taken away."""
    async with play(tmp_path, bot=OUTCOMES) as on:
        issue = await open_incident(on, labels="team::web,backtrace::no")
        await the_note(on, issue, "The card in Slack")

        assert set(issue.labels) == {"team::web", "incident", "backtrace", "backtrace::named"}


async def opened(on: Scene) -> Issue:
    async def look() -> Issue | None:
        return next((one for one in on.stage.gitlab.state.incidents if one.notes), None)

    return await eventually("an incident with its note", look, WAIT_S)


async def test_what_backtrace_opens_has_the_alerts_severity(tmp_path: Path) -> None:
    """Where the settings want it; the alert says critical."""
    async with play(tmp_path, bot=GRADES) as on:
        await alert_card(on)
        await press(on, "tomas", "assign")

        assert (await opened(on)).severity == "CRITICAL"


async def test_severity_is_untouched_unless_the_settings_say_so(tmp_path: Path) -> None:
    """Without the setting nothing is graded."""
    async with play(tmp_path, bot=IN_ALERTS) as on:
        await alert_card(on)
        await press(on, "tomas", "assign")

        assert (await opened(on)).severity == "UNKNOWN"


async def test_what_somebody_else_opened_is_not_graded(tmp_path: Path) -> None:
    """Its severity is theirs, also where the settings have Backtrace grade what it opens itself."""
    async with play(tmp_path, bot=replace(NO_POLL, gitlab=GRADES.gitlab)) as on:
        issue = await open_incident(on, description=f"severity: critical\n{TEXT}")
        await the_note(on, issue, "The card in Slack")

        assert issue.severity == "UNKNOWN"
