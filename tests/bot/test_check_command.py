"""``backtrace check`` where GitLab can be reached: how its token stands, in sentences, and a code for scripts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pygit2
import pytest
import pytest_asyncio

from bot import check_command
from bot.settings import Settings, load
from sandbox.gitlab import BOT_TOKEN, Fault, GitLabOptions, Token, serve_gitlab
from sandbox.gitlab.oauth import Application
from sandbox.slack import Slack, serve_slack, team_of_world
from sandbox.stage import TOKEN_KEY
from sandbox.worlds.people import PEOPLE
from tests.bot.test_settings import ENV, GOOD
from tests.sandbox.gitlab.small_world import small_world

NOW = datetime.now(UTC)
TEAM = team_of_world(PEOPLE)
PLACES = "GitLab has all environments of the settings."
TIMELINE = "An incident's timeline can be written in acme/checkout."
FAR = (NOW + timedelta(days=200)).date()


@pytest_asyncio.fixture(autouse=True)
async def slack() -> AsyncIterator[Slack]:
    """The workspace that accepts the settings' token."""
    async with serve_slack(TEAM, lambda: NOW) as serving:
        ADDRESS["slack"] = serving.url
        yield serving


ADDRESS: dict[str, str] = {}


AS_BOT = 'act_as = "bot"'


def settings(  # noqa: PLR0913, PLR0917 - each is a place in the file
    folder: Path, url: str, more: str = "", incident_project: str = "", acts: str = AS_BOT, service: str = ""
) -> Settings:
    path = folder / "backtrace.toml"
    text = GOOD.replace("https://gitlab.acme.test/", url).replace("shop/web", "acme/checkout")
    text = text.replace("[[service]]", f"[[service]]\n{service}")
    if incident_project:
        text = text.replace("[[service]]", f'[[service]]\nincident_project = "{incident_project}"')
    path.write_text(text.replace("[slack]", f'{more}\n{acts}\n[slack]\napi_url = "{ADDRESS["slack"]}/api"'))
    tokens = {"BACKTRACE_GITLAB_TOKEN": BOT_TOKEN, "SLACK_BOT_TOKEN": TEAM.bot_token}
    return load(path, {**ENV, **tokens, "BACKTRACE_GITLAB_WEBHOOK_SECRET": "s", "BACKTRACE_TOKEN_KEYS": TOKEN_KEY})


