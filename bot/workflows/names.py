"""Who is who: the administrator's table, and whom people have shown themselves to be by linking."""

from __future__ import annotations

from bot.workflows.house import House


async def usernames(house: House) -> dict[str, str]:
    """Slack member id -> GitLab username."""
    links = await house.store.links.all()
    return {**house.settings.people, **{link.slack_user: link.username for link in links}}
