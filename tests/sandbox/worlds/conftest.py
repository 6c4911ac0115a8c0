from __future__ import annotations

from datetime import UTC, datetime

import pytest

from sandbox.worlds import build, names
from sandbox.worlds.model import World

T0 = datetime(2026, 11, 19, 13, 40, 12, 345678, tzinfo=UTC)


@pytest.fixture(scope="session")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> dict[str, World]:
    """Each world, built once for all tests: they only read."""
    return {name: build(name, T0, tmp_path_factory.mktemp(name)) for name in names()}
