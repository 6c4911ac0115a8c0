"""The paper on an incident, as the world moves on: a deployment ends, a rollback runs, GitLab posts about it too."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from sandbox.gitlab.records import Issue
from sandbox.slack.draw import render_text
from sandbox.worlds.model import World
from tests.scenarios.gitlab_side import IN_ALERTS, TITLE, gitlab, open_incident, play, the_card, the_note
from tests.scenarios.looking import alert_card, cards_in, one_line, roll_back
from tests.scenarios.stage import Scene
from tests.scenarios.test_rolling_back import LONG, end_deployments
from tests.scenarios.town import ALERTS, GENERAL, TOWN

CULPRITS = 49558
"""The deployment that shipped the login world's culprit."""
SLOW = replace(TOWN, gitlab=LONG.gitlab)


def still_running(world: World) -> World:
    shipped = (
        replace(one, status="running", finished_at=None) if one.id == CULPRITS else one for one in world.deployments
    )
    return replace(world, deployments=tuple(shipped))


async def test_a_deployments_end_moves_card_and_note_on(tmp_path: Path) -> None:
    """By its hook alone: what was being rolled out is live, going back cancels nothing any more, one note says so."""
    async with play(tmp_path, change=still_running) as on:
        issue = await open_incident(on)
        await the_card(on, f"cancels deployment {CULPRITS}", "The rollout began")
        await the_note(on, issue, "is on its way with", "still under way", "The card in Slack")
        on.stage.gitlab.state.deployments[CULPRITS].ends_at = on.stage.gitlab.state.now()
        await gitlab(on, "GET", f"deployments/{CULPRITS}", {})

        card = await the_card(on, "It was live less than a minute later", "[Roll back]")
        note = await the_note(on, issue, "went live with", f"deployment {CULPRITS}", "of 2026-11-20 02:06 UTC")
        assert "cancels deployment" not in one_line(render_text(card))
        assert "still under way" not in note.body


async def test_a_rollback_edits_the_note_in_place(tmp_path: Path) -> None:
    """Under way, then done, by whom and to which deployment; it stays one note, and the timeline has it."""
    async with play(tmp_path, SLOW, IN_ALERTS) as on:
        await alert_card(on)
        issue = await open_incident(on)
        await the_note(on, issue, "Likely culprit", "The card in Slack")
        await roll_back(on, "mara")
        await the_note(on, issue, "**Going back is under way.**")
        end_deployments(on)

        await the_note(on, issue, "**The environment was rolled back.**", "`mara`", "deployment 49519")
        assert on.stage.gitlab.state.effects["note"] == 1
        assert any("`mara`" in event.note for event in issue.timeline)


def post_of(on: Scene, iid: int) -> dict[str, Any]:
    """What GitLab's Slack integration says of an incident that somebody opened."""
    project = f"{on.bot.house.settings.gitlab.url}/shop/web"
    page = f"{project}/-/issues/incident/{iid}"
    return {"text": f"[<{project}|shop/web>] Incident <{page}|#{iid} {TITLE}> opened by Kim Okafor (kim)"}


async def one_card_below_the_post(on: Scene, issue: Issue) -> None:
    await the_card(on, f"Incident in GitLab: shop/web#{issue.iid}", channel=ALERTS)
    # The post alone may say too little to name anybody: who is assigned follows the trace of what the hook says.
    await the_note(on, issue, "Likely culprit", "The card in Slack", "Assigned to `Vani Raghavan`")
    await on.stage.slack.courier.settled()
    assert len(await cards_in(on, ALERTS)) == 1
    assert on.stage.gitlab.state.effects["note"] == 1
    assert issue.assignees == ["vani"]


async def test_gitlabs_post_before_the_hook_is_one_card_and_one_note(tmp_path: Path) -> None:
    """The post opens the incident in Slack; the hook finds it there, and writes its paper on it."""
    async with play(tmp_path) as on:
        await on.stage.slack.post_webhook(ALERTS, post_of(on, max(on.stage.gitlab.state.issues, default=0) + 1))
        await the_card(on, "web, production", channel=ALERTS)
        issue = await open_incident(on)

        await one_card_below_the_post(on, issue)
        assert await cards_in(on, GENERAL) == []


async def test_gitlabs_post_after_the_hook_is_one_card_and_one_note(tmp_path: Path) -> None:
    """The usual order: what the post tells is known already."""
    async with play(tmp_path, bot=IN_ALERTS) as on:
        issue = await open_incident(on)
        await the_card(on, "Likely culprit", channel=ALERTS)
        await on.stage.slack.post_webhook(ALERTS, post_of(on, issue.iid))

        await one_card_below_the_post(on, issue)
