"""Commits, compare, blame, raw files (docs.gitlab.com/api/repositories, /commits, /repository_files)."""

from __future__ import annotations

import hashlib
from datetime import datetime

from sandbox.gitlab.answers import Answer, bad_parameter, not_found
from sandbox.gitlab.calls import Call
from sandbox.gitlab.linking import merged_as
from sandbox.gitlab.paging import page_of
from sandbox.gitlab.repository import Commit, UnknownRevisionError, moment
from sandbox.gitlab.routes.merge_requests import listed
from sandbox.gitlab.shapes.commits import blame_runs, commit_basic, commit_detail, diff_entity
from sandbox.gitlab.shapes.merge_requests import commits as commits_of_merge_request
from sandbox.worlds.model import MergeRequest

MOST_COMPARED = 1_000
"""Files of a compare. Of more the diffs are cut off and ``compare_timeout`` says so; the commits are all there."""


def compare(call: Call) -> Answer:
    """``commits`` are oldest first, and empty where ``to`` holds nothing that ``from`` has not. Not paginated."""
    old, new = call.query.required("from"), call.query.required("to")
    straight = call.query.flag("straight")
    state = call.state
    try:
        commits = [commit_basic(state, commit) for commit in reversed(state.repository.between(old, new))]
        base = old if straight else state.repository.merge_base(old, new)
        changes = state.repository.diff(base or old, new)
    except UnknownRevisionError:
        not_found("Ref")
    dots = ".." if straight else "..."
    return Answer(
        {
            "commit": commits[-1] if commits else None,
            "commits": commits,
            "diffs": [diff_entity(change) for change in changes[:MOST_COMPARED]],
            "compare_timeout": len(changes) > MOST_COMPARED,
            "compare_same_ref": old == new,
            "web_url": f"{state.url}/{state.project.path}/-/compare/{old}{dots}{new}",
        }
    )


def commits(call: Call) -> Answer:
    """``ref_name`` may be a range ``a..b``; newest first."""
    revision = call.query.get("ref_name", call.state.project.default_branch)
    since, until = call.query.moment("since"), call.query.moment("until")
    first_parent = "yes" if call.query.flag("first_parent") else ""
    try:
        log = call.state.repository.log(revision, path=call.query.get("path"), first_parent=first_parent)
        rows = [commit for commit in log if _within(commit, since, until)]
    except UnknownRevisionError:
        not_found("Commit")
    return page_of(call, rows, lambda row: commit_basic(call.state, row))


def _within(commit: Commit, since: datetime | None, until: datetime | None) -> bool:
    when = moment(commit.committer)
    return (since is None or when >= since) and (until is None or when <= until)


def commit(call: Call) -> Answer:
    return Answer(commit_detail(call.state, _commit(call)))


def commit_diff(call: Call) -> Answer:
    return page_of(call, call.state.repository.changes_of(str(_commit(call).id)), diff_entity)


def commit_merge_requests(call: Call) -> Answer:
    """Those that brought the commit: it is their merge, or one of theirs."""
    sha = str(_commit(call).id)
    return listed(call, [change for change in call.state.merge_requests.values() if _brought(call, change, sha)])


def _brought(call: Call, change: MergeRequest, sha: str) -> bool:
    known = merged_as(change) | {change.sha}
    return sha in known or any(str(own.id) == sha for own in commits_of_merge_request(call.state, change))


def blame(call: Call) -> Answer:
    reference = call.query.required("ref")
    ends = call.query.number("range[start]"), call.query.number("range[end]")
    if any(ends) and not all(ends):
        bad_parameter("range[start], range[end] are missing")
    try:
        runs = call.state.repository.blame(call.params["file"], reference, ends if all(ends) else None)
    except UnknownRevisionError:
        not_found("File")
    return Answer(blame_runs(runs))


def raw_file(call: Call) -> Answer:
    path, reference = call.params["file"], call.query.get("ref", call.state.project.default_branch)
    try:
        content = call.state.repository.file(path, reference)
    except UnknownRevisionError:
        not_found("File")
    last = next(iter(call.state.repository.log(reference, path=path)))
    return Answer(
        content,
        headers={
            "X-Gitlab-Blob-Id": call.state.repository.blob_id(path, reference),
            "X-Gitlab-Commit-Id": str(call.state.repository.commit(reference).id),
            "X-Gitlab-Last-Commit-Id": str(last.id),
            "X-Gitlab-File-Path": path,
            "X-Gitlab-File-Name": path.rpartition("/")[2],
            "X-Gitlab-Content-Sha256": hashlib.sha256(content).hexdigest(),
            "X-Gitlab-Size": str(len(content)),
            "X-Gitlab-Ref": reference,
        },
    )


def _commit(call: Call) -> Commit:
    try:
        return call.state.repository.commit(call.params["sha"])
    except UnknownRevisionError:
        not_found("Commit")
