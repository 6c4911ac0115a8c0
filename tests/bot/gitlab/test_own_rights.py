"""What a person's own token tells of their right: what can be seen refuses, the rest is GitLab's to say."""

from typing import Any

import pytest

from bot.gitlab.client import GitLabClient, GitLabError
from bot.permissions import Permission, Unprotected, may_roll_back, may_roll_back_oneself
from tests.bot.gitlab.fake import FakeGitLab, Reply
from tests.bot.gitlab.test_permissions import FORBIDDEN, NOT_FOUND, VANI, P, branch, environment, plan

PLACE = ("shop/web", "production", "main")
HERSELF = Permission(allowed=True, why="", username="vani")


def as_vani(fake: FakeGitLab, *, level: int = 30) -> None:
    """The token is Vani's own: a Developer is shown no list of protected environments."""
    plan(fake, level=level)
    fake.on("GET", "/user", VANI)
    fake.on("GET", f"{P}/protected_environments", FORBIDDEN if level < 40 else NOT_FOUND)


@pytest.mark.parametrize(
    ("path", "reply"),
    [
        (f"{P}/protected_environments", FORBIDDEN),
        (f"{P}/protected_environments", NOT_FOUND),
        (f"{P}/protected_branches", FORBIDDEN),
        (f"{P}/members/all/4", FORBIDDEN),
        # She may be in the group by a way that is not shown to her.
        (f"{P}/protected_environments", environment({"group_id": 9})),
        (f"{P}/protected_branches", [branch("main", [{"group_id": 9}], [])]),
        (f"{P}/protected_environments", environment({"access_level": 30})),
        (f"{P}/protected_environments", environment({"access_level": 40, "user_id": 4})),
    ],
)
async def test_what_can_not_be_seen_does_not_refuse(
    fake: FakeGitLab, client: GitLabClient, path: str, reply: Any
) -> None:
    """Nor does what lets her through."""
    as_vani(fake)
    fake.on("GET", "/groups/9/members/4", NOT_FOUND)
    fake.on("GET", path, reply)

    assert await may_roll_back_oneself(client, PLACE) == HERSELF


@pytest.mark.parametrize(
    ("path", "reply", "why"),
    [
        ("/user", {**VANI, "state": "blocked"}, "is blocked"),
        (f"{P}/members/all/4", NOT_FOUND, "at least the role Developer"),
        (f"{P}/members/all/4", {"id": 4, "access_level": 20}, "at least the role Developer"),
        (f"{P}/protected_environments", environment({"access_level": 40}), "not among those who may deploy"),
        (f"{P}/protected_branches", [branch("main", [{"access_level": 40}], [])], "may not push or merge"),
    ],
)
async def test_what_can_be_seen_refuses(
    fake: FakeGitLab, client: GitLabClient, path: str, reply: Any, why: str
) -> None:
    """Before anybody presses."""
    as_vani(fake)
    fake.on("GET", path, reply)

    answer = await may_roll_back_oneself(client, PLACE)
    assert not answer.allowed
    assert why in answer.why
    assert answer.username == "vani"


@pytest.mark.parametrize("reply", [Reply(b"", 502), Reply({"message": "401 Unauthorized"}, 401)])
async def test_a_gitlab_that_can_not_be_asked_is_an_error(fake: FakeGitLab, client: GitLabClient, reply: Reply) -> None:
    """It is no answer; and a token that is not accepted is somebody else's business."""
    as_vani(fake)
    fake.on("GET", f"{P}/members/all/4", reply)

    with pytest.raises(GitLabError):
        await may_roll_back_oneself(client, PLACE)


@pytest.mark.parametrize(
    ("path", "unprotected"),
    [
        (f"{P}/protected_environments", Unprotected(environments=True)),
        (f"{P}/protected_branches", Unprotected(refs=True)),
    ],
)
async def test_an_administrators_none_is_for_what_can_not_be_read(
    fake: FakeGitLab, client: GitLabClient, path: str, unprotected: Unprotected
) -> None:
    """With the bot's token: each setting for its own list; a rule that is read counts all the same."""
    plan(fake)
    fake.on("GET", path, FORBIDDEN)
    assert not (await may_roll_back(client, "vani", PLACE)).allowed
    assert (await may_roll_back(client, "vani", PLACE, unprotected)).allowed

    rules = environment({"access_level": 40}) if "environments" in path else [branch("main", [], [])]
    fake.on("GET", path, rules)
    assert not (await may_roll_back(client, "vani", PLACE, unprotected)).allowed
