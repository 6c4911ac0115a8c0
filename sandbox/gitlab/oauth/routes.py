"""The pages and endpoints below ``/oauth/``: what a browser sees, and what an application posts.

Nobody signs in here: whoever reaches the loopback port says on the page who they are.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

from sandbox.gitlab.answers import Answer, RefusalError, UnplannedError, unauthorized
from sandbox.gitlab.exchange import Request
from sandbox.gitlab.oauth.grants import Asked, OAuth, Pair, refuse

if TYPE_CHECKING:
    from sandbox.gitlab.state import GitLabState

ROOT = "/oauth/"
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
_CARRIED = ("client_id", "redirect_uri", "response_type", "state", "scope", "code_challenge", "code_challenge_method")
_STYLE = "body{font:16px/1.5 sans-serif;max-width:36rem;margin:3rem auto}button{padding:.4rem 1rem;margin-right:.6rem}"
_HEADERS = {"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store"}

Fields = Mapping[str, str]


def respond(state: GitLabState, request: Request) -> Answer:
    """Answer one request below ``/oauth/``.

    :raises UnplannedError: where GitLab has such a page and this one does not.
    """
    page = _PAGES.get((request.method, request.path))
    if page is None:
        raise UnplannedError(f"no page {request.path}")
    try:
        return page(state, _fields(request))
    except RefusalError as refusal:
        return refusal.answer


def _fields(request: Request) -> dict[str, str]:
    if request.method == "GET":
        return {**dict(parse_qsl(request.query, keep_blank_values=True)), "bearer": request.token or ""}
    if "json" in request.headers.get("content-type", ""):
        body = json.loads(request.body or b"{}")
        return {name: str(value) for name, value in body.items()}
    return dict(parse_qsl(request.body.decode(), keep_blank_values=True))


def _asked(oauth: OAuth, fields: Fields) -> Asked:
    application = oauth.application(fields.get("client_id", ""))
    redirect_uri = fields.get("redirect_uri", "")
    if redirect_uri not in application.redirect_uris:
        refuse("invalid_redirect_uri", "The redirect URI included is not valid.")
    if fields.get("response_type") != "code":
        refuse("unsupported_response_type")
    challenge = fields.get("code_challenge", "")
    if challenge and fields.get("code_challenge_method") != "S256":
        refuse("invalid_request", "Invalid code challenge method. Accepted methods: S256.")
    if not challenge and not application.secret:
        refuse("invalid_request", "Code challenge is required.")
    return Asked(application.client_id, _scopes(oauth, fields), redirect_uri, challenge)


def _scopes(oauth: OAuth, fields: Fields) -> tuple[str, ...]:
    scopes = tuple(fields.get("scope", "").split()) or oauth.application(fields["client_id"]).scopes
    if not set(scopes) <= set(oauth.application(fields["client_id"]).scopes):
        refuse("invalid_scope", "The requested scope is invalid, unknown, or malformed.")
    return scopes


def _authorize_page(state: GitLabState, fields: Fields) -> Answer:
    _asked(state.oauth, fields)
    hidden = "".join(_hidden(name, fields[name]) for name in _CARRIED if name in fields)
    words = "Backtrace asks for access to your account: scope <code>api</code>."
    return _page("Authorize Backtrace", f"<p>{words}</p>{_form(state, '/oauth/authorize', hidden)}")


def _authorized(state: GitLabState, fields: Fields) -> Answer:
    asked = _asked(state.oauth, fields)
    back = {"state": fields.get("state", "")}
    if fields.get("decision") == "deny":
        back |= {"error": "access_denied", "error_description": "The resource owner denied the request."}
    else:
        back |= {"code": state.oauth.code_for(asked, _person(state, fields))}
    return Answer(b"", 302, {"Location": f"{asked.redirect_uri}?{urlencode(back)}"})


def _person(state: GitLabState, fields: Fields) -> str:
    user = state.users.get(fields.get("username", ""))
    if user is None or user.bot:
        unauthorized()
    return user.username


def _token(state: GitLabState, fields: Fields) -> Answer:
    oauth = state.oauth
    client_id = fields.get("client_id", "")
    oauth.application(client_id, fields.get("client_secret", ""))
    match fields.get("grant_type"):
        case "authorization_code":
            where = (fields.get("code", ""), fields.get("redirect_uri", ""), fields.get("code_verifier", ""))
            pair = oauth.exchange(client_id, *where)
        case "refresh_token":
            pair = oauth.refresh(client_id, fields.get("refresh_token", ""))
        case grant if grant == DEVICE_GRANT:
            pair = oauth.poll_device(client_id, fields.get("device_code", ""))
        case _:
            refuse("unsupported_grant_type")
    return Answer(_told(oauth, pair), 200, {"Cache-Control": "no-store"})


def _told(oauth: OAuth, pair: Pair) -> dict[str, Any]:
    return {
        "access_token": pair.access,
        "token_type": "Bearer",
        "expires_in": int(oauth.lives.total_seconds()),
        "refresh_token": pair.refresh,
        "scope": " ".join(pair.asked.scopes),
        "created_at": int(pair.created_at.timestamp()),
    }


def _begin_device(state: GitLabState, fields: Fields) -> Answer:
    oauth = state.oauth
    application = oauth.application(fields.get("client_id", ""))
    device_code, grant = oauth.begin_device(Asked(application.client_id, _scopes(oauth, fields)))
    page = f"{state.url}/oauth/device"
    told = {
        "device_code": device_code,
        "user_code": grant.user_code,
        "verification_uri": page,
        "verification_uri_complete": f"{page}?user_code={grant.user_code}",
        "expires_in": int((grant.expires_at - oauth.now()).total_seconds()),
        "interval": oauth.interval,
    }
    return Answer(told)


def _device_page(state: GitLabState, fields: Fields) -> Answer:
    user_code = fields.get("user_code", "")
    field = f'<p><label>Code <input name="user_code" value="{escape(user_code)}"></label></p>'
    return _page("Connect a device", _form(state, "/oauth/device", field))


def _device_decided(state: GitLabState, fields: Fields) -> Answer:
    grant = state.oauth.device_of(fields.get("user_code", ""))
    if grant is None:
        return _page("Connect a device", "<p>The code is invalid or has expired.</p>", 422)
    if fields.get("decision") == "deny":
        grant.denied = True
        return _page("Connect a device", "<p>Access was denied.</p>")
    grant.username = _person(state, fields)
    return _page("Connect a device", "<p>The device may use your account now. You can close this page.</p>")


def _revoke(state: GitLabState, fields: Fields) -> Answer:
    oauth = state.oauth
    oauth.application(fields.get("client_id", ""), fields.get("client_secret", ""))
    oauth.revoke(fields.get("token", ""))
    return Answer({})


def _info(state: GitLabState, fields: Fields) -> Answer:
    oauth, access = state.oauth, fields["bearer"]
    pair = oauth.pair_of(access)
    if pair is None or not state.accepts(oauth.tokens[access]):
        unauthorized()
    left = pair.created_at + oauth.lives - oauth.now()
    told = {
        "resource_owner_id": state.users[pair.username].id,
        "scope": list(pair.asked.scopes),
        "expires_in": int(left.total_seconds()),
        "application": {"uid": pair.asked.client_id},
        "created_at": int(pair.created_at.timestamp()),
    }
    return Answer(told)


def _form(state: GitLabState, action: str, inner: str) -> str:
    people = "".join(f"<option>{escape(user.username)}</option>" for user in state.users.values() if not user.bot)
    choose = f'<p><label>Signed in as <select name="username">{people}</select></label></p>'
    buttons = "".join(
        f'<button name="decision" value="{value}">{words}</button>'
        for value, words in (("authorize", "Authorize"), ("deny", "Deny"))
    )
    return f'<form method="post" action="{action}">{inner}{choose}{buttons}</form>'


def _hidden(name: str, value: str) -> str:
    return f'<input type="hidden" name="{name}" value="{escape(value)}">'


def _page(title: str, body: str, status: int = 200) -> Answer:
    html = f"<!doctype html><meta charset=utf-8><title>{title}</title><style>{_STYLE}</style><h1>{title}</h1>{body}"
    return Answer(html.encode(), status, _HEADERS)


_PAGES: dict[tuple[str, str], Callable[[GitLabState, Fields], Answer]] = {
    ("GET", "/oauth/authorize"): _authorize_page,
    ("POST", "/oauth/authorize"): _authorized,
    ("POST", "/oauth/token"): _token,
    ("POST", "/oauth/authorize_device"): _begin_device,
    ("GET", "/oauth/device"): _device_page,
    ("POST", "/oauth/device"): _device_decided,
    ("POST", "/oauth/revoke"): _revoke,
    ("GET", "/oauth/token/info"): _info,
}
