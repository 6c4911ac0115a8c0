"""What GitLab's GraphQL says of a mutation: null where the token has no right to it, else a list of errors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.gitlab.client import GitLabRefused

_OK = 200


def refusal_in(answer: Mapping[str, Any], mutation: str, without_right: str) -> str:
    """GitLab's reason, or ``without_right``; empty where it did what was asked."""
    result = answer.get(mutation)
    if not isinstance(result, Mapping):
        return without_right
    return "; ".join(str(error) for error in result.get("errors") or ())


def check_done(answer: Mapping[str, Any], mutation: str, without_right: str) -> None:
    """:raises GitLabRefused: with the reason, where it was not done."""
    refusal = refusal_in(answer, mutation, without_right)
    if refusal:
        raise GitLabRefused(_OK, refusal)
