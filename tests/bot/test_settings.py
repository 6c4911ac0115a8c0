"""The settings file and the environment: what is wrong is said at once, and in words."""

from pathlib import Path

import pytest

from bot.settings import Secrets, Settings, SettingsError, config_path, load

GOOD = """
[gitlab]
url = "https://gitlab.acme.test/"

[slack]
mode = "http"
channels = ["C0ALERTS01"]

[[service]]
name = "web"
project = "shop/web"
aliases = ["login"]

[people]
U0MARA0001 = "mara"
"""
ENV = {"BACKTRACE_GITLAB_TOKEN": "glpat-x", "SLACK_BOT_TOKEN": "xoxb-x", "SLACK_SIGNING_SECRET": "s"}
EXAMPLE = Path(__file__).parents[2] / "backtrace.example.toml"


def settings(folder: Path, text: str = GOOD, **env: str) -> Settings:
    path = folder / "backtrace.toml"
    path.write_text(text)
    return load(path, {**ENV, **env})


def problems(folder: Path, text: str = GOOD, **env: str) -> str:
    with pytest.raises(SettingsError) as caught:
        settings(folder, text, **env)
    return "\n".join(caught.value.problems)


def test_a_small_file_is_enough(tmp_path: Path) -> None:
    """Five keys and three secrets make a bot; the rest has defaults."""
    ready = settings(tmp_path)

    assert ready.gitlab.url == "https://gitlab.acme.test"
    assert ready.catalog.services[0].environments == ("production",)
    assert ready.slack_ids == {"mara": "U0MARA0001"}


def test_the_example_file_is_complete() -> None:
    """The example, with secrets, starts a bot as it stands: a new user mends values, not structure."""
    ready = load(EXAMPLE, {**ENV, "SLACK_APP_TOKEN": "xapp-x"})

    assert ready.catalog.services[0].name == "web"


def test_everything_wrong_is_reported_at_once(tmp_path: Path) -> None:
    """A misspelt key, a wrong id, a missing table and two missing secrets come in one report."""
    text = '[gitlab]\nurl = "gitlab.acme.test"\nwrite = "on"\n[slack]\nmode = "http"\nchannels = ["#alerts"]\n'
    said = problems(tmp_path, text, SLACK_BOT_TOKEN="", BACKTRACE_GITLAB_TOKEN="")

    assert "gitlab.url: must begin with https://" in said
    assert "gitlab.write is not a setting" in said
    assert '"#alerts" is not a channel id' in said
    assert "service is missing" in said
    assert "BACKTRACE_GITLAB_TOKEN is not set" in said
    assert "SLACK_BOT_TOKEN is not set" in said


def test_each_mode_needs_its_own_secret(tmp_path: Path) -> None:
    """HTTP asks for the signing secret, Socket Mode for the app-level token, neither for the other's."""
    socket = GOOD.replace('"http"', '"socket"')

    assert "SLACK_SIGNING_SECRET" in problems(tmp_path, SLACK_SIGNING_SECRET="")
    assert "SLACK_APP_TOKEN" in problems(tmp_path, socket)
    assert settings(tmp_path, socket, SLACK_APP_TOKEN="xapp-x", SLACK_SIGNING_SECRET="").slack.mode == "socket"


def test_names_that_clash_are_refused(tmp_path: Path) -> None:
    """Two services of one name, an unknown dependency and one GitLab user for two people can't be told apart later."""
    text = (
        GOOD + 'U0TWIN0001 = "mara"\n' + '[[service]]\nname = "Login"\nproject = "shop/login"\ndepends_on = ["nope"]\n'
    )
    said = problems(tmp_path, text)

    assert 'the name "login" already stands for "web"' in said
    assert 'depends_on names "nope"' in said
    assert '"mara" is the GitLab username of two Slack members' in said


