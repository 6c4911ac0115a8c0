"""From a request to an answer, without a network: sign in, route, check scope and role, call the route function."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn
from urllib.parse import parse_qsl

from sandbox.gitlab import deploying, graphql, pipelines
from sandbox.gitlab.answers import (
    Answer,
    RefusalError,
    UnplannedError,
    expired,
    forbidden,
    not_found,
    revoked,
    scope_too_small,
    unauthorized,
)
from sandbox.gitlab.calls import Call, Params
from sandbox.gitlab.exchange import Request
from sandbox.gitlab.options import Token
from sandbox.gitlab.paging import with_links
from sandbox.gitlab.routes import ROUTES
from sandbox.gitlab.routing import REPORTER, Route
from sandbox.gitlab.state import GitLabState
from sandbox.worlds.model import User

ROOT = "/api/v4/"
_PROJECT_LEVEL = {"public": REPORTER, "internal": REPORTER, "private": 0}


def respond(state: GitLabState, request: Request) -> Answer:
    """Answer one request.

    :raises UnplannedError: where there is no such route, or it was given a parameter that it does not know.
    """
    for each in state.states.values():
        settle(each)
    try:
        if request.path == "/api/graphql":
            return graphql.answer(state, request, _signed_in(state, request, graphql.refuse_token))
        return _rest(state, request)
    except RefusalError as refusal:
        return refusal.answer


def settle(state: GitLabState) -> None:
    """Move everything of a project to where it stands now."""
    pipelines.settle(state)
    deploying.settle(state)


def _rest(state: GitLabState, request: Request) -> Answer:
    route, params = _route(request)
    user, token = _signed_in(state, request, _refuse_token)
    _check_scope(request.method, token)
    call = Call(
        state.of(params["project"]) or not_found("Project") if "project" in params else state,
        user,
        token,
        params,
        Params(parse_qsl(request.query, keep_blank_values=True)),
        Params.of_body(request.body, request.headers.get("content-type", "")),
    )
    _check_role(call, route, request.method)
    answer = route.handler(call)
    _check_all_read(call)
    if "x-page" not in answer.headers:
        return answer
    return Answer(answer.body, answer.status, with_links(dict(answer.headers), state.url + request.path, request.query))


def _route(request: Request) -> tuple[Route, dict[str, str]]:
    path = request.path.removeprefix(ROOT)
    if path != request.path:
        for route in ROUTES:
            params = route.match(request.method, path)
            if params is not None:
                return route, params
    raise UnplannedError(f"no route for {request!r}")


def _refuse_token(token: Token | None) -> NoReturn:
    if token is None:
        unauthorized()
    if token.active:
        expired()
    revoked()


def _signed_in(state: GitLabState, request: Request, refuse: Callable[[Token | None], NoReturn]) -> tuple[User, Token]:
    token = state.tokens.get(request.token or "")
    if token is None or not state.accepts(token):
        refuse(token)
    return state.users[token.username or state.bot.username], token


def _check_scope(method: str, token: Token) -> None:
    if "api" in token.scopes or (method == "GET" and "read_api" in token.scopes):
        return
    scope_too_small()


def _check_role(call: Call, route: Route, method: str) -> None:
    if "project" not in call.params:
        return
    project = call.state.project
    everyone = _PROJECT_LEVEL[project.visibility]
    if call.level == 0 and everyone == 0:
        not_found("Project")
    if max(call.level, everyone if method == "GET" else 0) < route.role:
        forbidden()


def _check_all_read(call: Call) -> None:
    # Ignoring a parameter would answer something else than was asked for, and nobody would notice.
    ignored = {*call.query.unread(), *call.body.unread()} - {"page", "per_page"}
    if ignored:
        raise UnplannedError(f"parameters that this route does not know: {', '.join(sorted(ignored))}")
