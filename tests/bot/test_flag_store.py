"""What GitLab's webhook tells of feature flags is kept, once a delivery."""

from datetime import timedelta
from pathlib import Path

import pytest

from backtrace_core.model import FlagSwitch, Person
from bot.gitlab.shapes import MALFORMED, switch_of_hook
from bot.gitlab_inbox import GitLabInbox
from bot.store import Store, open_database
from tests.scenarios.stage import T0, scene

MARA = Person(3, "mara", "Mara Lindqvist", "https://gitlab.test/mara")
HOOK = {
    "object_kind": "feature_flag",
    "project": {"id": 1, "path_with_namespace": "shop/web"},
    "user": {"id": 3, "name": "Mara Lindqvist", "username": "mara"},
    "user_url": "https://gitlab.test/mara",
    "object_attributes": {"id": 6, "name": "checkout_v2", "description": "", "active": True},
}


async def test_a_switch_is_kept_once_and_given_by_project_and_time(tmp_path: Path) -> None:
    """GitLab repeats deliveries; another project's and older ones are not given."""
    database = open_database(tmp_path)
    store = Store(database)
    switch = FlagSwitch("shop/web", "checkout_v2", "on", MARA, T0)
    await store.flags.keep("k1", switch)
    await store.flags.keep("k1", switch)
    await store.flags.keep("k2", FlagSwitch("shop/other", "x", "off", None, T0))

    assert await store.flags.since("shop/web", T0 - timedelta(hours=1)) == (switch,)
    assert await store.flags.since("shop/web", T0 + timedelta(seconds=1)) == ()
    await store.flags.keep("k3", FlagSwitch("shop/other", "y", "off", None, T0 + timedelta(days=31)))
    assert await store.flags.since("shop/web", T0 - timedelta(hours=1)) == ()
    await database.close()


def test_the_hook_is_read_at_the_door() -> None:
    """Who, which flag, on or off; other hooks are none, and one of an odd form says so."""
    assert switch_of_hook(HOOK, T0) == FlagSwitch("shop/web", "checkout_v2", "on", MARA, T0)
    assert switch_of_hook({"object_kind": "deployment"}, T0) is None
    with pytest.raises(MALFORMED):
        switch_of_hook({"object_kind": "feature_flag"}, T0)


async def test_a_hook_reaches_the_store(tmp_path: Path) -> None:
    """As the bot's web side hands it over; one of an odd form is let go, since GitLab would only send it again."""
    async with scene("login", tmp_path) as play:
        inbox = GitLabInbox(play.bot.house, play.bot.inbox.start, play.bot.inbox.own_team)
        await inbox.keep("f1", HOOK)
        await inbox.keep("f2", {"object_kind": "feature_flag"})
        kept = await play.bot.house.store.flags.since("shop/web", T0 - timedelta(days=1))

    assert [(switch.name, switch.turned) for switch in kept] == [("checkout_v2", "on")]
