"""The store's memory of what fired for a service and what was named then."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert

from backtrace_core.model import Outcome, Verdict
from bot.store import NewIncident, Store, open_database
from bot.store.tables import gitlab_incidents
from tests.bot.gitlab.verdicts import verdict
from tests.bot.test_store import ALERT, NOW

LONG_AGO = NOW - timedelta(days=30)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    database = open_database(tmp_path)
    yield Store(database)
    await database.close()


async def keep(store: Store, name: str, told: Verdict, *, team: str = "T") -> None:
    alert = replace(ALERT, title=name, fingerprint=name, received_at=NOW)
    await store.incidents.keep(f"e-{name}", NewIncident(name, team, "C", name, NOW, alert=alert))
    await store.incidents.save_verdict(name, told)


def of_service(name: str) -> Verdict:
    made = verdict()
    return replace(made, scope=replace(made.scope, service=replace(made.scope.service, name=name)))


async def test_only_the_same_service_and_environment_of_the_same_team_count(store: Store) -> None:
    """Others' troubles say nothing of this one's deployments."""
    here = verdict()
    await keep(store, "here", here)
    await keep(store, "other service", of_service("worker"))
    await keep(store, "other place", replace(here, scope=replace(here.scope, environment="staging")))
    await keep(store, "other team", here, team="T2")
    fired = await store.history.fired("T", here.scope, LONG_AGO)
    named = await store.history.named("T", here.scope, LONG_AGO)

    assert [one.title for one in fired] == ["here"]
    assert [(one.key, one.title) for one in named] == [(here.named[0].candidate.change.key, "here")]


async def test_what_was_not_named_is_no_culprit(store: Store) -> None:
    """A shortlist, or no change at all, blames nobody."""
    for outcome in (Outcome.SHORTLIST, Outcome.NO_CHANGE, Outcome.NOT_ENOUGH):
        await keep(store, outcome.value, verdict(outcome=outcome))

    assert await store.history.named("T", verdict().scope, LONG_AGO) == ()
    assert len(await store.history.fired("T", verdict().scope, LONG_AGO)) == 3


@pytest.mark.parametrize(("ours", "seen"), [(0, []), (1, ["secret"])])
async def test_what_is_confidential_in_gitlab_is_told_on_no_other_card(
    store: Store, ours: int, seen: list[str]
) -> None:
    """Of the channel's own alert the confidential paper is only the bot's: that one stands there anyhow."""
    await keep(store, "secret", verdict())
    paper = {
        "id": "p",
        "incident_id": "secret",
        "project": "shop/web",
        "iid": 1,
        "issue_id": 1,
        "url": "",
        "updated_at": NOW,
    }
    async with store.database.writing() as connection:
        await connection.execute(insert(gitlab_incidents).values(**paper, confidential=1, ours=ours))

    assert [one.title for one in await store.history.fired("T", verdict().scope, LONG_AGO)] == seen
    assert [one.title for one in await store.history.named("T", verdict().scope, LONG_AGO)] == seen


async def test_what_is_too_old_is_forgotten(store: Store) -> None:
    """Of a year of incidents only the last weeks are read."""
    await keep(store, "here", verdict())
    later = NOW + timedelta(days=1)

    assert await store.history.fired("T", verdict().scope, later) == ()
    assert await store.history.named("T", verdict().scope, later) == ()
