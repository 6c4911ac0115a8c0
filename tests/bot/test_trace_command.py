"""``backtrace trace``, as a person or a program at a terminal uses it."""

import asyncio
import json
import os
import sys
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from backtrace_core.model import WINDOW
from backtrace_core.question import UNKNOWN_ONSET
from sandbox.gitlab import READ_TOKEN, Fault, GitLab, serve_gitlab
from sandbox.worlds import build

ROOT = Path(__file__).parents[2]
T0 = datetime(2026, 11, 19, 13, 40, tzinfo=UTC)
KEPT = ("PATH", "HOME", "LANG")
TRACE = '  File "/srv/web/auth/session.py", line 42, in is_expired\nTypeError: can\'t subtract offset-naive datetimes'
USUAL = ("--service", "web", "--environment", "production", "--at", T0.isoformat())

KEYS = {
    "": [
        "advice", "at", "environment", "form", "gaps", "legs", "looked_at", "outcome", "probability_none", "project",
        "rollback", "service", "since", "suspects",
    ],
    "suspects": [
        "approvers", "author", "came_from", "co_authors", "deployment", "evidence", "from_fork", "key", "kind",
        "merged_by", "person_to_ask", "probability", "reverts", "score", "service", "title", "url", "via",
        "why_asked", "work_items",
    ],
    "evidence": ["counts", "family", "odds", "rule", "says", "url", "weight"],
    "work_items": ["closes", "iid", "project", "title", "url"],
    "deployment": ["environment", "finished_at", "id", "project", "sha", "status", "url"],
    "target": ["environment", "finished_at", "id", "project", "sha", "status", "url"],
    "replaces": ["environment", "finished_at", "id", "project", "sha", "status", "url"],
    "rollback": ["cautions", "replaces", "target", "undoes", "why_none"],
    "undoes": ["key", "title", "url"],
    "legs": ["environment", "job", "label", "project", "replaces", "target", "why_none"],
    "looked_at": ["changes", "deployments", "ruled_out_later"],
    "gaps": ["source", "what", "why"],
}  # fmt: skip
"""What docs/trace-json.md promises, by the key under which an object stands."""


@dataclass(frozen=True)
class Ended:
    code: int
    out: str
    err: str


async def trace(folder: Path, *arguments: str, token: str = READ_TOKEN) -> Ended:
    env = {name: os.environ[name] for name in KEPT if name in os.environ} | {"PYTHONPATH": str(ROOT)}
    env |= {"BACKTRACE_GITLAB_TOKEN": token} if token else {}
    pipe = asyncio.subprocess.PIPE
    command = (sys.executable, "-m", "bot", "trace", *arguments)
    process = await asyncio.create_subprocess_exec(*command, cwd=folder, env=env, stdout=pipe, stderr=pipe)
    out, err = await process.communicate()
    return Ended(process.returncode or 0, out.decode(), err.decode())


def settings(folder: Path, url: str) -> None:
    """Nothing but what tracing needs; of Slack not a word."""
    (folder / "backtrace.toml").write_text(
        f'[gitlab]\nurl = "{url}"\n\n[[service]]\nname = "web"\nproject = "shop/web"\naliases = ["shop"]\n'
    )


@pytest.fixture
async def gitlab(tmp_path: Path):
    async with serve_gitlab(build("login", T0, tmp_path / "world"), lambda: T0) as running:
        settings(tmp_path, running.url)
        yield running


def keys_in(found: Any, under: str = "") -> dict[str, list[str]]:
    """The sorted keys of all objects, by the key under which they stand."""
    if isinstance(found, list):
        return {key: names for entry in found for key, names in keys_in(entry, under).items()}
    if not isinstance(found, dict):
        return {}
    below = {key: names for name, value in found.items() for key, names in keys_in(value, name).items()}
    return {under: sorted(found), **below}


async def test_a_culprit_is_named(gitlab: GitLab, tmp_path: Path):
    """Exit 0; the verdict on standard output, the progress on standard error, nothing written to GitLab."""
    ended = await trace(tmp_path, *USUAL, "--symptom", TRACE)

    assert ended.code == 0
    assert ended.out.startswith("Likely culprit (web, production)\n  shop/web!45 Tighten session expiry (vani)")
    assert "Rollback target: deployment" in ended.out
    assert ended.err == "Reading shop/web, production …\n"
    assert not gitlab.state.effects


