"""The chaos bench in small; ``python -m bench.chaos`` is the whole of it. And it finds what is broken on purpose."""

import re
import subprocess
import sys

import pytest

from bench.chaos.truth import LOST, SECOND_CARD, SECOND_ROLLBACK, UNRECORDED
from tests.slow.broken import BREAKS

pytestmark = pytest.mark.slow

ALERT_TWICE = 57
"""A seed by which Slack brings the alert of the first run twice, and no fault is in the way."""

CAUGHT = {
    "sends_again": (SECOND_ROLLBACK, "--runs 2 --stories rollback gitops --names retry pipeline"),
    "records_afterwards": (UNRECORDED, "--runs 1 --stories rollback --names retry"),
    "acknowledges_first": (LOST, "--runs 1 --stories forward --names events_api"),
    "posts_without_looking": (SECOND_CARD, "--runs 1 --stories rollback --names chat.postMessage"),
    "takes_each_delivery_for_new": (SECOND_CARD, f"--runs 1 --stories rollback --names retry --seed {ALERT_TWICE}"),
}
"""What the bench says of each broken bot, and where it is killed: one run does there, where chance takes hundreds."""


def chaos(options: str) -> tuple[int, str, str]:
    """The exit code, the last line, and all that was said."""
    command = (sys.executable, "-m", "bench.chaos", *options.split())
    done = subprocess.run(command, capture_output=True, text=True, timeout=880, check=False)
    return done.returncode, done.stdout.splitlines()[-1], done.stdout + done.stderr


@pytest.mark.timeout(900)
def test_a_dozen_troubled_rollbacks_end_well() -> None:
    """Kills, faults and disorder: no alert lost, no second card, no rollback twice or without its record."""
    code, last, said = chaos("--runs 12 --seed 3")

    assert code == 0, said
    assert re.match(r"\d+ runs, ", last)
    assert "0 lost, 0 second card, 0 double rollback, 0 unrecorded, 0 second paper, 0 not ended well" in last


def test_each_broken_bot_is_played() -> None:
    """But for the one with a fault of our own, which says so on the card."""
    assert {*CAUGHT} == {*BREAKS} - {"", "fails"}


@pytest.mark.timeout(300)
@pytest.mark.parametrize("breaks", CAUGHT)
def test_a_broken_bot_is_caught(breaks: str) -> None:
    """The bench ends with 1, and its last line counts what the bot did."""
    kind, where = CAUGHT[breaks]
    code, last, said = chaos(f"--patience 12 --breaks {breaks} {where}")

    assert code == 1, said
    counted = re.search(rf"(\d+) {kind}", last)
    assert counted is not None, said
    assert int(counted[1]) > 0, said
