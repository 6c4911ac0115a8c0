"""Merge requests (docs.gitlab.com/api/merge_requests)."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sandbox.gitlab.answers import Answer, RefusalError, not_found
from sandbox.gitlab.calls import Call
from sandbox.gitlab.paging import page_of
from sandbox.gitlab.records import Issue, Proposal
from sandbox.gitlab.routing import PLANNER
from sandbox.gitlab.shapes.commits import commit_basic, merge_request_diff
from sandbox.gitlab.shapes.issues import issue_entity
from sandbox.gitlab.shapes.merge_requests import (
    changed_files,
    commits,
    merge_request_row,
    merge_request_single,
    proposal_row,
    proposal_single,
)
from sandbox.gitlab.state import next_id
from sandbox.worlds.model import MergeRequest

_ORDERS: dict[str, Callable[[MergeRequest | Proposal], Any]] = {
    "created_at": lambda change: change.created_at,
    "updated_at": lambda change: change.merged_at or change.created_at,
    "merged_at": lambda change: change.merged_at or change.created_at,
    "title": lambda change: change.title,
}
MOST_FILES = 3_000
"""GitLab.com's limit of one diff (docs.gitlab.com/user/gitlab_com: diff display limits)."""
_REFERENCE = re.compile(r"(?<![\w&])#(\d+)\b")


def merge_requests(call: Call) -> Answer:
    return listed(call, [*call.state.merge_requests.values(), *call.state.proposals.values()])


def listed(call: Call, changes: Sequence[MergeRequest | Proposal]) -> Answer:
    """The list with its filters; the same finder serves a deployment's merge requests."""
    kept = _filters(call)
    order = _ORDERS[call.query.choice("order_by", tuple(_ORDERS), "created_at")]
    newest_first = call.query.choice("sort", ("asc", "desc"), "desc") == "desc"
    call.query.choice("scope", ("created_by_me", "assigned_to_me", "all"))
    rows = sorted((change for change in changes if kept(change)), key=order, reverse=newest_first)
    return page_of(call, rows, lambda change: _row(call, change))


def _row(call: Call, change: MergeRequest | Proposal) -> dict[str, Any]:
    if isinstance(change, Proposal):
        return proposal_row(call.state, change)
    return merge_request_row(call.state, change)


def _filters(call: Call) -> Callable[[MergeRequest | Proposal], bool]:
    state = call.query.choice("state", ("opened", "closed", "locked", "merged", "all"), "all")
    iids = {int(iid) for iid in call.query.many("iids")}
    target, author = call.query.get("target_branch"), call.query.get("author_username")
    source = call.query.get("source_branch")
    merged = _span(call, "merged")
    updated = _span(call, "updated")
    deployed = _deployed(call)

    def kept(change: MergeRequest | Proposal) -> bool:
        # Every merge request of a world is merged, so its last update is the merge.
        return (
            state in {change.state if isinstance(change, Proposal) else "merged", "all"}
            and source in {"", change.source_branch}
            and (not iids or change.iid in iids)
            and target in {"", change.target_branch}
            and author in {"", change.author}
            and merged(change.merged_at)
            and updated(change.merged_at)
            and deployed(change)
        )

    return kept


def _span(call: Call, name: str) -> Callable[[datetime | None], bool]:
    after, before = call.query.moment(f"{name}_after"), call.query.moment(f"{name}_before")

    def inside(moment: datetime | None) -> bool:
        if not (after or before):
            return True
        return moment is not None and (not after or moment >= after) and (not before or moment <= before)

    return inside


def _deployed(call: Call) -> Callable[[MergeRequest | Proposal], bool]:
    environment, inside = call.query.get("environment"), _span(call, "deployed")

    def kept(change: MergeRequest | Proposal) -> bool:
        if not environment:
            return True
        shipped = call.state.links.of_merge_request(change.iid, environment)
        return shipped is not None and inside(shipped.finished_at)

    return kept


def create(call: Call) -> Answer:
    """409 where an open one for the branch exists; whom the numbers do not name, and labels unknown, as for issues.

    GitLab drops those whom it can't assign without a word.
    """
    state = call.state
    source, target = call.body.required("source_branch"), call.body.required("target_branch")
    title, description = call.body.required("title"), call.body.get("description")
    people = (state.user_of_id(int(one)) for one in call.body.many("assignee_ids"))
    labels = [state.label(name).name for name in call.body.many("labels")]
    call.body.flag("remove_source_branch")
    known = set(state.repository.branches())
    if source not in known or target not in known:
        raise RefusalError(422, {"message": ["Source or target branch does not exist"]})
    standing = [one for one in state.proposals.values() if one.state == "opened" and one.source_branch == source]
    if standing:
        words = f"Another open merge request already exists for this source branch: !{standing[0].iid}"
        raise RefusalError(409, {"message": [words]})
    with state.effect("merge_request"):
        taken: list[MergeRequest | Proposal] = [*state.merge_requests.values(), *state.proposals.values()]
        assignees = [one.username for one in people if one is not None and state.levels.get(one.username, 0) > 0]
        made = Proposal(
            id=next_id([one.id for one in taken]),
            iid=next_id([one.iid for one in taken]),
            title=title,
            description=description,
            author=call.user.username,
            source_branch=source,
            target_branch=target,
            created_at=state.now(),
            labels=labels,
            assignees=assignees,
        )
        state.proposals[made.iid] = made
    return Answer(proposal_single(state, made, call.level), 201)


def merge_request(call: Call) -> Answer:
    opened = call.state.proposals.get(call.id("merge_request"))
    if opened is not None:
        return Answer(proposal_single(call.state, opened, call.level))
    return Answer(merge_request_single(call.state, _change(call), call.level))


def commits_of(call: Call) -> Answer:
    return page_of(call, commits(call.state, _change(call)), lambda commit: commit_basic(call.state, commit))


def diffs(call: Call) -> Answer:
    """Beyond the limit files are missing, and nothing in the answer says so."""
    return page_of(call, changed_files(call.state, _change(call))[:MOST_FILES], merge_request_diff)


def closes_issues(call: Call) -> Answer:
    return _issues(call, set(_change(call).closes))


def related_issues(call: Call) -> Answer:
    """Mentioned in title, description or commits; those that it closes are among them."""
    change = _change(call)
    texts = (change.title, change.description, *(commit.message for commit in commits(call.state, change)))
    mentioned = {int(iid) for text in texts for iid in _REFERENCE.findall(text)}
    return _issues(call, mentioned | set(change.closes))


def _issues(call: Call, iids: set[int]) -> Answer:
    found = [issue for iid in sorted(iids) if (issue := call.state.issues.get(iid)) and may_see(call, issue)]
    return page_of(call, found, lambda issue: issue_entity(call.state, issue))


def may_see(call: Call, issue: Issue) -> bool:
    """Confidential issues: planners and up, the author, the assignees."""
    return not issue.confidential or call.level >= PLANNER or call.user.username in {issue.author, *issue.assignees}


def _change(call: Call) -> MergeRequest:
    return call.state.merge_requests.get(call.id("merge_request")) or not_found()
