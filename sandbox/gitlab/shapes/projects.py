"""The project, its protections, labels and hooks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sandbox.gitlab.records import Access, ApprovalRule, Hook, Label, ProtectedBranch, Schedule
from sandbox.gitlab.shapes.people import user_basic
from sandbox.gitlab.shapes.times import iso
from sandbox.gitlab.state import OWN_GROUP, GitLabState

HOOK_EVENTS = (
    "push_events",
    "tag_push_events",
    "issues_events",
    "confidential_issues_events",
    "merge_requests_events",
    "note_events",
    "confidential_note_events",
    "job_events",
    "pipeline_events",
    "wiki_page_events",
    "deployment_events",
    "feature_flag_events",
    "releases_events",
)
_ROLES = {30: "Developers + Maintainers", 40: "Maintainers", 60: "Instance admins"}


def project_basic(state: GitLabState) -> dict[str, Any]:
    project = state.project
    group, _, path = project.path.rpartition("/")
    moved = [row.updated_at for row in state.deployments.values()]
    host = state.url.partition("//")[2]
    return {
        "id": project.id,
        "description": None,
        "name": project.name,
        "name_with_namespace": f"{group.title()} / {project.name}",
        "path": path,
        "path_with_namespace": project.path,
        "created_at": iso(project.created_at),
        "default_branch": project.default_branch,
        "tag_list": [],
        "topics": [],
        "ssh_url_to_repo": f"git@{host}:{project.path}.git",
        "http_url_to_repo": f"{state.url}/{project.path}.git",
        "web_url": f"{state.url}/{project.path}",
        "readme_url": None,
        "forks_count": 0,
        "avatar_url": None,
        "star_count": 0,
        "last_activity_at": iso(max(moved, default=project.created_at)),
        "visibility": project.visibility,
        "namespace": _namespace(state, group),
    }


def _namespace(state: GitLabState, group: str) -> dict[str, Any]:
    return {
        "id": OWN_GROUP,
        "name": group.title(),
        "path": group.rpartition("/")[2],
        "kind": "group",
        "full_path": group,
        "parent_id": None,
        "avatar_url": None,
        "web_url": f"{state.url}/groups/{group}",
    }


def project_single(state: GitLabState, level: int) -> dict[str, Any]:
    """``level`` is the caller's role: the ``ci_*`` keys are shown to maintainers only (GITLAB.md 1.8, from memory)."""
    shown = {
        **project_basic(state),
        "merge_method": state.project.merge_method,
        "squash_option": "default_off",
        "issues_enabled": True,
        "issues_access_level": "enabled",
        "archived": False,
        "empty_repo": False,
        "permissions": {"project_access": {"access_level": level} if level else None, "group_access": None},
    }
    if level < 40 or not state.options.shows_forward_deployment:
        return shown
    return {
        **shown,
        "ci_forward_deployment_enabled": state.options.forward_deployment,
        "ci_forward_deployment_rollback_allowed": state.options.rollback_allowed,
        "ci_pipeline_variables_minimum_override_role": state.options.variables_role,
    }


def label_entity(label: Label) -> dict[str, Any]:
    return {
        "id": label.id,
        "name": label.name,
        "description": label.description,
        "description_html": label.description or "",
        "text_color": "#FFFFFF",
        "color": label.color,
        "subscribed": False,
        "priority": None,
        "is_project_label": True,
    }


def hook_entity(state: GitLabState, hook: Hook) -> dict[str, Any]:
    """Never with the secrets: only whether there are any."""
    return {
        "id": hook.id,
        "url": hook.url,
        "name": None,
        "description": None,
        "created_at": iso(hook.created_at),
        "project_id": state.project.id,
        **{event: event in hook.events for event in HOOK_EVENTS},
        "enable_ssl_verification": True,
        "push_events_branch_filter": "",
        "alert_status": "executable",
        "disabled_until": None,
        "token_present": bool(hook.token),
        "signing_token_present": bool(hook.signing_token),
    }


def protected_environment(state: GitLabState, name: str, accesses: Sequence[Access]) -> dict[str, Any]:
    levels = [
        {**_access(state, access, place), "group_inheritance_type": 0} for place, access in enumerate(accesses, start=1)
    ]
    rules = [
        approval_rule(state, rule, place) for place, rule in enumerate(state.approval_rules.get(name, ()), start=1)
    ]
    return {"name": name, "deploy_access_levels": levels, "required_approval_count": 0, "approval_rules": rules}


def approval_rule(state: GitLabState, rule: ApprovalRule, place: int) -> dict[str, Any]:
    needed = {"required_approvals": rule.required, "group_inheritance_type": 0}
    return {**_access(state, rule.access, place), **needed}


def protected_branch(state: GitLabState, name: str, branch: ProtectedBranch) -> dict[str, Any]:
    """Shape from memory of docs.gitlab.com/api/protected_branches; GITLAB.md does not print it."""
    return {
        "id": 1,
        "name": name,
        "push_access_levels": [_access(state, access, place) for place, access in enumerate(branch.push, start=1)],
        "merge_access_levels": [_access(state, access, place) for place, access in enumerate(branch.merge, start=1)],
        "allow_force_push": False,
        "unprotect_access_levels": [],
        "code_owner_approval_required": False,
        "inherited": False,
    }


def schedule_entity(state: GitLabState, schedule: Schedule) -> dict[str, Any]:
    """As newer servers write the branch."""
    return {
        "id": schedule.id,
        "description": schedule.description,
        "ref": f"refs/heads/{schedule.ref}",
        "cron": schedule.cron,
        "cron_timezone": schedule.cron_timezone,
        "next_run_at": iso(schedule.next_run_at),
        "active": schedule.active,
        "created_at": iso(state.project.created_at),
        "updated_at": iso(state.project.created_at),
        "owner": user_basic(state, schedule.owner),
    }


def protected_tag(state: GitLabState, name: str) -> dict[str, Any]:
    """Shape from memory of docs.gitlab.com/api/protected_tags."""
    levels = [_access(state, access, place) for place, access in enumerate(state.protected_tags[name], start=1)]
    return {"name": name, "create_access_levels": levels}


def _access(state: GitLabState, access: Access, place: int) -> dict[str, Any]:
    # Entries for one person or one group carry a level as well, which then means nothing.
    user = state.users[access.username] if access.username else None
    return {
        "id": place,
        "access_level": 40 if access.level is None else access.level,
        "access_level_description": user.name if user else _ROLES.get(access.level or 0, "No one"),
        "user_id": user.id if user else None,
        "group_id": access.group_id,
    }