def test_a_platform_that_wipes_its_disk_is_refused(tmp_path: Path) -> None:
    """With DYNO set alerts would be lost at each restart, so the bot does not start; nor does it ignore a database."""
    assert "DYNO is set" in problems(tmp_path, DYNO="web.1")
    assert "DATABASE_URL is set" in problems(tmp_path, DATABASE_URL="postgres://x")


def test_a_missing_file_says_what_to_do(tmp_path: Path) -> None:
    """Nobody has to read the source to learn where the file comes from."""
    with pytest.raises(SettingsError) as caught:
        load(tmp_path / "nowhere.toml", ENV)

    assert "Copy backtrace.example.toml" in str(caught.value)


def test_a_port_from_the_platform_wins(tmp_path: Path) -> None:
    """A Procfile's platform says by PORT where it connects."""
    assert settings(tmp_path, PORT="5005").bot.port == 5005


def test_secrets_are_never_printed() -> None:
    """A settings object in a log line gives no token away."""
    assert "glpat-x" not in repr(Secrets("glpat-x", "xoxb-x"))


def test_the_option_wins_over_the_environment() -> None:
    """--config, then BACKTRACE_CONFIG, then the file in this folder."""
    assert config_path({"BACKTRACE_CONFIG": "b.toml"}, "a.toml") == Path("a.toml")
    assert config_path({"BACKTRACE_CONFIG": "b.toml"}, None) == Path("b.toml")
    assert config_path({}, None) == Path("backtrace.toml")


def test_a_service_may_have_projects_globs_and_addresses(tmp_path: Path) -> None:
    """Further projects, environments and aliases as globs, and addresses reach the catalog."""
    more = 'projects = ["shop/worker"]\nenvironments = ["production/*"]\nurls = ["https://shop.test/"]\n'
    ready = settings(tmp_path, GOOD.replace('aliases = ["login"]', f'aliases = ["web-*"]\n{more}')).catalog

    assert ready.services[0].all_projects == ("shop/web", "shop/worker")
    assert ready.services[0].urls == ("https://shop.test",)
    assert ready.find("web-7f9") == ready.services[0]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('projects = ["worker"]', '"worker" is not a project\'s full path'),
        ('projects = ["shop/*"]', '"shop/*" is not a project\'s full path'),
        ('projects = ["shop/Web"]', 'the project "shop/web" is named twice'),
        ('environments = ["*"]', '"*" would match anything'),
        ('environments = ["prod[uction"]', "is neither a name nor a glob"),
        ('urls = ["shop.test"]', "must begin with https://"),
        ('depends_on = ["web"]', "depends_on names the service itself"),
    ],
)
def test_what_can_not_be_meant_is_refused(tmp_path: Path, line: str, said: str) -> None:
    """A service that matches everything, or is counted twice, would answer for another one."""
    assert said in problems(tmp_path, GOOD.replace('aliases = ["login"]', line))


def test_the_waits_after_a_rollback_are_by_sender(tmp_path: Path) -> None:
    """In minutes; a sender that nobody reads is a typing error."""
    ready = settings(tmp_path, f"{GOOD}\n[bot]\nproof_after_minutes = 20\n[bot.proof_after]\nuptimerobot = 5\n")

    assert (ready.bot.proof_after_minutes, dict(ready.bot.proof_after)) == (20, {"uptimerobot": 5})
    said = problems(tmp_path, f"{GOOD}\n[bot.proof_after]\nuptimerobbot = 5\n")
    assert '"uptimerobbot" is no sender that Backtrace knows. Those are: alertmanager,' in said


def test_libraries_are_read(tmp_path: Path):
    """A package, its project, and how its releases are tagged, which need not be said."""
    tables = '\n[[library]]\npackage = "a"\nproject = "b/a"\n'
    tables += '\n[[library]]\npackage = "c"\nproject = "b/c"\ntag = "r{version}"\n'
    libraries = settings(tmp_path, GOOD.replace("\n[people]", f"{tables}\n[people]")).catalog.libraries
    assert [one.tags("1") for one in libraries] == [("v1", "1"), ("r1",)]


