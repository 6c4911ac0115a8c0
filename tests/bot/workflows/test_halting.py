"""A wish to stop outlives a GitLab that does not answer; what GitLab refuses is said."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import pytest

from bot.gitlab.client import GitLabRefused, GitLabUnavailable, OutcomeUnknown
from bot.gitlab.errors import NotSent
from bot.workflows.halting import STOPPING, halt, halt_pipeline

ROW: Any = SimpleNamespace(
    id="leg-1",
    status="running",
    stopped_by="U1",
    project="shop/web",
    job_id=7,
    pipeline_id=70,
    says="started a rollback of production",
)


class House:
    """Raises ``error`` where somebody is acted for, else says that all has ended; remembers what is saved."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error, self.saved = error, dict[str, Any]()
        self.store = SimpleNamespace(rollbacks=SimpleNamespace(save=self.save), links=SimpleNamespace(all=self.links))
        self.settings = SimpleNamespace(people={"U1": "mara"})

    @asynccontextmanager
    async def acting(self, _slack_user: str, _about: str) -> AsyncIterator["House"]:
        if self.error is not None:
            raise self.error
        yield self

    async def get(self, _path: str) -> dict[str, Any]:
        return {"id": 70, "status": "success"}

    async def post(self, _path: str) -> dict[str, Any]:
        return {"id": 70, "status": "canceled", "web_url": ""}

    async def save(self, _leg: str, **values: Any) -> None:
        self.saved |= values

    async def links(self) -> tuple[()]:
        return ()


@pytest.mark.parametrize("stop", [halt, halt_pipeline])
@pytest.mark.parametrize("error", [GitLabUnavailable("timed out"), OutcomeUnknown("reset"), NotSent("no token")])
async def test_what_gitlab_does_not_answer_is_tried_again(stop: Any, error: Exception) -> None:
    """Nothing is written down, so the next look finds the wish as it was."""
    house: Any = House(error)

    assert not await stop(house, ROW)
    assert house.saved == {}


@pytest.mark.parametrize("stop", [halt, halt_pipeline])
async def test_what_gitlab_refuses_is_said(stop: Any) -> None:
    """The leg goes on, and the card says why."""
    house: Any = House(GitLabRefused(403, "403 Forbidden"))

    assert await stop(house, ROW)
    assert house.saved["stopped_by"] == ""
    assert "mara could not stop it: 403 Forbidden" in house.saved["says"]


@pytest.mark.parametrize("stop", [halt, halt_pipeline])
async def test_what_is_cancelled_is_stopping(stop: Any) -> None:
    """From then on its end is waited for."""
    house: Any = House()

    assert await stop(house, ROW)
    assert house.saved == {"status": STOPPING}
