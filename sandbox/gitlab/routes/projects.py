"""The project, its members, protections, labels and hooks."""

from __future__ import annotations

from collections.abc import Mapping

from sandbox.gitlab.answers import Answer, conflict, forbidden, not_found
from sandbox.gitlab.calls import Call
from sandbox.gitlab.paging import page_of
from sandbox.gitlab.records import Hook
from sandbox.gitlab.routing import MAINTAINER
from sandbox.gitlab.shapes.people import member
from sandbox.gitlab.shapes.projects import (
    HOOK_EVENTS,
    hook_entity,
    label_entity,
    project_single,
    protected_branch,
    protected_environment,
    protected_tag,
)
from sandbox.gitlab.state import OWN_GROUP, next_id


def project(call: Call) -> Answer:
    return Answer(project_single(call.state, call.level))


def members(call: Call) -> Answer:
    rows = [(name, level) for name, level in call.state.levels.items() if level > 0]
    return page_of(call, rows, lambda row: member(call.state, *row))


def one_member(call: Call) -> Answer:
    return _member(call, call.state.levels)


def group_member(call: Call) -> Answer:
    return _member(call, _members_of_group(call))


def _members_of_group(call: Call) -> Mapping[str, int]:
    """By number, or by path for the group that the project is in."""
    wanted = call.params["group"]
    own = call.state.project.path.rpartition("/")[0]
    number = OWN_GROUP if wanted == own else int(wanted) if wanted.isdigit() else 0
    return call.state.groups.get(number, {})


def _member(call: Call, levels: Mapping[str, int]) -> Answer:
    user = call.state.user_of_id(call.id("user"))
    level = levels.get(user.username, 0) if user else 0
    return Answer(member(call.state, user.username, level)) if user and level else not_found()


def protected_environments(call: Call) -> Answer:
    """Only a maintainer may read it; from there up a 404 says that the tier has no such thing (GITLAB.md 1.8)."""
    if call.level < MAINTAINER:
        forbidden()
    if call.state.options.tier == "free":
        not_found()
    rows = list(call.state.protected_environments.items())
    return page_of(call, rows, lambda row: protected_environment(call.state, *row))


def group_protected_environments(call: Call) -> Answer:
    """By tier. Only a maintainer of the group may read it, and who is not in it does not see that there is one."""
    level = _members_of_group(call).get(call.user.username, 0)
    if level == 0 or call.state.options.tier == "free":
        not_found()
    if level < MAINTAINER:
        forbidden()
    rows = list(call.state.protected_tiers.items())
    return page_of(call, rows, lambda row: protected_environment(call.state, *row))


def protected_branches(call: Call) -> Answer:
    rows = list(call.state.protected_branches.items())
    return page_of(call, rows, lambda row: protected_branch(call.state, *row))


def protected_tags(call: Call) -> Answer:
    return page_of(call, list(call.state.protected_tags), lambda name: protected_tag(call.state, name))


def labels(call: Call) -> Answer:
    wanted = call.query.get("search").lower()
    found = [label for label in call.state.labels.values() if wanted in label.name.lower()]
    return page_of(call, found, label_entity)


def create_label(call: Call) -> Answer:
    name, color, description = call.body.required("name"), call.body.required("color"), call.body.get("description")
    if name in call.state.labels:
        conflict("Label already exists")
    with call.state.effect("label"):
        label = call.state.label(name)
        label.color, label.description = color, description or None
    return Answer(label_entity(label), 201)


def create_hook(call: Call) -> Answer:
    hook = Hook(
        id=next_id(list(call.state.hooks)),
        url=call.body.required("url"),
        events=frozenset(event for event in HOOK_EVENTS if call.body.flag(event)),
        token=call.body.get("token"),
        signing_token=call.body.get("signing_token"),
        created_at=call.state.now(),
    )
    call.body.has("enable_ssl_verification")
    call.state.hooks[hook.id] = hook
    return Answer(hook_entity(call.state, hook), 201)
