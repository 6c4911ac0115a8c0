"""What all resolvers share: who asks, GitLab's ids and connections, people and labels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from graphql import GraphQLResolveInfo

from sandbox.gitlab.state import GitLabState
from sandbox.worlds.model import User

NOT_ALLOWED = (
    "The resource that you are attempting to access does not exist or you don't have permission to perform this action"
)


@dataclass(slots=True)
class Context:
    state: GitLabState
    user: User
    score: int
    calls: Counter[str] = field(default_factory=Counter)

    @property
    def level(self) -> int:
        return self.state.levels.get(self.user.username, 0)


Fields = dict[str, Any]
Info = GraphQLResolveInfo[Context]


def gid(kind: str, number: int) -> str:
    return f"gid://gitlab/{kind}/{number}"


def connection(rows: Iterable[Fields], first: int | None) -> Fields:
    all_rows = list(rows)
    shown = all_rows[: min(first or 100, 100)]
    cursor = str(len(shown)) if shown else None
    return {"pageInfo": {"hasNextPage": len(all_rows) > len(shown), "endCursor": cursor}, "nodes": shown}


def user(state: GitLabState, username: str) -> Fields:
    user = state.users[username]
    return {
        "id": gid("User", user.id),
        "username": user.username,
        "name": user.name,
        "state": user.state,
        "webUrl": f"{state.url}/{user.username}",
        "bot": user.bot,
    }


def labels(state: GitLabState, names: Iterable[str]) -> Fields:
    return {"nodes": [{"id": gid("ProjectLabel", state.label(name).id), "title": name} for name in names]}