@pytest.mark.parametrize(("key", "value"), [("tag", "newest"), ("project", "a"), ("packages", "x")])
def test_a_library_that_can_not_be_used_is_said(tmp_path: Path, key: str, value: str):
    """A tag without a version, no full path, a key that there is not: each is named."""
    lines = {"package": "a", "project": "b/a"} | {key: value}
    table = "".join(f'{name} = "{said}"\n' for name, said in lines.items())
    said = problems(tmp_path, GOOD.replace("\n[people]", f"\n[[library]]\n{table}\n[people]"))
    assert f"library no. 1, {key}" in said


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"SLACK_BOT_TOKEN": "glpat-x"}, "SLACK_BOT_TOKEN is of another kind: it has to begin with xoxb-"),
        ({"SLACK_APP_TOKEN": "xoxb-x"}, "SLACK_APP_TOKEN is of another kind: it has to begin with xapp-"),
        ({"BACKTRACE_GITLAB_TOKEN": "xoxb-x"}, "BACKTRACE_GITLAB_TOKEN is a token of Slack's"),
        ({"BACKTRACE_GITLAB_WEBHOOK_SECRET": "whsec_!!"}, "begins as a signing token does, and is none"),
    ],
)
def test_secrets_in_each_others_place_are_told(wrong: dict[str, str], says: str, tmp_path: Path) -> None:
    """By how they begin, and without printing them."""
    said = problems(tmp_path, GOOD, **wrong)

    assert says in said
    assert next(iter(wrong.values())) not in said


KEY = "c2FuZGJveC1rZXktb2YtdGhpcnR5LXR3by1ieXRlcy4="
LINKING = GOOD.replace("[slack]", 'oauth_client_id = "app"\n[slack]', 1)


def test_keys_come_one_or_several(tmp_path: Path) -> None:
    """By commas or blanks; the first is the one that seals. People act where nobody says otherwise."""
    ready = settings(tmp_path, LINKING, BACKTRACE_TOKEN_KEYS=f"{KEY}, {KEY}", BACKTRACE_GITLAB_OAUTH_SECRET="s3")

    assert ready.gitlab.act_as == "person"
    assert ready.secrets.token_keys == (KEY, KEY)
    assert ready.secrets.gitlab_oauth_secret == "s3"
    assert KEY not in repr(ready)


def test_linking_without_keys_is_refused(tmp_path: Path) -> None:
    """Nobody's token is stored in clear; a key that is none is said by its number, not by itself."""
    assert "BACKTRACE_TOKEN_KEYS is not set" in problems(tmp_path, LINKING)
    said = problems(tmp_path, LINKING, BACKTRACE_TOKEN_KEYS=f"{KEY},my-secret-key")
    assert "key 2 in BACKTRACE_TOKEN_KEYS is none. `backtrace key` prints a new one" in said
    assert "my-secret-key" not in said


def test_a_secret_without_its_application_is_told(tmp_path: Path) -> None:
    """Both belong together."""
    assert "gitlab.oauth_client_id is not" in problems(tmp_path, BACKTRACE_GITLAB_OAUTH_SECRET="s3")


@pytest.mark.parametrize(
    ("url", "ready"),
    [
        ("https://backtrace.acme.test/", True),
        ("http://localhost:3000", True),
        ("http://127.0.0.1:3000", True),
        ("http://backtrace.acme.test", False),
        ("backtrace.acme.test", False),
        ("https://ana:pw@backtrace.acme.test", False),
        ("https://backtrace.acme.test/?x=1", False),
        ("https://", False),
    ],
)
def test_browsers_are_sent_over_tls_only(url: str, ready: bool, tmp_path: Path) -> None:  # noqa: FBT001 - a row
    """Codes and cookies cross no network in clear; a loopback address is no network."""
    text = f'{GOOD}[bot]\npublic_url = "{url}"\n'
    if ready:
        assert settings(tmp_path, text).bot.public_url == url.rstrip("/")
    else:
        assert "bot.public_url" in problems(tmp_path, text)
