"""The token's own facts, from an embedded GitLab: what is told of each kind, and what stays unknown."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from backtrace_core.token_standing import ProjectRole, TokenFacts
from bot import token_watch
from bot.gitlab.client import GitLabClient, GitLabError
from bot.gitlab.token import facts_of, read_token, read_version
from bot.health import Health
from bot.token_watch import TokenWatch
from sandbox.gitlab import BOT_TOKEN, Fault, GitLab, GitLabOptions, Token, serve_gitlab
from sandbox.player import eventually
from tests.bot.gitlab.fake import FakeGitLab, Reply, client_of
from tests.sandbox.gitlab.asking import Clock
from tests.sandbox.gitlab.small_world import T0, small_world

PROJECT = "acme/checkout"
PROJECTS = (PROJECT,)
_LEVELS = {"warning": logging.WARNING, "problem": logging.ERROR}
SELF = "/personal_access_tokens/self"


@dataclass
class Asked:
    gitlab: GitLab
    client: GitLabClient
    clock: Clock

    def watch(self, *, writes: bool = True) -> TokenWatch:
        return TokenWatch(self.client, PROJECTS, self.clock, writes=writes)

    def paths(self) -> list[str]:
        return [exchange.request.path.removeprefix("/api/v4") for exchange in self.gitlab.recorded]


@asynccontextmanager
async def asked(folder: Path, token: Token | None = None, level: int = 40) -> AsyncIterator[Asked]:
    tokens: Mapping[str, Token] = {BOT_TOKEN: token or Token(None)}
    clock = Clock(T0)
    options = GitLabOptions(bot_level=level, tokens=tokens)
    async with (
        serve_gitlab(small_world(folder), clock, options=options) as gitlab,
        client_of(gitlab.url, token=BOT_TOKEN) as client,
    ):
        yield Asked(gitlab, client, clock)


def in_days(days: int) -> date:
    return (T0 + timedelta(days=days)).date()


async def test_a_fine_token(tmp_path: Path) -> None:
    """Scopes, expiry and role are read by three questions, and nothing is amiss."""
    async with asked(tmp_path) as to:
        facts = await read_token(to.client, PROJECTS)
        watch = to.watch()
        await watch.look()

        role = ProjectRole(PROJECT, 40, readable=True)
        assert facts == TokenFacts(scopes=frozenset({"api"}), expires_on=in_days(90), roles=(role,))
        assert (watch.standing().ok, watch.standing().findings) == (True, ())
        assert len(to.paths()) == 6
        assert await read_version(to.client) == "19.4.0-ee"


@pytest.mark.parametrize(
    ("token", "level", "severity", "words"),
    [
        (Token(None, expires_on=in_days(5)), 40, "warning", "expires on 2026-11-26, in 4 days"),
        (
            Token(None, expires_on=in_days(0)),
            40,
            "problem",
            "does not accept BACKTRACE_GITLAB_TOKEN (401: invalid_token",
        ),
        (Token(None, active=False), 40, "problem", "does not accept BACKTRACE_GITLAB_TOKEN (401: invalid_token"),
        (Token(None, ("read_api",)), 40, "warning", "scope read_api only: the buttons are links"),
        (Token(None), 20, "warning", "below Developer in acme/checkout"),
        (Token(None), 30, "warning", "below Maintainer in acme/checkout"),
        (Token(None), 10, "problem", "may not read the deployments of acme/checkout"),
        (Token(None), 0, "problem", "may not read the deployments of acme/checkout"),
        (Token(None, tells_of_itself=False), 30, "warning", "below Maintainer in acme/checkout"),
    ],
)
async def test_what_is_amiss_is_told_by_log_and_health(  # noqa: PLR0913, PLR0917
    token: Token,
    level: int,
    severity: str,
    words: str,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """In one sentence; only a token of no use makes the bot unwell."""
    async with asked(tmp_path, token, level) as to:
        watch = to.watch()
        await watch.look()
        report = await Health("http", None, to.clock, watch.standing).report()

    (said,) = report["gitlab"][f"{severity}s"]
    assert words in said
    assert len(report["gitlab"]["problems"]) + len(report["gitlab"]["warnings"]) == 1
    assert report["ok"] is (severity == "warning")
    (line,) = caplog.records
    assert (line.getMessage(), line.levelno) == (said, _LEVELS[severity])


@pytest.mark.parametrize("status", ["404", "403"])
async def test_a_token_that_tells_nothing_of_itself_is_unknown(status: str, tmp_path: Path) -> None:
    """No entry of its own, or none that it may see: no alarm, and the buttons act."""
    token = Token(None, tells_of_itself=status == "403")
    async with asked(tmp_path, token) as to:
        if status == "403":
            to.gitlab.faults.add(Fault("GET", SELF, "403"))
        watch = to.watch()
        facts = await watch.look()

        assert facts is not None
        assert (facts.scopes, facts.expires_on) == (None, None)
        assert (watch.standing().findings, watch.may_write) == ((), True)


async def test_where_reading_is_all_that_is_wanted_a_reporter_is_enough(tmp_path: Path) -> None:
    """With ``writes = "off"`` neither the scope nor the role is too little."""
    async with asked(tmp_path, Token(None, ("read_api",)), 20) as to:
        watch = to.watch(writes=False)
        await watch.look()

        assert watch.standing().findings == ()


async def test_a_public_project_is_read_without_a_role(tmp_path: Path) -> None:
    """Everybody may: nothing is amiss until writing is wanted."""
    async with asked(tmp_path, level=0) as to:
        to.gitlab.state.project = replace(to.gitlab.state.project, visibility="public")
        facts = await read_token(to.client, PROJECTS)

        assert facts.roles == (ProjectRole(PROJECT, 0, readable=True),)


@pytest.mark.parametrize(("is_admin", "roles"), [(True, ()), (None, (ProjectRole("shop/web", 0, readable=False),))])
async def test_an_administrator_needs_no_role(
    fake: FakeGitLab, client: GitLabClient, is_admin: object, roles: tuple[ProjectRole, ...]
) -> None:
    """Who may do everything is a member nowhere, and that is no lack."""
    fake.on("GET", SELF, {"scopes": ["api"]})
    fake.on("GET", "/user", {"id": 1, "is_admin": is_admin})
    for path in ("/projects/shop%2Fweb/members/all/1", "/projects/shop%2Fweb"):
        fake.on("GET", path, Reply({"message": "404 Not found"}, 404))

    assert (await read_token(client, ("shop/web",))).roles == roles


@pytest.mark.parametrize(
    ("member", "words"),
    [
        (Reply({"message": "404 Not found"}, 404), "can't read shop/incidents, where incidents are opened"),
        ({"access_level": 15}, "below Reporter in shop/incidents, where incidents are opened"),
        ({"access_level": 20}, "below Developer in shop/incidents, where incidents are opened"),
        ({"access_level": 30}, ""),
        (Reply({"message": "odd"}, 500), ""),
    ],
)
async def test_the_role_where_incidents_are_opened_is_looked_at(
    fake: FakeGitLab, client: GitLabClient, member: object, words: str
) -> None:
    """The services' projects are as they were; what can't be found out is no alarm."""
    fake.on("GET", SELF, {"scopes": ["api"]})
    fake.on("GET", "/user", {"id": 1})
    fake.on("GET", "/projects/shop%2Fweb/members/all/1", {"access_level": 40})
    fake.on("GET", "/projects/shop%2Fincidents/members/all/1", member)
    fake.on("GET", "/projects/shop%2Fincidents", Reply({"message": "404 Not found"}, 404))
    watch = TokenWatch(client, ("shop/web",), Clock(T0), writes=True, incident_projects=("shop/incidents",))
    await watch.look()
    standing = watch.standing()

    assert standing.ok
    assert [words in finding.says for finding in standing.findings] == ([True] if words else [])


@pytest.mark.parametrize("path", ["/user", f"/projects/{PROJECT.replace('/', '%2F')}/members/*"])
async def test_a_role_that_cannot_be_found_out_is_unknown(path: str, tmp_path: Path) -> None:
    """A server's error there takes nothing else along, and is no alarm."""
    async with asked(tmp_path) as to:
        to.gitlab.faults.add(Fault("GET", path, "500", times=3))
        facts = await read_token(to.client, PROJECTS)

        assert (facts.scopes, facts.roles) == (frozenset({"api"}), ())


