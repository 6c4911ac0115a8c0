"""Users, members, tokens."""

from __future__ import annotations

from typing import Any

from sandbox.gitlab.options import Token
from sandbox.gitlab.shapes.times import iso
from sandbox.gitlab.state import GitLabState
from sandbox.worlds.model import User


def user_basic(state: GitLabState, username: str) -> dict[str, Any]:
    user = state.users[username]
    return {
        "id": user.id,
        "username": user.username,
        "public_email": None,
        "name": user.name,
        "state": user.state,
        "locked": False,
        "avatar_url": None,
        "web_url": f"{state.url}/{user.username}",
    }


def user_full(state: GitLabState, username: str) -> dict[str, Any]:
    """As in a job, and the base of ``/user``."""
    texts = ("bio", "location", "linkedin", "twitter", "discord", "website_url", "github", "organization", "job_title")
    return {
        **user_basic(state, username),
        "created_at": iso(state.project.created_at),
        **dict.fromkeys(texts, ""),
        "pronouns": None,
        "bot": state.users[username].bot,
        "work_information": None,
        "followers": 0,
        "following": 0,
        "local_time": None,
    }


def current_user(state: GitLabState, user: User) -> dict[str, Any]:
    return {
        **user_full(state, user.username),
        "email": user.email,
        "commit_email": user.email,
        "last_sign_in_at": None,
        "confirmed_at": iso(state.project.created_at),
        "two_factor_enabled": False,
        "external": False,
        "private_profile": False,
    }


def member(state: GitLabState, username: str, level: int) -> dict[str, Any]:
    """A member of the project or of a group, with the role's number there."""
    return {
        **user_basic(state, username),
        "access_level": level,
        "created_at": iso(state.project.created_at),
        "created_by": None,
        "expires_at": None,
        "membership_state": "active",
    }


def access_token(state: GitLabState, user: User, token: Token) -> dict[str, Any]:
    return {
        "id": 1,
        "name": "backtrace",
        "revoked": not token.active,
        "created_at": iso(state.project.created_at),
        "description": None,
        "scopes": list(token.scopes),
        "user_id": user.id,
        "last_used_at": iso(state.now()),
        "active": token.active,
        "expires_at": state.expiry_of(token).isoformat(),
    }
