"""Issues and incidents (docs.gitlab.com/api/issues)."""

from __future__ import annotations

from collections.abc import Callable

from sandbox.gitlab import quick_actions
from sandbox.gitlab.answers import Answer, forbidden, not_found
from sandbox.gitlab.calls import Call
from sandbox.gitlab.paging import page_of
from sandbox.gitlab.records import Issue
from sandbox.gitlab.routes.merge_requests import may_see
from sandbox.gitlab.routing import GUEST, PLANNER, REPORTER
from sandbox.gitlab.shapes.issues import issue_entity
from sandbox.gitlab.state import next_id
from sandbox.worlds.model import User

KINDS = ("issue", "incident", "test_case", "task")


def issues(call: Call) -> Answer:
    kept = _filters(call)
    order = call.query.choice("order_by", ("created_at", "updated_at"), "created_at")
    newest_first = call.query.choice("sort", ("asc", "desc"), "desc") == "desc"
    call.query.choice("scope", ("created_by_me", "assigned_to_me", "all"))
    rows = [issue for issue in call.state.issues.values() if may_see(call, issue) and kept(issue)]
    rows.sort(key=lambda issue: (getattr(issue, order), issue.iid), reverse=newest_first)
    return page_of(call, rows, lambda issue: issue_entity(call.state, issue))


def _filters(call: Call) -> Callable[[Issue], bool]:
    kind = call.query.choice("issue_type", (*KINDS, "requirement", "ticket"))
    state = call.query.choice("state", ("opened", "closed", "all"), "all")
    labels = set(call.query.many("labels"))
    iids = {int(iid) for iid in call.query.many("iids")}
    author, search = call.query.get("author_username"), call.query.get("search").lower()
    places = call.query.get("in", "title,description").split(",")
    after, updated = call.query.moment("created_after"), call.query.moment("updated_after")

    def kept(issue: Issue) -> bool:
        text = " ".join(getattr(issue, place) for place in places).lower()
        return (
            kind in {"", issue.kind}
            and (not iids or issue.iid in iids)
            and state in {"all", issue.state}
            and labels <= set(issue.labels)
            and author in {"", issue.author}
            and search in text
            and (after is None or issue.created_at >= after)
            and (updated is None or issue.updated_at >= updated)
        )

    return kept


def issue(call: Call) -> Answer:
    return Answer(issue_entity(call.state, issue_of(call)))


def create(call: Call) -> Answer:
    """Quick actions in the description are executed, as in GitLab."""
    made = _from_body(call)
    people, labels = call.body.many("assignee_ids"), call.body.many("labels")
    if made.kind == "incident" and call.level < REPORTER:
        forbidden()
    with call.state.effect("issue"):
        _label(call, made, labels)
        _assign(call, made, people)
        made.description = quick_actions.execute(call.state, made, made.description, call.level).text
        call.state.issues[made.iid] = made
        call.state.on_change("issue:open", made.iid)
    return Answer(issue_entity(call.state, made), 201)


def _from_body(call: Call) -> Issue:
    known = call.state.issues.values()
    return Issue(
        id=next_id([issue.id for issue in known], first=9041),
        iid=next_id([issue.iid for issue in known]),
        title=call.body.required("title"),
        description=call.body.get("description"),
        author=call.user.username,
        created_at=call.state.now(),
        updated_at=call.state.now(),
        kind=call.body.choice("issue_type", KINDS, "issue"),
        confidential=call.body.flag("confidential"),
    )


def update(call: Call) -> Answer:
    """REST knows no severity: it takes a quick action or GraphQL."""
    found = issue_of(call)
    body = call.body
    added, removed, people = body.many("add_labels"), body.many("remove_labels"), body.many("assignee_ids")
    reassigned, event = body.has("assignee_ids"), body.choice("state_event", ("close", "reopen"))
    title, description = body.get("title"), body.get("description")
    if call.level < REPORTER:
        forbidden()
    with call.state.effect("issue_update"):
        found.title, found.description = title or found.title, description or found.description
        _label(call, found, added)
        found.labels = [name for name in found.labels if name not in removed]
        if reassigned:
            _assign(call, found, people)
        _move(call, found, event)
        found.updated_at, found.updated_by = call.state.now(), call.user.username
        found.confidential = call.body.flag("confidential") if call.body.has("confidential") else found.confidential
        call.state.on_change(f"issue:{event or 'update'}", found.iid)
    return Answer(issue_entity(call.state, found))


def _label(call: Call, found: Issue, names: list[str]) -> None:
    found.labels = list(dict.fromkeys((*found.labels, *(call.state.label(name).name for name in names))))


def _assign(call: Call, found: Issue, user_ids: list[str]) -> None:
    # Free keeps one assignee. Blocked people, and those who can't read the issue, are dropped without a word.
    people = (call.state.user_of_id(int(user_id)) for user_id in user_ids)
    names = [user.username for user in people if user is not None and _assignable(call, found, user)]
    found.assignees = names if call.state.options.tier == "premium" else names[:1]


def _assignable(call: Call, found: Issue, user: User) -> bool:
    level = call.state.levels.get(user.username, 0)
    is_open = call.state.project.visibility != "private" and not found.confidential
    return user.state == "active" and (is_open or level >= (PLANNER if found.confidential else GUEST))


def _move(call: Call, found: Issue, event: str) -> None:
    if event == "close" and found.closed_at is None:
        found.closed_at, found.closed_by = call.state.now(), call.user.username
    if event == "reopen":
        found.closed_at = found.closed_by = None


def issue_of(call: Call) -> Issue:
    """The issue in the path.

    :raises RefusalError: 404, also for a confidential one that the caller may not see.
    """
    found = call.state.issues.get(call.id("issue"))
    return found if found is not None and may_see(call, found) else not_found()
