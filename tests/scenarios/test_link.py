"""Linking by the page: who goes through it acts with their own rights in GitLab."""

from pathlib import Path

from tests.scenarios.linking import link, linked_as, own_rights, told
from tests.scenarios.looking import alert_card, card_says, roll_back


async def test_who_is_linked_rolls_back_with_their_own_token(tmp_path: Path) -> None:
    """Both sides read who acts as whom; GitLab then knows the retry as the person's, not as the bot's."""
    async with own_rights(tmp_path) as play:
        page = await link(play, "mara")
        for said in (page.text, await told(play, "mara", "Linked:")):
            assert "Mara Lindqvist" in said or "mara" in said
            assert "acts as mara (Mara Lindqvist)" in said
        assert await linked_as(play, "mara") == "mara"

        await alert_card(play)
        await roll_back(play, "mara")

        await card_says(play, "Rolled back.", "mara rolled production back")
        (retry,) = play.stage.gitlab.state.retries
        assert retry.by == "mara"
