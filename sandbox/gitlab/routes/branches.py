"""Branches, and the revert of a commit on one (docs.gitlab.com/api/branches, /commits: revert a commit)."""

from __future__ import annotations

from typing import Any

from sandbox.gitlab import reverting
from sandbox.gitlab.answers import Answer, RefusalError, bad_request, forbidden, not_found
from sandbox.gitlab.calls import Call
from sandbox.gitlab.deploying import may_push
from sandbox.gitlab.paging import page_of
from sandbox.gitlab.repository import Commit, UnknownRevisionError
from sandbox.gitlab.shapes.commits import commit_basic, commit_short


def branches(call: Call) -> Answer:
    wanted = call.query.get("search")
    return page_of(call, [name for name in call.state.repository.branches() if wanted in name], lambda n: _row(call, n))


def create(call: Call) -> Answer:
    name, ref = call.body.required("branch"), call.body.required("ref")
    if name in call.state.repository.branches():
        raise RefusalError(400, {"message": "Branch already exists"})
    try:
        sha = str(call.state.repository.commit(ref).id)
    except UnknownRevisionError:
        bad_request(f"Invalid reference name: {ref}")
    with call.state.effect("branch"):
        reverting.create_branch(call.state.repository, name, sha)
    return Answer(_row(call, name), 201)


def revert(call: Call) -> Answer:
    """On a branch that is protected against the caller: 403."""
    state, branch, dry = call.state, call.body.required("branch"), call.body.flag("dry_run")
    if branch not in state.repository.branches():
        not_found("Branch")
    commit = _commit(call)
    if not may_push(state, branch, call.user):
        forbidden("You are not allowed to push into this branch")
    sha = str(commit.id)
    change = next((one for one in state.merge_requests.values() if one.merge_commit_sha == sha), None)
    merged = change if len(commit.parents) > 1 else None
    made = reverting.revert(state.repository, commit, branch, merged)
    if dry:
        return Answer({"dry_run": "success"})
    with state.effect("revert"):
        done = reverting.commit_on(state.repository, branch, made, call.user, state.now())
    return Answer(commit_basic(state, done), 201)


def _commit(call: Call) -> Commit:
    try:
        return call.state.repository.commit(call.params["sha"])
    except UnknownRevisionError:
        not_found("Commit")


def _row(call: Call, name: str) -> dict[str, Any]:
    state = call.state
    head = state.repository.commit(name)
    is_default = name == state.project.default_branch
    main = state.project.default_branch
    return {
        "name": name,
        "commit": {**commit_basic(state, head), **commit_short(head)},
        "merged": not is_default and not state.repository.between(main, name),
        "protected": name in state.protected_branches,
        "developers_can_push": False,
        "developers_can_merge": False,
        "can_push": may_push(state, name, call.user),
        "default": is_default,
        "web_url": f"{state.url}/{state.project.path}/-/tree/{name}",
    }
