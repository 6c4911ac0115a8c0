"""The command line, as a person types it: what is wrong is said at once, in words, and ends with 2."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from bot.linking.errors import NOT_SET_UP
from bot.slack.manifest import manifest
from tests.bot.test_settings import ENV, GOOD

ROOT = Path(__file__).parents[2]
KEPT = ("PATH", "HOME", "LANG")


def backtrace(*arguments: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    env = {name: os.environ[name] for name in KEPT if name in os.environ} | {"PYTHONPATH": str(ROOT)} | environment
    command = [sys.executable, "-m", "bot", *arguments]
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=50, check=False)


def test_the_manifest_comes_in_the_form_that_is_asked_for(tmp_path: Path) -> None:
    """HTTP with the bot's own address, or Socket Mode without any; YAML, or JSON."""
    http = backtrace("manifest", "--url", "https://bot.acme.test", folder=tmp_path)
    socket = backtrace("manifest", "--socket", "--json", folder=tmp_path)

    assert (http.returncode, http.stderr) == (0, "")
    assert yaml.safe_load(http.stdout) == manifest(socket=False, url="https://bot.acme.test")
    assert (socket.returncode, socket.stderr) == (0, "")
    assert json.loads(socket.stdout) == manifest(socket=True, url=None)


def test_the_manifest_alone_is_the_file_at_the_root(tmp_path: Path) -> None:
    """Letter by letter, so that either can be pasted."""
    assert backtrace("manifest", folder=tmp_path).stdout == (ROOT / "manifest.yml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--socket", "--url", "https://bot.acme.test"), "--url belongs to the HTTP form"),
        (("--url", "bot.acme.test"), "--url must begin with https://"),
        (("--url", "http://bot.acme.test"), "--url must begin with https://"),
        (("--sockets",), "unrecognized arguments: --sockets"),
    ],
)
def test_a_manifest_that_cant_be(arguments: tuple[str, ...], says: str, tmp_path: Path) -> None:
    """Nothing is printed that somebody could paste."""
    ended = backtrace("manifest", *arguments, folder=tmp_path)

    assert (ended.returncode, ended.stdout) == (2, "")
    assert says in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("command", ["check", "serve"])
def test_all_problems_are_listed_at_once(command: str, tmp_path: Path) -> None:
    """Of the file and of the environment, one line each."""
    (tmp_path / "backtrace.toml").write_text(GOOD.replace("C0ALERTS01", "#alerts").replace('url = "', 'urk = "'))
    ended = backtrace(command, folder=tmp_path, SLACK_BOT_TOKEN="xoxb-x")
    first, *problems = ended.stderr.strip().splitlines()

    assert (ended.returncode, ended.stdout) == (2, "")
    assert first == "Backtrace can't start. Please mend:"
    assert [line.split()[1:3] for line in problems] == [
        ["backtrace.toml:", "gitlab.url"],
        ["backtrace.toml:", "gitlab.urk"],
        ["backtrace.toml:", "slack.channels,"],
        ["environment:", "BACKTRACE_GITLAB_TOKEN"],
        ["environment:", "SLACK_SIGNING_SECRET"],
    ]


@pytest.mark.parametrize("command", ["check", "serve"])
def test_without_settings_it_says_where_to_begin(command: str, tmp_path: Path) -> None:
    """The first thing a new user sees."""
    ended = backtrace(command, folder=tmp_path, **ENV)

    assert ended.returncode == 2
    assert "backtrace.toml: no such file. Copy backtrace.example.toml" in ended.stderr


def test_a_good_file_is_confirmed(tmp_path: Path) -> None:
    """Wherever it lies, by option or by environment; nothing is started, nothing is written.

    That GitLab and Slack can't be reached from here is said, and is no fault of the settings; a script must not take it
    for a success.
    """
    path = tmp_path / "mine.toml"
    text = GOOD.replace("https://gitlab.acme.test/", "http://127.0.0.1:9")
    path.write_text(text.replace('mode = "http"', 'mode = "http"\napi_url = "http://127.0.0.1:9/api"'))
    by_option = backtrace("check", "--config", str(path), folder=tmp_path, **ENV)
    by_name = backtrace("check", folder=tmp_path, BACKTRACE_CONFIG=str(path), **ENV)

    assert (by_option.returncode, by_name.returncode) == (1, 1)
    assert by_option.stdout == by_name.stdout
    assert by_option.stdout.splitlines() == [
        "The settings are complete: 1 service, Slack by http.",
        (
            "Note: BACKTRACE_GITLAB_WEBHOOK_SECRET is not set, so every delivery of GitLab's webhook is refused;"
            " its incidents are asked for every 60 s instead."
        ),
        f"Warning: {NOT_SET_UP}",
        "GitLab (http://127.0.0.1:9) could not be reached, so its token was not checked: the connection broke",
        (
            "Slack (http://127.0.0.1:9/api) could not be reached, so its token was not checked:"
            " no answer (ClientConnectorError)"
        ),
    ]
    assert list(tmp_path.iterdir()) == [path]


def test_a_slack_that_can_not_be_reached_ends_the_start(tmp_path: Path) -> None:
    """In one sentence that names the token, without a traceback."""
    path = tmp_path / "backtrace.toml"
    path.write_text(GOOD.replace('mode = "http"', 'mode = "http"\napi_url = "http://127.0.0.1:9/api"'))
    ended = backtrace("serve", folder=tmp_path, **ENV)

    assert ended.returncode == 2
    assert "Backtrace can't start: Slack does not accept SLACK_BOT_TOKEN, or can't be reached" in ended.stderr
    assert "Traceback" not in ended.stderr
