"""Buttons that change production, pressed by somebody not linked yet: the wish is kept, or the way to link is said."""

from __future__ import annotations

from pathlib import Path

from sandbox.browser import browsing
from sandbox.slack.draw import render_text
from tests.scenarios.linking import invitation, link, own_rights, with_page
from tests.scenarios.looking import (
    alert_card,
    card_says,
    confirm,
    has_submit,
    modal_says,
    one_line,
    press,
    roll_back,
    shown_only_to,
)
from tests.scenarios.stage import Scene
from tests.scenarios.test_stopping import LONG
from tests.scenarios.test_switch_flag import ALONE, scopes

HOW = "not linked to a GitLab user. Type /backtrace link"


async def gone_back(play: Scene) -> None:
    await link(play, "mara")
    await alert_card(play)
    await roll_back(play, "mara")
    await card_says(play, "Rolled back.", "Roll forward again")


async def press_unlinked(play: Scene, who: str, button: str, title: str) -> tuple[str, str]:
    await press(play, who, button)
    await modal_says(play, who, "Link your GitLab account first.", "Open the page")
    view = await play.stage.slack.view_of(play.stage.slack_id(who))
    assert view is not None
    assert view["title"]["text"] == title
    return invitation(f"{view} {one_line(render_text(view))}")


async def press_forward(play: Scene, who: str) -> tuple[str, str]:
    return await press_unlinked(play, who, "roll_forward", "Roll forward again")


async def went_forward(play: Scene, who: str) -> None:
    await modal_says(play, who, "This deploys again what the rollback replaced")
    assert await has_submit(play, who)
    await confirm(play, who)
    await card_says(play, "Rolled forward again.", f"{who} rolled production forward")
    assert [retry.by for retry in play.stage.gitlab.state.retries] == ["mara", who]


async def test_the_modal_to_go_forward_goes_on_by_itself(tmp_path: Path) -> None:
    """It asks to link first, and then has the checks of going forward, not of going back."""
    async with own_rights(tmp_path) as play, browsing() as browser:
        await gone_back(play)
        url, code = await press_forward(play, "kim")
        await browser.link(url, code, "kim")

        await went_forward(play, "kim")


async def test_a_closed_modal_to_go_forward_leaves_its_own_button(tmp_path: Path) -> None:
    """The message that names the pair has a button that opens the checks of going forward."""
    async with own_rights(tmp_path) as play, browsing() as browser:
        await gone_back(play)
        url, code = await press_forward(play, "kim")
        kim = play.stage.slack_id("kim")
        await play.stage.slack.close(kim)
        await browser.link(url, code, "kim")

        offered = await shown_only_to(play, kim, "Linked:", "You had pressed Roll forward again: go on here")
        await play.stage.slack.press(kim, play.stage.alerts, offered["ts"], "backtrace:roll_forward")
        await went_forward(play, "kim")


async def test_a_revert_says_how_to_link(tmp_path: Path) -> None:
    """Nothing is opened."""
    async with own_rights(tmp_path) as play:
        await gone_back(play)
        await press(play, "kim", "revert")

        await shown_only_to(play, play.stage.slack_id("kim"), "Nothing was opened", HOW)
        assert play.stage.gitlab.state.proposals == {}


async def test_a_stop_says_how_to_link(tmp_path: Path) -> None:
    """The rollback goes on."""
    async with own_rights(tmp_path, LONG) as play:
        await link(play, "mara")
        await alert_card(play)
        await roll_back(play, "mara")
        await card_says(play, "Rolling back… It runs.")
        await press(play, "kim", "stop")

        await shown_only_to(play, play.stage.slack_id("kim"), HOW)
        assert "cancel" not in play.stage.gitlab.state.effects


async def test_an_agreement_says_how_to_link(tmp_path: Path) -> None:
    """Nothing begins."""
    async with own_rights(tmp_path, bot=with_page(service="second_person = true")) as play:
        await link(play, "mara")
        await alert_card(play)
        await roll_back(play, "mara")
        await card_says(play, "A second person has to agree")
        await press(play, "kim", "agree")

        await shown_only_to(play, play.stage.slack_id("kim"), HOW)
        assert play.stage.gitlab.state.retries == []


async def test_the_modal_of_a_flag_goes_on_by_itself(tmp_path: Path) -> None:
    """It asks to link first, and then looks at the flag with the presser's own right; it stays on until that."""
    async with own_rights(tmp_path, change=ALONE) as play, browsing() as browser:
        await alert_card(play)
        url, code = await press_unlinked(play, "mara", "switch_flag", "Switch a flag off")
        assert not await has_submit(play, "mara")
        assert scopes(play) == ("production", "staging")
        await browser.link(url, code, "mara")

        await modal_says(play, "mara", "This switches seen off in production", "In GitLab you are mara")
        await confirm(play, "mara")
        await card_says(play, "mara switched the feature flag seen off in production")
        assert scopes(play) == ("staging",)


async def test_a_closed_modal_of_a_flag_leaves_its_own_button(tmp_path: Path) -> None:
    """As a rollback's does."""
    async with own_rights(tmp_path, change=ALONE) as play, browsing() as browser:
        await alert_card(play)
        url, code = await press_unlinked(play, "mara", "switch_flag", "Switch a flag off")
        mara = play.stage.slack_id("mara")
        await play.stage.slack.close(mara)
        await browser.link(url, code, "mara")

        offered = await shown_only_to(play, mara, "Linked:", "You had pressed Switch a flag off: go on here")
        await play.stage.slack.press(mara, play.stage.alerts, offered["ts"], "backtrace:switch_flag")
        await modal_says(play, "mara", "This switches seen off in production")
