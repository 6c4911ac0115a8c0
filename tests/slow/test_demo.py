"""``python -m sandbox`` as a person runs it: every world, both modes, anybody's repository, and the ways to end it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from sandbox.worlds import names
from tests.sandbox.worlds.test_from_repository import ADA, BO, Author

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
VERDICT = re.compile(
    r"verdict: (named|shortlist|no_change|not_enough) culprit=((?:(?:flag:|[\w/-]*!)\w+,?)+|-) author=(\S+)"
    r" work_item=(#\d+|-) deployment=(\d+|-) target=(\d+|-) sha=([0-9a-f]{8}|-) state=([a-z_]+)"
)
TAGGED = {1: "v1.0", 4: "v1.1", 6: "v1.2"}


@contextmanager
def demo(folder: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """The demo in a process of its own, with a folder of its own for temporary files."""
    temporary = folder / "tmp"
    temporary.mkdir()
    command = [sys.executable, "-m", "sandbox", *arguments]
    env = {**os.environ, "TMPDIR": str(temporary), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def played(folder: Path, *arguments: str) -> tuple[int, list[str], str]:
    with demo(folder, *arguments, "--once") as process:
        out, errors = process.communicate(timeout=120)
    return process.returncode, out.splitlines(), errors


def commands() -> Iterator[tuple[int, str]]:
    """What runs on this machine: process id and command."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            yield int(path.parent.name), path.read_bytes().decode(errors="replace").replace("\0", " ")


def left_behind(folder: Path) -> list[str]:
    """Processes that still name the demo's folder in their command, and what lies in it."""
    running = [command for _, command in commands() if str(folder) in command]
    return running + [str(path) for path in (folder / "tmp").iterdir()]


def lines_until(process: subprocess.Popen[str], word: str) -> list[str]:
    assert process.stdout is not None
    lines: list[str] = []
    for line in process.stdout:
        lines.append(line.rstrip())
        if word in line:
            return lines
    pytest.fail(f"the demo ended without saying {word!r}: {lines}")


def bot_of(folder: Path) -> int:
    """The process id of the bot that works on the demo's folder."""
    return next(number for number, command in commands() if f"bot serve --config {folder}" in command)


@pytest.mark.parametrize("name", names())
def test_every_world_comes_true(name: str, tmp_path: Path) -> None:
    """Exit code 0, the verdict as the last line in its form, nothing on the error output, nothing left behind."""
    code, lines, errors = played(tmp_path, "--world", name)

    assert (code, errors) == (0, ""), lines[-30:]
    assert VERDICT.fullmatch(lines[-1]), lines[-1]
    assert left_behind(tmp_path) == []


def test_socket_mode_comes_true(tmp_path: Path) -> None:
    """The same story with no way in to the bot."""
    code, lines, errors = played(tmp_path, "--mode", "socket")

    assert (code, errors) == (0, ""), lines[-30:]
    assert any(line.endswith("Slack by socket") for line in lines)
    assert lines[-1].startswith("verdict: named culprit=!45 ")


def test_this_repository_can_be_asked(tmp_path: Path) -> None:
    """It prints the suspects of a symptom in its own history."""
    code, lines, errors = played(tmp_path, "--repo", str(ROOT), "--symptom", "inbox loses alerts")

    assert (code, errors) == (0, ""), lines[-30:]
    assert VERDICT.fullmatch(lines[-1]), lines[-1]
    assert any(line.startswith("• ") for line in lines)
    assert left_behind(tmp_path) == []


@pytest.mark.parametrize("tagged", [{}, TAGGED], ids=["every two", "at tags"])
def test_merges_squashes_and_tags_can_be_asked(tagged: dict[int, str], tmp_path: Path) -> None:
    """Any history: merge commits of either kind, squashes with a number, pushes; by numbers or by tags."""
    author = Author(tmp_path / "shop.git")
    shas = [
        author.push("Start"),
        author.merge("Merge branch 'fix-it' into 'trunk'\n\nFix it\n\nSee merge request a/b!7", BO, ADA),
        author.merge("Merge pull request #9 from bo/faster\n\nMake checkout faster", BO, ADA),
        author.push("Tidy up (#11)", ADA),
        author.push("Retry the checkout payment (!12)", BO),
        author.push("Straight to trunk", BO),
        author.merge("Merge by hand", BO, ADA),
    ]
    for place, name in tagged.items():
        author.tag(name, shas[place])
    repository = str(author.git.path)
    code, lines, errors = played(tmp_path, "--repo", repository, "--symptom", "checkout payment fails", "--every", "2")

    assert (code, errors) == (0, ""), lines[-30:]
    assert VERDICT.fullmatch(lines[-1]), lines[-1]
    assert any("!12 Retry the checkout payment" in line for line in lines)


def test_an_earlier_time_can_be_asked(tmp_path: Path) -> None:
    """With --at the history ends there: what came later is no suspect."""
    author = Author(tmp_path / "shop.git")
    author.push("Start")
    author.push("Retry the checkout payment (!12)", BO)
    author.push("Faster checkout (!13)", BO)
    arguments = ("--repo", str(author.git.path), "--symptom", "checkout fails", "--every", "1")
    code, lines, errors = played(tmp_path, *arguments, "--at", "2024-05-06T11:30")

    assert (code, errors) == (0, ""), lines[-30:]
    drawn = "\n".join(lines)
    assert "!12 Retry the checkout payment" in drawn
    assert "!13" not in drawn


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_it_stays_until_it_is_ended(number: signal.Signals, tmp_path: Path) -> None:
    """The printed address shows the page; the signal ends all three parties, and no process and no file stays."""
    with demo(tmp_path) as process:
        (address,) = re.findall(r"http://\S+/", lines_until(process, "in a browser")[-1])
        with urllib.request.urlopen(address, timeout=10) as answer:  # noqa: S310 - a loopback address
            page = answer.read().decode()
        assert bot_of(tmp_path)
        process.send_signal(number)
        out, errors = process.communicate(timeout=30)

    assert "<title>" in page
    assert (process.returncode, errors) == (0, ""), out
    assert left_behind(tmp_path) == []


def test_an_interrupted_play_is_no_success(tmp_path: Path) -> None:
    """Nobody may read the end of a cancelled job as a world that came true."""
    with demo(tmp_path, "--once") as process:
        lines_until(process, "Backtrace posts")
        process.send_signal(signal.SIGTERM)
        out, errors = process.communicate(timeout=30)

    assert (process.returncode, errors) == (130, ""), out
    assert left_behind(tmp_path) == []


def test_a_bot_that_dies_is_told_at_once(tmp_path: Path) -> None:
    """The play waits for nobody who is gone."""
    with demo(tmp_path, "--once") as process:
        lines_until(process, "Backtrace posts")
        os.kill(bot_of(tmp_path), signal.SIGKILL)
        out, _errors = process.communicate(timeout=30)

    assert process.returncode == 1
    assert "did not come true: the bot ended by itself, with exit code -9" in out
    assert left_behind(tmp_path) == []