@pytest.mark.parametrize(
    ("token", "level", "more", "code", "lines"),
    [
        (
            Token(None, expires_on=FAR),
            40,
            "",
            0,
            [f"accepts the token; scopes: api, expires: {FAR}.", PLACES, TIMELINE],
        ),
        (
            Token(None, ("read_api",), expires_on=FAR),
            20,
            'writes = "off"',
            0,
            [f"accepts the token; scopes: read_api, expires: {FAR}.", PLACES],
        ),
        (
            Token(None, expires_on=(NOW + timedelta(days=5)).date()),
            30,
            "",
            0,
            [
                "accepts the token",
                "Warning: GitLab's token expires on",
                "Warning: GitLab's token is below Maintainer in",
                PLACES,
                TIMELINE,
            ],
        ),
        (
            Token(None, tells_of_itself=False, expires_on=FAR),
            40,
            "",
            0,
            ["scopes: unknown, expires: ", PLACES, TIMELINE],
        ),
        (Token(None, expires_on=FAR), 10, "", 1, ["accepts", "Problem: GitLab's token may not read the deployments"]),
        (Token(None, active=False), 40, "", 1, ["Problem: GitLab does not accept BACKTRACE_GITLAB_TOKEN (401:"]),
    ],
)
async def test_check_says_how_the_token_stands(  # noqa: PLR0913, PLR0917 - a row of the table
    token: Token,
    level: int,
    more: str,
    code: int,
    lines: list[str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """First the settings, then GitLab and its version, then what is amiss; 1 when nothing can be answered so."""
    options = GitLabOptions(bot_level=level, tokens={BOT_TOKEN: token})
    async with serve_gitlab(small_world(tmp_path), lambda: NOW, options=options) as gitlab:
        chosen = settings(tmp_path, gitlab.url, more)
        ended = await check_command.check(chosen)
        written = {(one.request.method, one.request.path) for one in gitlab.recorded if one.request.method != "GET"}

    first, *rest, last = capsys.readouterr().out.splitlines()
    assert ended == code
    assert last == f"Slack accepts the bot token, of the workspace {TEAM.team_id}."
    assert first == "The settings are complete: 1 service, Slack by http."
    assert len(rest) == len(lines)
    assert all(words in line for words, line in zip(lines, rest, strict=True))
    assert written <= {("POST", "/api/graphql")}, "which asks what there is"
    assert not gitlab.state.effects


async def test_check_tells_gitlabs_version(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever asks for help is asked for it first."""
    options = GitLabOptions(tokens={BOT_TOKEN: Token(None, expires_on=FAR)})
    async with serve_gitlab(small_world(tmp_path), lambda: NOW, options=options) as gitlab:
        await check_command.check(settings(tmp_path, gitlab.url))

    assert f"GitLab 19.4.0-ee ({gitlab.url}) accepts the token" in capsys.readouterr().out


async def test_check_looks_at_the_project_for_incidents(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A path that GitLab does not show is told before somebody presses the button at night."""
    options = GitLabOptions(tokens={BOT_TOKEN: Token(None, expires_on=FAR)})
    async with serve_gitlab(small_world(tmp_path), lambda: NOW, options=options) as gitlab:
        chosen = settings(tmp_path, gitlab.url, incident_project="acme/incidents")
        ended = await check_command.check(chosen)

    assert ended == check_command.FINE
    assert "Warning: GitLab's token can't read acme/incidents, where incidents are opened" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ("", ["Note: BACKTRACE_GITLAB_WEBHOOK_SECRET is not set", "every 60 s instead"]),
        ("poll_s = 0", ["Warning: BACKTRACE_GITLAB_WEBHOOK_SECRET is not set", "are not heard of"]),
        ('incidents = "off"', []),
    ],
)
async def test_check_says_how_incidents_are_heard_of(
    more: str, says: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without the webhook's secret by asking only; where that is off as well, not at all."""
    chosen = settings(tmp_path, "http://127.0.0.1:9", more)
    await check_command.check(replace(chosen, secrets=replace(chosen.secrets, gitlab_webhook_secret="")))

    told = [line for line in capsys.readouterr().out.splitlines() if "WEBHOOK" in line]
    assert len(told) == bool(says)
    assert all(words in line for line in told for words in says)


async def test_check_looks_at_slacks_token(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One that Slack does not know is a problem, though GitLab's is good."""
    options = GitLabOptions(tokens={BOT_TOKEN: Token(None, expires_on=FAR)})
    async with serve_gitlab(small_world(tmp_path), lambda: NOW, options=options) as gitlab:
        chosen = settings(tmp_path, gitlab.url)
        other = replace(chosen, secrets=replace(chosen.secrets, slack_bot_token="xoxb-revoked"))

        assert await check_command.check(other) == check_command.PROBLEM

    assert "Problem: Slack does not accept SLACK_BOT_TOKEN: invalid_auth" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("acts", "code", "says"),
    [
        ("", 0, ["Warning: Nobody can change production", "gitlab.oauth_client_id", 'act_as = "bot"']),
        ('oauth_client_id = "known"', 0, ["by GitLab's device grant (17.9 or newer), as bot.public_url is not set"]),
        (
            'oauth_client_id = "known"\n[bot]\npublic_url = "https://backtrace.acme.test/"',
            0,
            ["GitLab sends them back to https://backtrace.acme.test/gitlab/linked."],
        ),
        ('oauth_client_id = "another"', 1, ["Problem: GitLab does not know the application another"]),
        (
            'oauth_client_id = "secretive"',
            1,
            ["Problem: GitLab does not know the application secretive, or its secret"],
        ),
    ],
)
async def test_check_says_with_whose_rights_production_is_changed(
    acts: str, code: int, says: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """And what an administrator has to set for it; GitLab is asked whether it knows the application. A Developer's
    token is enough for the bot then."""
    options = GitLabOptions(bot_level=30, tokens={BOT_TOKEN: Token(None, expires_on=FAR)})
    async with serve_gitlab(small_world(tmp_path), lambda: NOW, options=options) as gitlab:
        gitlab.state.oauth.register(Application("known"))
        gitlab.state.oauth.register(Application("secretive", secret="s3cret"))
        ended = await check_command.check(settings(tmp_path, gitlab.url, acts=acts))

    said = capsys.readouterr().out
    assert ended == code
    assert all(words in said for words in says)
    assert "below Maintainer" not in said


FINE_TOKEN = GitLabOptions(tokens={BOT_TOKEN: Token(None, expires_on=FAR)})
PIPELINE = 'rollback = "pipeline"\nrollback_inputs = { version = "{sha}" }\n'


async def checked(folder: Path, service: str, faults: tuple[Fault, ...] = ()) -> int:
    async with serve_gitlab(small_world(folder), lambda: NOW, options=FINE_TOKEN) as gitlab:
        gitlab.state.stopped.add("review/i18n-sl")
        for fault in faults:
            gitlab.faults.add(fault)
        return await check_command.check(settings(folder, gitlab.url, service=service))


@pytest.mark.parametrize(
    ("service", "code", "says"),
    [
        ('environments = ["production"]', 0, PLACES),
        ('environments = ["prod*"]', 0, PLACES),
        (
            'environments = ["production", "prd"]',
            1,
            'Problem: Service "web": acme/checkout has no environment "prd". GitLab has production, review/',
        ),
        (
            'environments = ["Production"]',
            1,
            'Problem: Service "web": acme/checkout has no environment "Production". GitLab has production',
        ),
        (
            'environments = ["eu/*"]',
            1,
            'Problem: Service "web": acme/checkout has no environment that fits "eu/*". GitLab has production',
        ),
        (
            'environments = ["review/i18n-sl"]',
            0,
            'Warning: Service "web": the environment review/i18n-sl of acme/checkout is stopped in GitLab',
        ),
        (
            'environments = ["production"]\nprojects = ["acme/gone"]',
            0,
            "may not read the deployments of acme/gone",
        ),
        (
            'environments = ["staging"]\nprojects = ["acme/gone"]',
            0,
            "may not read the deployments of acme/gone",
        ),
    ],
)
async def test_check_looks_for_the_environments(
    service: str, code: int, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """By the name that GitLab has, or by a glob; in any of the service's projects that can be read. A wrong one is told
    with those that there are."""
    ended = await checked(tmp_path, service)

    said = capsys.readouterr().out
    assert says in said
    assert ("has no environment" in said) is bool(code)
    assert ended == code


@pytest.mark.parametrize(
    ("ref", "code", "says"),
    [
        ("", 0, ""),
        ("main", 0, ""),
        ("BRANCH", 0, ""),
        (
            "rollback",
            1,
            'Problem: Service "web": acme/checkout has no branch or tag "rollback", on which its rollback\'s',
        ),
        ("HEADSHA", 1, "is a commit: a pipeline runs on a branch or a tag. Correct rollback_ref in the settings."),
    ],
)
async def test_check_looks_for_the_ref_of_the_rollbacks_pipeline(
    ref: str, code: int, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where a service goes back by a pipeline; without a ref it is the default branch. A branch may be called as the id
    of its commit begins."""
    world = small_world(tmp_path)
    head = world.deployments[-1].sha
    pygit2.Repository(str(tmp_path / "checkout.git")).references.create(f"refs/heads/{head[:4]}", head)
    named = {"HEADSHA": head, "BRANCH": head[:4]}.get(ref, ref)
    async with serve_gitlab(world, lambda: NOW, options=FINE_TOKEN) as gitlab:
        service = PIPELINE + (f'rollback_ref = "{named}"' if named else "")
        ended = await check_command.check(settings(tmp_path, gitlab.url, service=service))

    said = capsys.readouterr().out
    assert says in said
    assert ended == code
    assert ("Problem" in said) is bool(code)


@pytest.mark.parametrize("path", ["/projects/*/environments", "/projects/*/repository/commits/*"])
async def test_check_says_what_it_could_not_look_at(
    path: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A GitLab that does not answer now is no wrong setting."""
    fault = Fault("GET", path, "502", times=100)
    ended = await checked(tmp_path, f'{PIPELINE}rollback_ref = "main"', faults=(fault,))

    said = capsys.readouterr().out
    assert "acme/checkout could not be looked at: 502" in said
    assert "has no" not in said
    assert ended == 0


@pytest.mark.parametrize(
    ("acts", "is_wrong"), [(AS_BOT, True), ('act_as = "person"', False), (f'{AS_BOT}\nwrites = "off"', False)]
)
async def test_check_says_that_nobody_is_known(
    acts: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], *, is_wrong: bool
) -> None:
    """With the bot's rights the table of people alone tells who presses: an empty one lets nobody roll back."""
    async with serve_gitlab(small_world(tmp_path), lambda: NOW, options=FINE_TOKEN) as gitlab:
        chosen = replace(settings(tmp_path, gitlab.url, acts=acts), people={})
        ended = await check_command.check(chosen)

    says = 'Problem: with act_as = "bot" the table [people] says who presses, and it is empty: nobody can roll back. '
    assert (says in capsys.readouterr().out) is is_wrong
    assert ended == int(is_wrong)
