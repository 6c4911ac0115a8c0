"""The instance, the caller, users."""

from __future__ import annotations

from sandbox.gitlab.answers import Answer, not_found
from sandbox.gitlab.calls import Call
from sandbox.gitlab.paging import page_of
from sandbox.gitlab.shapes.people import access_token, current_user, user_basic

VERSION, REVISION = "19.4.0-ee", "5c1f0b7e9a2"


def version(_call: Call) -> Answer:
    return Answer({"version": VERSION, "revision": REVISION})


def metadata(call: Call) -> Answer:
    host = call.state.url.partition("//")[2]
    kas = {
        "enabled": True,
        "externalUrl": f"ws://{host}/-/kubernetes-agent/",
        "externalK8sProxyUrl": f"{call.state.url}/-/kubernetes-agent/k8s-proxy/",
        "version": "19.4.0",
    }
    return Answer({"version": VERSION, "revision": REVISION, "kas": kas, "enterprise": True})


def current(call: Call) -> Answer:
    return Answer(current_user(call.state, call.user))


def own_token(call: Call) -> Answer:
    if not call.token.tells_of_itself:
        not_found()
    return Answer(access_token(call.state, call.user, call.token))


def users(call: Call) -> Answer:
    found = call.state.person(call.query.required("username"))
    return page_of(call, [found] if found else [], lambda user: user_basic(call.state, user.username))