@pytest.mark.parametrize("kind", ["429", "502", "reset", "malformed"])
async def test_a_gitlab_that_cannot_be_asked_is_no_illness_of_the_bot(kind: str, tmp_path: Path) -> None:
    """Health says that it was not reached and gives what was known before; the end of the token counts all the same."""
    async with asked(tmp_path, Token(None, expires_on=in_days(15))) as to:
        watch = to.watch()
        await watch.look()
        to.gitlab.faults.add(Fault("*", "*", kind, times=1_000, seconds=60))  # type: ignore[arg-type]
        with pytest.raises(GitLabError):
            await read_token(to.client, PROJECTS)
        assert await watch.look() is None
        health = Health("http", None, to.clock, watch.standing)
        report = await health.report()

        assert (report["ok"], report["gitlab"]["reached"]) == (True, False)
        assert report["gitlab"]["token_expires_on"] == in_days(15).isoformat()
        assert report["gitlab"]["looked_at"] == T0.isoformat()
        to.clock.now += timedelta(days=16)
        assert (await health.report())["ok"] is False


async def test_health_asks_gitlab_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However often it is called; GitLab is asked beside it, now and then, and what it says next is told next."""
    monkeypatch.setattr(token_watch, "LOOKS_EVERY_S", 0.05)
    async with asked(tmp_path) as to:
        watch = to.watch()
        await watch.look()
        health = Health("http", None, to.clock, watch.standing)
        before = len(to.paths())
        for _ in range(100):
            assert (await health.report())["ok"] is True
        assert len(to.paths()) == before

        looking = asyncio.create_task(watch.keep_looking())
        to.gitlab.state.tokens[BOT_TOKEN] = Token(None, active=False)

        async def unwell() -> dict[str, Any] | None:
            report = await health.report()
            return None if report["ok"] else report

        report = await eventually("a token that was revoked", unwell, 5)
        looking.cancel()

        assert report["gitlab"]["token_expires_on"] == in_days(90).isoformat()
        assert "does not accept" in report["gitlab"]["problems"][0]


async def test_what_was_logged_is_not_logged_at_each_look(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Once a day at most, when the days that are left are fewer."""
    async with asked(tmp_path, Token(None, expires_on=in_days(5))) as to:
        watch = to.watch()
        for _ in range(3):
            await watch.look()
        assert len(caplog.records) == 1
        to.clock.now += timedelta(days=1)
        await watch.look()

        assert len(caplog.records) == 2


@pytest.mark.parametrize(
    ("row", "facts"),
    [
        ({}, TokenFacts()),
        ({"scopes": None, "expires_at": None}, TokenFacts()),
        ({"scopes": "api", "expires_at": "soon"}, TokenFacts()),
        ({"scopes": [], "expires_at": 7, "revoked": None}, TokenFacts(scopes=frozenset())),
        (
            {"expires_at": "2027-01-02T00:00:00.000Z", "revoked": True},
            TokenFacts(expires_on=date(2027, 1, 2), revoked=True),
        ),
    ],
)
def test_an_entry_of_an_odd_form_is_unknown(row: dict[str, object], facts: TokenFacts) -> None:
    """Never an error."""
    assert facts_of(row) == facts