async def test_the_json_is_stable(gitlab: GitLab, tmp_path: Path):
    """Each key that the documentation names, in each object, and no other."""
    ended = await trace(tmp_path, *USUAL, "--symptom", TRACE, "--json")
    found = json.loads(ended.out)

    assert ended.code == 0
    assert (found["form"], found["outcome"], found["suspects"][0]["key"]) == (1, "named", "shop/web!45")
    assert found["at"] == T0.isoformat()
    assert {**keys_in(found), "gaps": KEYS["gaps"]} == KEYS
    documented = (ROOT / "docs" / "trace-json.md").read_text(encoding="utf-8")
    assert all(f"`{key}`" in documented for names in KEYS.values() for key in names)


async def test_what_could_not_be_read_is_in_the_json(gitlab: GitLab, tmp_path: Path):
    """A gap has its three keys."""

    gitlab.faults.add(Fault("GET", "/projects/*/environments", "403"))
    found = json.loads((await trace(tmp_path, *USUAL, "--symptom", TRACE, "--json")).out)

    assert [sorted(gap) for gap in found["gaps"]] == [KEYS["gaps"]]


async def test_nothing_named_is_three(gitlab: GitLab, tmp_path: Path):
    """A symptom that says nothing of any change."""
    ended = await trace(tmp_path, *USUAL, "--symptom", "it is odd")

    assert ended.code == 3
    assert ended.out.startswith(("Not enough evidence", "No change explains this"))
    assert f"{T0 - UNKNOWN_ONSET - WINDOW:%d %b %Y %H:%M} to {T0:%d %b %Y %H:%M} UTC." in ended.out


async def test_a_gitlab_that_does_not_answer_is_one(tmp_path: Path):
    """In one sentence, without a traceback."""
    settings(tmp_path, "http://127.0.0.1:9")
    ended = await trace(tmp_path, *USUAL, "--symptom", TRACE)

    assert (ended.code, ended.out) == (1, "")
    assert "GitLab could not be read: the connection broke" in ended.err
    assert "Traceback" not in ended.err


async def test_a_token_that_gitlab_refuses_is_one(gitlab: GitLab, tmp_path: Path):
    """What GitLab said is passed on."""
    ended = await trace(tmp_path, *USUAL, "--symptom", TRACE, token="glpat-nobody")

    assert ended.code == 1
    assert "401" in ended.err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--service", "pay", "--environment", "production"), "no service 'pay' in the settings; there are: web."),
        (("--service", "shop", "--environment", "staging"), "web has no environment 'staging'; it has: production."),
        (("--service", "web", "--environment", "production", "--at", "noon"), "'noon' is no ISO time"),
        (("--service", "web", "--environment", "production", "--at", "2130-01-01T00:00+00:00"), "has not come yet"),
    ],
)
async def test_what_is_asked_wrongly_is_two(tmp_path: Path, arguments: tuple[str, ...], says: str):
    """Nothing is asked of GitLab."""
    settings(tmp_path, "http://127.0.0.1:9")
    ended = await trace(tmp_path, *arguments, "--symptom", "x")

    assert (ended.code, ended.out) == (2, "")
    assert says in ended.err


async def test_missing_settings_are_two(tmp_path: Path):
    """All that is missing at once; nothing of Slack, which is not needed."""
    (tmp_path / "backtrace.toml").write_text('[gitlab]\nurl = "gitlab.example.com"\n')
    ended = await trace(tmp_path, *USUAL, "--symptom", "x", token="")

    assert ended.code == 2
    assert [line.split()[1:3] for line in ended.err.strip().splitlines()[1:]] == [
        ["backtrace.toml:", "gitlab.url:"],
        ["backtrace.toml:", "service"],
        ["environment:", "BACKTRACE_GITLAB_TOKEN"],
    ]


async def test_no_text_of_others_moves_the_cursor(gitlab: GitLab, tmp_path: Path):
    """A title may hold escape sequences; a terminal must not obey them."""

    change = gitlab.state.merge_requests[45]
    gitlab.state.merge_requests[45] = replace(change, title="Tighten\x1b[2J\x1b]0;owned\x07 sessions")
    ended = await trace(tmp_path, *USUAL, "--symptom", TRACE)

    assert "Tighten" in ended.out
    assert not {"\x1b", "\x07"} & set(ended.out)
