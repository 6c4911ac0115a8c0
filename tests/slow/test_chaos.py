"""The chaos bench in small; ``python -m bench.chaos`` is the whole of it."""

import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow


@pytest.mark.timeout(900)
def test_a_dozen_troubled_rollbacks_end_well() -> None:
    """Kills, faults and disorder: no alert lost, no second card, no rollback twice or without its record."""
    command = (sys.executable, "-m", "bench.chaos", "--runs", "12", "--seed", "3", "--jobs", "2")
    done = subprocess.run(command, capture_output=True, text=True, timeout=880, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
    last = done.stdout.splitlines()[-1]
    assert last.startswith("12 runs, ")
    assert "0 lost, 0 second card, 0 double rollback, 0 unrecorded, 0 second paper, 0 not ended well" in last
