"""Attacks by way of GitLab and its webhook: each is refused in words, and the parties have nothing to count."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from bot.gitlab.errors import GitLabError
from bot.gitlab.paths import in_project
from bot.settings import SettingsError, load
from bot.slack.front import MOST_BYTES
from bot.web import MAX_HOOK_BYTES
from bot.wiring import running
from sandbox.gitlab.records import Issue
from sandbox.player import Player
from sandbox.stage import HOOK_SECRET, set_up
from tests.hostile.attacking import hooked, posted, quiet, refused, target
from tests.scenarios.gitlab_side import IN_ALERTS
from tests.scenarios.rows import count
from tests.scenarios.stage import QUICK, T0, Clock, Scene, told

RIGHT = {"X-Gitlab-Token": HOOK_SECRET, "Idempotency-Key": "k1", "Content-Type": "application/json"}
NOW = "2026-11-20T02:06:00Z"


def incident(project: str = "shop/web", **changes: Any) -> bytes:
    """A hook that tells of a new incident, as GitLab writes it."""
    told = {
        "id": 9900,
        "iid": 900,
        "title": "Login errors in web production",
        "description": "login error rate jumped 5x",
        "type": "Incident",
        "issue_type": "incident",
        "state": "opened",
        "action": "open",
        "author_id": 5,
        "confidential": False,
        "created_at": NOW,
        "updated_at": NOW,
        "url": "http://127.0.0.1/shop/web/-/issues/900",
        **changes,
    }
    where = {"id": 1, "path_with_namespace": project, "web_url": "http://127.0.0.1/shop/web"}
    body = {"object_kind": "issue", "event_type": "issue", "user": {"id": 5}, "project": where}
    return json.dumps({**body, "object_attributes": told}).encode()


async def raw(play: Scene, *lines: bytes, body: bytes = b"{}") -> str:
    """The answer's first line to a request that is written out by hand."""
    address = urlsplit(play.bot.url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    head = [b"POST /gitlab/webhook HTTP/1.1", b"Host: x", b"Content-Length: %d" % len(body), *lines]
    writer.write(b"\r\n".join([*head, b"", body]))
    answer = await asyncio.wait_for(reader.read(4096), 10)
    writer.close()
    return answer.decode(errors="replace")


def kept(play: Scene) -> int:
    """How many of GitLab's incidents the bot has on record."""
    return count(play.folder, "backtrace", "SELECT count(*) FROM gitlab_incidents")


async def test_a_replayed_hook(tmp_path: Path) -> None:
    """What the attacks below are made of is taken where it is not spoiled, and once: by its key, and by its number."""
    async with target(tmp_path, bot=IN_ALERTS) as play:
        state = play.stage.gitlab.state
        state.issues[900] = Issue(9900, 900, "Login errors", "", "kim", state.now(), state.now(), kind="incident")

        assert (await hooked(play, incident(), RIGHT)).startswith("200")
        await quiet(play)
        assert kept(play) == 1
        assert len(state.issues[900].notes) == 1
        for key in ("k1", "k1", "k2"):
            await refused(play, lambda key=key: hooked(play, incident(), {**RIGHT, "Idempotency-Key": key}), "200")
        assert kept(play) == 1


@pytest.mark.parametrize(
    "headers",
    [
        (b"X-Gitlab-Token: wrong", b"X-Gitlab-Token: " + HOOK_SECRET.encode()),
        (b"X-Gitlab-Token: " + HOOK_SECRET.encode(), b"X-Gitlab-Token: wrong"),
        (b"X-Gitlab-Token: wrong\r\n " + HOOK_SECRET.encode(),),
        (b"X-Gitlab-Token: " + HOOK_SECRET.encode() + b"\nX-Other: 1",),
        (b"X-Gitlab-Token: wrong\rX-Gitlab-Token: " + HOOK_SECRET.encode(),),
        (b"X-Gitlab-Event: Issue Hook\r\n\r\nPOST /gitlab/webhook HTTP/1.1\r\nX-Gitlab-Token: hook-secret",),
        (b"X_Gitlab_Token: " + HOOK_SECRET.encode(),),
    ],
)
async def test_header_injection(headers: tuple[bytes, ...], tmp_path: Path) -> None:
    """Two headers of one name, folded lines, line ends in a value, a request behind the request, another spelling."""
    async with target(tmp_path, bot=IN_ALERTS) as play:
        await refused(play, lambda: raw(play, *headers, b"Idempotency-Key: k2", body=incident()), " 40")
        assert kept(play) == 0


@pytest.mark.parametrize("key", [b"k" * 7000, b"a b", b"\xff\xfe", "ключ".encode(), b"", b"k1\r\nIdempotency-Key: k2"])
async def test_a_delivery_key_that_is_none(key: bytes, tmp_path: Path) -> None:
    """Too long, of other letters, two of them: GitLab sends a UUID, and the store keeps nothing else."""
    async with target(tmp_path, bot=IN_ALERTS) as play:
        attack = partial(raw, play, b"X-Gitlab-Token: " + HOOK_SECRET.encode(), b"Idempotency-Key: " + key)
        await refused(play, lambda: attack(body=incident()), "HTTP/1.1 400", "no Idempotency-Key")
        assert kept(play) == 0


@pytest.mark.parametrize("token", [None, "", HOOK_SECRET])
async def test_a_webhook_without_a_secret(token: str | None, tmp_path: Path) -> None:
    """Where none is set nobody can know it: everything is refused, also what is signed with nothing."""
    clock = Clock(T0)
    async with set_up(told("login"), clock, QUICK) as stage:
        environment = {**stage.environment(), "BACKTRACE_GITLAB_WEBHOOK_SECRET": ""}
        settings = load(stage.write_settings(tmp_path, IN_ALERTS), environment)
        async with running(settings, clock) as bot:
            play = Scene(stage, bot, Player(stage), tmp_path, clock)
            headers = {name: value for name, value in RIGHT.items() if name != "X-Gitlab-Token"}
            given = headers if token is None else {**headers, "X-Gitlab-Token": token}

            await refused(play, lambda: hooked(play, incident(), given), "401", "unsigned")
            assert kept(play) == 0


async def endless(size: int) -> AsyncIterator[bytes]:
    """A body that says nothing of its length."""
    for _ in range(size // 65_536 + 2):
        yield b" " * 65_536


@pytest.mark.parametrize(("token", "says"), [(HOOK_SECRET, "413"), ("wrong", "401")])
async def test_an_oversized_hook(token: str, says: str, tmp_path: Path) -> None:
    """More than GitLab sends is not read to its end; of whoever lacks the secret nothing is read at all."""
    async with target(tmp_path, bot=IN_ALERTS) as play:
        headers = {**RIGHT, "X-Gitlab-Token": token}

        await refused(play, lambda: hooked(play, endless(MAX_HOOK_BYTES), headers), says)


async def test_an_oversized_request_of_slacks(tmp_path: Path) -> None:
    """By its own word, or by going on and on: refused before anything is checked."""
    async with target(tmp_path) as play:
        for body in (io.BytesIO(b"x" * (MOST_BYTES + 1)), endless(MOST_BYTES)):
            await refused(
                play, lambda body=body: posted(str(play.stage.slack.request_url), body, {}), "413", "too long"
            )


# --- paths ----------------------------------------------------------------------------------------------------------

PATHS = (
    "../../admin",
    "shop/../web",
    "shop/..",
    "./web",
    "shop%2Fweb/x",
    "shop/web\n",
    "shop/we\x00b",
    "shop/w#b",
    "/shop/web",
)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("setting", ["project", "projects", "incident_project", "library"])
def test_path_tricks_in_the_settings(setting: str, path: str, tmp_path: Path) -> None:
    """A project's name is a name: what would lead elsewhere is told when the bot starts."""
    quoted = json.dumps(path)
    lines = {
        "project": f"project = {quoted}",
        "projects": f'project = "shop/web"\nprojects = [{quoted}]',
        "incident_project": f'project = "shop/web"\nincident_project = {quoted}',
        "library": f'project = "shop/web"\n[[library]]\npackage = "x"\nproject = {quoted}',
    }
    config = tmp_path / "backtrace.toml"
    head = '[gitlab]\nurl = "https://gitlab.example"\n[slack]\nchannels = ["C0ALERTS01"]\n[[service]]\nname = "web"\n'
    config.write_text(f"{head}{lines[setting]}\n", encoding="utf-8")

    with pytest.raises(SettingsError, match="is not a project's full path"):
        load(config, {})


@pytest.mark.parametrize(
    "path", ["../../admin", "shop/../web", "shop%2Fweb", "shop/web\n", "shop/web/", "shop/web\x00", "."]
)
async def test_path_tricks_in_hooks(path: str, tmp_path: Path) -> None:
    """A hook of a project that is none of the services' is taken, and left alone."""
    async with target(tmp_path, bot=IN_ALERTS) as play:
        await refused(play, lambda: hooked(play, incident(path), RIGHT), "200")
        assert kept(play) == 0


@pytest.mark.parametrize("name", ["../../admin", "shop/../web", "shop%2F..%2Fweb", "..", "shop/web\n/../.."])
async def test_path_tricks_in_alerts_and_questions(name: str, tmp_path: Path) -> None:
    """Whatever an alert, a link in it, or a question calls its project and its environment: GitLab is asked for those
    of the settings alone."""
    async with target(tmp_path) as play:
        text = f"project: {name}\nservice: {name}\nenvironment: {name}\n{play.stage.gitlab.url}/{name}/-/issues/1"
        await play.stage.slack.post_webhook(play.stage.alerts, {"text": f"FIRING: web errors\n{text}"})
        tomas = play.stage.slack_id("tomas")
        for words in (f"{name} login errors", f"web {name} login errors"):
            await play.stage.slack.command(tomas, play.stage.alerts, words)
        await quiet(play)

        asked = {exchange.request.path for exchange in play.stage.gitlab.recorded}
        projects = {path.split("/")[4] for path in asked if path.startswith("/api/v4/projects/")}
        assert projects <= {"shop%2Fweb", "1", str(play.world.project.id)}
        assert [path for path in asked if "admin" in path or ".." in unquote(path)] == []


@pytest.mark.parametrize("part", ["", ".", ".."])
def test_no_part_of_an_address_leads_elsewhere(part: str) -> None:
    """An environment may be called "..", and every client would walk that, encoded or not."""
    with pytest.raises(GitLabError, match="there is no address"):
        in_project("shop/web", "protected_environments", part)
