"""GitLab's OAuth as a client meets it: what is asked, and what each trouble is called."""

import logging
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from bot.gitlab.client import GitLabRefused, GitLabUnavailable, OutcomeUnknown
from bot.gitlab.oauth import Application, GitLabOAuth, OAuthRefused
from sandbox.gitlab import Fault, GitLab, serve_gitlab
from sandbox.gitlab.oauth import Application as Registered
from sandbox.gitlab.oauth.grants import Asked
from tests.sandbox.gitlab.small_world import small_world

NOW = datetime(2026, 11, 20, 2, 6, tzinfo=UTC)
BACK = "https://backtrace.acme.test/gitlab/linked"
VERIFIER, CHALLENGE = "ks02i3jdikdo2k0dkfodf3m39rjfjsdk0wk349rj3jrhf", "2i0WFA-0AerkjQm4X4oDEhqA17QIAKNjXpagHBXmO_U"
"""From GitLab's own page on PKCE (docs.gitlab.com/api/oauth2)."""


@pytest.fixture
async def gitlab(tmp_path: Path) -> AsyncIterator[GitLab]:
    async with serve_gitlab(small_world(tmp_path), lambda: NOW) as serving:
        serving.state.oauth.register(Registered("public", (BACK,)))
        serving.state.oauth.register(Registered("secretive", (BACK,), "s3cret-s3cret"))
        yield serving


def client(gitlab: GitLab, client_id: str = "public", secret: str = "") -> GitLabOAuth:
    return GitLabOAuth(Application(gitlab.url, client_id, secret, timeout_s=2), lambda: NOW)


def code(gitlab: GitLab, client_id: str = "public") -> str:
    asked = Asked(client_id, ("api",), BACK, CHALLENGE)
    return gitlab.state.oauth.code_for(asked, next(iter(gitlab.state.users)))


def test_the_address_has_the_challenge_and_not_the_verifier() -> None:
    """As GitLab's own example makes it."""
    oauth = GitLabOAuth(Application("https://gitlab.acme.test", "public"), lambda: NOW)
    url = oauth.authorize_url(BACK, "the-state", VERIFIER)

    asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    assert url.startswith("https://gitlab.acme.test/oauth/authorize?")
    assert asked == {
        "response_type": "code",
        "client_id": "public",
        "redirect_uri": BACK,
        "scope": "api",
        "state": "the-state",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }


@pytest.mark.parametrize(("client_id", "secret"), [("public", ""), ("secretive", "s3cret-s3cret")])
async def test_a_code_becomes_tokens_once(gitlab: GitLab, client_id: str, secret: str) -> None:
    """Two hours of them, with a refresh; of a public application and of a confidential one."""
    oauth, given = client(gitlab, client_id, secret), code(gitlab, client_id)
    tokens = await oauth.exchange(given, BACK, VERIFIER)

    assert tokens.expires_at == NOW + timedelta(hours=2)
    assert tokens.scopes == {"api"}
    assert tokens.access not in repr(tokens)
    with pytest.raises(OAuthRefused, match="invalid grant"):
        await oauth.exchange(given, BACK, VERIFIER)


@pytest.mark.parametrize(
    ("client_id", "secret", "verifier", "error"),
    [
        ("public", "", "x" * 43, "invalid_grant"),
        ("secretive", "another-one", VERIFIER, "invalid_client"),
        ("nobody", "", VERIFIER, "invalid_client"),
    ],
)
async def test_what_does_not_fit_is_refused(
    gitlab: GitLab, client_id: str, secret: str, verifier: str, error: str
) -> None:
    """A verifier that is not the challenge's, a secret that is not the application's, an application that is none."""
    with pytest.raises(OAuthRefused) as caught:
        await client(gitlab, client_id, secret).exchange(code(gitlab), BACK, verifier)

    assert caught.value.error == error


async def test_a_refresh_ends_the_old_pair(gitlab: GitLab) -> None:
    """The old refresh token is refused afterwards, and revoking ends the new pair."""
    oauth = client(gitlab)
    first = await oauth.exchange(code(gitlab), BACK, VERIFIER)
    second = await oauth.refresh(first.refresh)
    with pytest.raises(OAuthRefused):
        await oauth.refresh(first.refresh)

    await oauth.revoke(second.refresh)
    await oauth.revoke(second.refresh)

    assert gitlab.state.oauth.pairs == {}
    assert not any(gitlab.state.tokens[one.access].active for one in (first, second))


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("502", OutcomeUnknown),
        ("reset", OutcomeUnknown),
        ("took_effect_then_reset", OutcomeUnknown),
        ("malformed", OutcomeUnknown),
        ("429", GitLabRefused),
        ("404", GitLabRefused),
    ],
)
async def test_each_trouble_has_its_name(
    gitlab: GitLab, kind: str, error: type[Exception], caplog: pytest.LogCaptureFixture
) -> None:
    """A lost answer may have taken effect; and whatever is said has no token in it."""
    caplog.set_level(logging.DEBUG)
    oauth = client(gitlab)
    tokens = await oauth.exchange(code(gitlab), BACK, VERIFIER)
    gitlab.faults.add(Fault("POST", "/oauth/token", kind))
    with pytest.raises(error) as caught:
        await oauth.refresh(tokens.refresh)

    assert tokens.refresh not in str(caught.value) + repr(caught.value.__context__) + caplog.text


async def test_a_gitlab_that_is_not_there_was_not_asked() -> None:
    """So nothing can have happened."""
    oauth = GitLabOAuth(Application("http://127.0.0.1:9", "public"), lambda: NOW)
    with pytest.raises(GitLabUnavailable, match="not reached"):
        await oauth.refresh("x")


async def test_a_device_is_let_in_by_a_person(gitlab: GitLab) -> None:
    """Pending, then tokens; the address that the person opens has the code in it."""
    oauth = client(gitlab)
    device = await oauth.begin_device()
    assert device.page.endswith(f"/oauth/device?user_code={device.user_code}")
    assert (device.interval_s, device.lives_s) == (5, 300)
    assert device.secret not in repr(device)
    with pytest.raises(OAuthRefused) as caught:
        await oauth.poll_device(device.secret)
    assert caught.value.error == "authorization_pending"
    with pytest.raises(OAuthRefused) as caught:
        await oauth.poll_device(device.secret)
    assert caught.value.error == "slow_down"

    grant = gitlab.state.oauth.device_of(device.user_code)
    assert grant is not None
    grant.username, grant.polled_at = next(iter(gitlab.state.users)), None

    assert (await oauth.poll_device(device.secret)).scopes == {"api"}


async def test_an_old_gitlab_has_no_device_grant(gitlab: GitLab) -> None:
    """404, which is told apart from a refusal."""
    gitlab.faults.add(Fault("POST", "/oauth/authorize_device", "404"))
    with pytest.raises(GitLabRefused) as caught:
        await client(gitlab).begin_device()

    assert caught.value.status == 404
