"""Quick actions: lines of an issue's text that are commands, executed as GitLab does (GITLAB.md 1.6).

They run for whoever wrote the text, so a bot that quotes foreign text carelessly closes its own incident here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.gitlab.answers import UnplannedError
from sandbox.gitlab.records import Issue
from sandbox.gitlab.routing import REPORTER
from sandbox.gitlab.state import GitLabState

_COMMAND = re.compile(r"^/([a-z_]+)(?:[ \t]+(.*?))?[ \t]*$")
_FENCE = re.compile(r"^[ \t]{0,3}(`{3,}|~{3,})")
_LABEL = re.compile(r'~(?:"([^"]+)"|(\S+))')
_SEVERITIES = {"s1": "CRITICAL", "s2": "HIGH", "s3": "MEDIUM", "s4": "LOW"} | {
    name.lower(): name for name in ("CRITICAL", "HIGH", "MEDIUM", "LOW", "UNKNOWN")
}
# Commands that GitLab knows and this does not; any other word after a slash stays text, as there.
_ELSEWHERE = {
    *("unassign", "reassign", "unlabel", "relabel", "reopen", "title", "due", "milestone", "lock", "todo", "subscribe"),
    *("timeline", "link", "zoom", "promote_to_incident", "relate", "duplicate", "move", "award", "copy_metadata"),
    *("create_merge_request", "epic", "weight", "estimate", "spend", "type"),
}


@dataclass(slots=True)
class Outcome:
    """``text`` is what stays of the text; ``changes`` what the commands did, in GitLab's keys."""

    text: str = ""
    changes: dict[str, Any] = field(default_factory=dict)
    summary: list[str] = field(default_factory=list)
    commands: int = 0


Action = Callable[[GitLabState, Issue, str, Outcome], None]


def execute(state: GitLabState, issue: Issue, text: str, level: int) -> Outcome:
    """Carry out the commands in ``text`` with the writer's role ``level``.

    :raises UnplannedError: for a command that GitLab has and this does not.
    """
    outcome, kept = Outcome(), []
    fence = ""
    for line in text.splitlines():
        fence = _fence_after(line, fence)
        command = None if fence else _COMMAND.match(line)
        if command is None or not _run(state, issue, command, (level, outcome)):
            kept.append(line)
    outcome.text = "\n".join(kept).strip()
    return outcome


def _fence_after(line: str, fence: str) -> str:
    # A fence ends with one of its own kind that is at least as long (CommonMark 4.5).
    mark = _FENCE.match(line)
    if mark is None:
        return fence
    if not fence:
        return mark.group(1)
    ends = mark.group(1)[0] == fence[0] and len(mark.group(1)) >= len(fence) and line.strip() == mark.group(1)
    return "" if ends else fence


def _run(state: GitLabState, issue: Issue, command: re.Match[str], writer: tuple[int, Outcome]) -> bool:
    """Whether the line was a command. One that the writer may not use is dropped silently."""
    level, outcome = writer
    name, argument = command.group(1), command.group(2) or ""
    if name in _ELSEWHERE:
        raise UnplannedError(f"quick action /{name}")
    if name not in _ACTIONS:
        return False
    outcome.commands += 1
    if level >= REPORTER:
        _ACTIONS[name](state, issue, argument, outcome)
    return True


def _assign(state: GitLabState, issue: Issue, argument: str, outcome: Outcome) -> None:
    people = [user for word in argument.split() if (user := state.person(word.lstrip("@")))]
    if not people:
        return
    several = state.options.tier == "premium"
    issue.assignees = [user.username for user in (people if several else people[:1])]
    outcome.changes["assignee_ids"] = [state.users[username].id for username in issue.assignees]
    outcome.summary.append(f"Assigned {' '.join('@' + username for username in issue.assignees)}.")


def _label(state: GitLabState, issue: Issue, argument: str, outcome: Outcome) -> None:
    wanted = [quoted or plain for quoted, plain in _LABEL.findall(argument)]
    known = [state.labels[name] for name in wanted if name in state.labels]
    if known:
        issue.labels = list(dict.fromkeys((*issue.labels, *(label.name for label in known))))
        outcome.changes["add_label_ids"] = [label.id for label in known]
        outcome.summary.append(f"Added {' '.join(f'~{label.id}' for label in known)} label.")


def _severity(_state: GitLabState, issue: Issue, argument: str, outcome: Outcome) -> None:
    severity = _SEVERITIES.get(argument.strip().lower())
    if severity and issue.kind == "incident":
        issue.severity = severity
        outcome.changes["severity"] = severity.lower()
        outcome.summary.append(f"Set the severity to {severity.capitalize()}.")


def _close(state: GitLabState, issue: Issue, _argument: str, outcome: Outcome) -> None:
    issue.closed_at = issue.closed_at or state.now()
    outcome.changes["state_event"] = "close"
    outcome.summary.append("Closed this issue.")


def _confidential(_state: GitLabState, issue: Issue, _argument: str, outcome: Outcome) -> None:
    issue.confidential = True
    outcome.changes["confidential"] = True
    outcome.summary.append("Made this issue confidential.")


def _page(state: GitLabState, issue: Issue, argument: str, outcome: Outcome) -> None:
    # Premium. The key in commands_changes is not documented; this one is a guess that nothing should rely on.
    policies = state.options.policies if state.options.tier == "premium" else ()
    policy = next((policy for policy in policies if policy.name.lower() == argument.strip().lower()), None)
    if policy and issue.kind == "incident":
        issue.policy = policy.id
        outcome.changes["escalation_policy"] = policy.id
        outcome.summary.append("Started escalation for this incident.")


_ACTIONS: Mapping[str, Action] = {
    "assign": _assign,
    "label": _label,
    "severity": _severity,
    "close": _close,
    "confidential": _confidential,
    "page": _page,
}
