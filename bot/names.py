"""Who is who: the administrator's table, and whom people have shown themselves to be by linking. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.store import Link


def usernames_of(people: Mapping[str, str], links: Iterable[Link]) -> dict[str, str]:
    """Slack member id -> GitLab username. The table's word ends a link that says something else."""
    return {**{link.slack_user: link.username for link in links}, **people}
