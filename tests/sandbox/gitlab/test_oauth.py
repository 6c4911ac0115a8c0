"""The embedded GitLab's OAuth refuses as GitLab does, and its tokens act with the rights of whoever gave them."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from sandbox.gitlab.oauth import Application
from sandbox.gitlab.oauth.grants import Asked
from tests.sandbox.gitlab.asking import PROJECT, Clock, Gitlab

BACK = "https://backtrace.example.com/gitlab/linked"
VERIFIER, CHALLENGE = "ks02i3jdikdo2k0dkfodf3m39rjfjsdk0wk349rj3jrhf", "2i0WFA-0AerkjQm4X4oDEhqA17QIAKNjXpagHBXmO_U"
ASKS = {
    "client_id": "app",
    "redirect_uri": BACK,
    "response_type": "code",
    "state": "st",
    "scope": "api",
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
}


@pytest.fixture
def oauth(gitlab: Gitlab) -> Gitlab:
    gitlab.state.oauth.register(Application("app", (BACK,)))
    return gitlab


async def ask(gitlab: Gitlab, method: str, page: str, **fields: str) -> tuple[int, Any, dict[str, str]]:
    """As a browser or an application asks: a query or a form, no token, redirects not followed."""
    url = f"{gitlab.server.url}/oauth/{page}"
    sent: dict[str, Any] = {"params": fields} if method == "GET" else {"data": fields}
    async with gitlab.session.request(method, url, allow_redirects=False, **sent) as answer:
        is_json = "json" in answer.headers["Content-Type"]
        return answer.status, await answer.json() if is_json else await answer.text(), dict(answer.headers)


async def tokens(gitlab: Gitlab, username: str) -> dict[str, Any]:
    code = gitlab.state.oauth.code_for(Asked("app", ("api",), BACK, CHALLENGE), username)
    more = {"code": code, "redirect_uri": BACK, "code_verifier": VERIFIER}
    status, body, _ = await ask(gitlab, "POST", "token", client_id="app", grant_type="authorization_code", **more)
    assert status == 200
    return dict(body)


def somebody(gitlab: Gitlab, level: int) -> str:
    return next(name for name, has in gitlab.state.levels.items() if has == level and "bot" not in name)


async def test_who_authorizes_is_sent_back_with_a_code(oauth: Gitlab) -> None:
    """To the registered address, with the state; who says no, with an error."""
    status, page, _ = await ask(oauth, "GET", "authorize", **ASKS)
    assert status == 200
    assert "Authorize" in page

    who = somebody(oauth, 30)
    for decision, name in (("authorize", "code"), ("deny", "error")):
        status, _, headers = await ask(oauth, "POST", "authorize", **ASKS, username=who, decision=decision)
        back = parse_qs(urlsplit(headers["Location"]).query)
        assert status == 302
        assert headers["Location"].startswith(f"{BACK}?")
        assert back["state"] == ["st"]
        assert name in back


@pytest.mark.parametrize(
    ("field", "value", "status", "error"),
    [
        ("client_id", "another", 401, "invalid_client"),
        ("redirect_uri", "https://evil.example.com/", 400, "invalid_redirect_uri"),
        ("response_type", "token", 400, "unsupported_response_type"),
        ("scope", "sudo", 400, "invalid_scope"),
        ("code_challenge", "", 400, "invalid_request"),
        ("code_challenge_method", "plain", 400, "invalid_request"),
    ],
)
async def test_a_wrong_request_is_shown_no_form(oauth: Gitlab, field: str, value: str, status: int, error: str) -> None:
    """And nobody is sent anywhere."""
    answer = await ask(oauth, "GET", "authorize", **{**ASKS, field: value})

    assert (answer[0], answer[1]["error"]) == (status, error)


async def test_a_token_has_its_owners_rights_for_two_hours(oauth: Gitlab, clock: Clock) -> None:
    """Not the application's, and not the bot's."""
    who = somebody(oauth, 30)
    access = (await tokens(oauth, who))["access_token"]

    assert (await oauth.get("/user", token=access)).body["username"] == who
    oauth.state.levels[who] = 10
    assert (await oauth.get(f"{PROJECT}/deployments", token=access)).status == 403
    clock.on(7200)
    expired = await oauth.get("/user", token=access)
    assert (expired.status, expired.body["error"]) == (401, "invalid_token")


async def test_a_refresh_ends_the_old_access_token(oauth: Gitlab) -> None:
    """At once, and the page about a token knows only the new one."""
    first = await tokens(oauth, somebody(oauth, 30))
    more = {"client_id": "app", "grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    _, second, _ = await ask(oauth, "POST", "token", **more)

    assert (await oauth.get("/user", token=first["access_token"])).status == 401
    assert (await oauth.get("/user", token=second["access_token"])).status == 200
    for access, status in ((first["access_token"], 401), (second["access_token"], 200)):
        headers = {"Authorization": f"Bearer {access}"}
        async with oauth.session.get(f"{oauth.server.url}/oauth/token/info", headers=headers) as answer:
            assert answer.status == status


async def test_nothing_secret_is_recorded(oauth: Gitlab) -> None:
    """What tests and the demo may print of an exchange has no token and no code in it."""
    pair = await tokens(oauth, somebody(oauth, 30))

    recorded = repr([(one.request, one.request.body, one.answer) for one in oauth.server.recorded])
    assert "/oauth/token" in recorded
    assert pair["access_token"] not in recorded
    assert VERIFIER not in recorded
