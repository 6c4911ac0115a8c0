"""What every test is held to."""

from collections.abc import Iterator

import pytest

from tests.leaks import Ear, leaks, overheard


@pytest.fixture(autouse=True)
def ear(request: pytest.FixtureRequest) -> Iterator[Ear]:
    """No secret in a log line, nor in a file that a bot has written: looked for at each test's end."""
    folder = request.getfixturevalue("tmp_path") if "tmp_path" in request.fixturenames else None
    with overheard() as heard:
        yield heard
    assert leaks(heard, folder) == []
