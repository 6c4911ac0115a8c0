"""Who is who, as a run finds it."""

from __future__ import annotations

from bot.names import usernames_of
from bot.workflows.house import House


async def usernames(house: House) -> dict[str, str]:
    """Slack member id -> GitLab username."""
    return usernames_of(house.settings.people, await house.store.links.all())
