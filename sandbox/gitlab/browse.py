"""Plain web pages behind the links of a card, for people at the demo: merge request, commit, blame, issue,
environment, feature flags, job.

Not GitLab's pages, and no sign-in: they show what the state holds, to whoever reaches the loopback port.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from html import escape
from urllib.parse import unquote

from sandbox.gitlab import deploying
from sandbox.gitlab.answers import Answer
from sandbox.gitlab.exchange import Request
from sandbox.gitlab.records import Proposal
from sandbox.gitlab.repository import FileChange, UnknownRevisionError
from sandbox.gitlab.shapes.commits import title
from sandbox.gitlab.shapes.merge_requests import changed_files
from sandbox.gitlab.state import GitLabState

_STYLE = (
    "body{font:16px/1.5 sans-serif;max-width:60rem;margin:2rem auto}pre{background:#f4f4f4;padding:.7rem;overflow:auto}"
    ":target{background:#fde68a}"
)
_HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
}


ICON = "/favicon.ico"
"""Browsers ask for it by themselves, in their own words."""


def wanted(request: Request) -> bool:
    """Whether a browser asks for a page, rather than a program for the API."""
    if request.path == ICON:
        return True
    programs = "/api/" in request.path or request.path.startswith("/oauth/")
    return request.method == "GET" and "text/html" in request.headers.get("accept", "") and not programs


def page(state: GitLabState, path: str) -> Answer:
    """The page of a web address, 404 where there is none."""
    if path == ICON:
        return Answer(b"", 204)
    project, _, rest = path.strip("/").partition("/-/")
    kind, _, name = rest.partition("/")
    place = state.states.get(project)
    show = _PAGES.get(kind)
    if place is not None:
        deploying.settle(place)
    try:
        lines = show(place, name if kind == "blame" else name.partition("/")[0]) if show and place else []
    except (KeyError, ValueError, UnknownRevisionError):
        lines = []
    body = "\n".join(lines) or "<h1>404</h1><p>There is no such page in this embedded GitLab.</p>"
    html = f"<!doctype html><meta charset=utf-8><title>GitLab (embedded)</title><style>{_STYLE}</style>{body}"
    return Answer(html.encode(), 200 if lines else 404, _HEADERS)


def _merge_request(state: GitLabState, iid: str) -> list[str]:
    if int(iid) in state.proposals:
        return _proposal(state, state.proposals[int(iid)])
    change = state.merge_requests[int(iid)]
    who = f"by {change.author}, merged by {change.merged_by} on {change.merged_at:%d %b %Y %H:%M} UTC"
    return [
        _heading(f"!{change.iid} {change.title}"),
        _said(who),
        _text(change.description),
        *_diff(changed_files(state, change)),
    ]


def _proposal(state: GitLabState, opened: Proposal) -> list[str]:
    base = state.repository.merge_base(opened.target_branch, opened.source_branch) or opened.target_branch
    people, labels = ", ".join(opened.assignees) or "nobody", ", ".join(opened.labels) or "none"
    return [
        _heading(f"!{opened.iid} {opened.title}"),
        _said(f"{opened.state}, by {opened.author}, from {opened.source_branch} into {opened.target_branch}"),
        _said(f"Assigned: {people}. Labels: {labels}."),
        _text(opened.description),
        *_diff(state.repository.diff(base, opened.source_branch)),
    ]


def _blame(state: GitLabState, name: str) -> list[str]:
    """``name``: a revision and a path, as GitLab's address has them. The fragment, ``#L42``, finds its line."""
    sha, _, path = name.partition("/")
    path = unquote(path)
    told = [(run.commit, line) for run in state.repository.blame(path, sha, None) for line in run.lines]
    lines = (
        f'<span id="L{number}">{number:5}  {str(commit.id)[:8]}  {escape(f"{commit.author.name:20.20}  {line}")}</span>'
        for number, (commit, line) in enumerate(told, 1)
    )
    return [_heading(path), _said(f"Who changed each line last, at {sha[:8]}"), f"<pre>{chr(10).join(lines)}</pre>"]


def _commit(state: GitLabState, sha: str) -> list[str]:
    commit = state.repository.commit(sha)
    changes = state.repository.changes_of(str(commit.id))
    return [
        _heading(title(commit)),
        _said(f"{commit.id} by {commit.author.name}"),
        _text(commit.message),
        *_diff(changes),
    ]


def _issue(state: GitLabState, iid: str) -> list[str]:
    issue = state.issues[int(iid)]
    people, labels = ", ".join(issue.assignees) or "nobody", ", ".join(issue.labels) or "none"
    about = f"{issue.kind}, {issue.state}, severity {issue.severity.lower()}. Assigned: {people}. Labels: {labels}."
    notes = [part for note in issue.notes for part in (_said(f"{note.author} wrote"), _text(note.body))]
    return [_heading(f"#{issue.iid} {issue.title}"), _said(about), _text(issue.description), *notes]


def _environment(state: GitLabState, number: str) -> list[str]:
    if not number:
        return [
            _heading("Environments"),
            *(_said(_live_in(state, place.name)) for place in state.environments.values()),
        ]
    place = next((place for place in state.environments.values() if place.id == int(number)), None)
    if place is None:
        return []
    rows = [row for row in state.deployments.values() if row.environment == place.name]
    listed = "\n".join(
        f"{row.id}  {row.status:9} {row.sha[:8]}  {row.updated_at:%d %b %H:%M}  {row.user}" for row in reversed(rows)
    )
    live = deploying.live(state, place.name)
    return [_heading(place.name), _said(f"Live: deployment {live.id}" if live else "Nothing is live"), _text(listed)]


def _flags(state: GitLabState, _name: str) -> list[str]:
    told = (
        f"{flag.name}: {'active' if flag.active else 'not active'}, for {', '.join(flag.scopes) or 'nothing'}, "
        f"changed {flag.updated_at:%d %b %H:%M} UTC. {flag.description}"
        for flag in state.flags.values()
    )
    return [_heading("Feature flags"), *map(_said, told)]


def _live_in(state: GitLabState, environment: str) -> str:
    live = deploying.live(state, environment)
    return f"{environment}: deployment {live.id} is live, {live.sha[:8]}" if live else f"{environment}: nothing is live"


def _job(state: GitLabState, number: str) -> list[str]:
    job = state.jobs[int(number)]
    deployment = deploying.deployment_of(state, job)
    about = f"{job.status}, started by {job.user}, pipeline {job.pipeline_id}, commit {job.sha[:8]}"
    shipped = f"deployment {deployment.id} to {job.environment}: {deployment.status}" if deployment else ""
    return [_heading(f"Job {job.id} {job.name}"), _said(about), _said(shipped)]


def _heading(text: str) -> str:
    return f"<h1>{escape(text)}</h1>"


def _said(text: str) -> str:
    return f"<p>{escape(text)}</p>"


def _text(text: str) -> str:
    return f"<pre>{escape(text)}</pre>" if text.strip() else ""


def _diff(changes: Iterable[FileChange]) -> list[str]:
    return [f"<h2>{escape(change.new_path)}</h2>{_text(change.text)}" for change in changes]


_PAGES: dict[str, Callable[[GitLabState, str], list[str]]] = {
    "merge_requests": _merge_request,
    "blame": _blame,
    "commit": _commit,
    "issues": _issue,
    "environments": _environment,
    "feature_flags": _flags,
    "jobs": _job,
}
