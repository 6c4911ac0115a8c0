"""GitLab's own incidents beside alerts of the same trouble, of another one, and beside a pause."""

from pathlib import Path

from sandbox.player import eventually
from sandbox.slack.draw import render_text
from sandbox.worlds.senders import alertmanager
from tests.scenarios.gitlab_side import IN_ALERTS, WAIT_S, first_note, open_incident, play, the_card, the_note
from tests.scenarios.looking import alert_card, cards_in
from tests.scenarios.stage import Scene
from tests.scenarios.town import ALERTS


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
