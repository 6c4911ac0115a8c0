from collections.abc import AsyncIterator

import pytest

from bot.gitlab.client import GitLabClient
from tests.bot.gitlab.fake import FakeGitLab, client_of, fake_gitlab


@pytest.fixture
async def fake() -> AsyncIterator[FakeGitLab]:
    async with fake_gitlab() as running:
        yield running


@pytest.fixture
async def client(fake: FakeGitLab) -> AsyncIterator[GitLabClient]:
    async with client_of(fake.url, timeout_s=0.5) as made:
        yield made
