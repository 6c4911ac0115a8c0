"""People in GitLab: exact names, roles, who is a bot."""

from typing import Any

import pytest

from bot.gitlab.client import GitLabClient, GitLabRefused
from bot.gitlab.people import access_level, find_user
from bot.gitlab.shapes import person_of
from tests.bot.gitlab.fake import FakeGitLab, Reply

VANI = {
    "id": 4,
    "username": "Vani",
    "name": "Vani Rao",
    "state": "active",
    "web_url": "https://gitlab.example.com/vani",
}


@pytest.mark.parametrize(("rows", "found"), [([VANI], 4), ([], None), ([{**VANI, "username": "vani2"}], None)])
async def test_a_user_is_found_by_the_exact_name(
    fake: FakeGitLab, client: GitLabClient, rows: list[dict[str, Any]], found: int | None
):
    """Case does not matter to GitLab; a similar name is somebody else."""
    fake.on("GET", "/users", rows)

    person = await find_user(client, "vani")
    assert (person and person.id) == found
    assert fake.seen[0].query["username"] == "vani"


async def test_no_member_is_no_error(fake: FakeGitLab, client: GitLabClient):
    """404 says that the person is no member; 403 says nothing and is an error."""
    path = "/projects/shop%2Fweb/members/all/4"
    fake.on("GET", path, Reply({"message": "404 Not found"}, 404), Reply({"message": "403 Forbidden"}, 403))

    assert await access_level(client, "shop/web", 4) is None
    with pytest.raises(GitLabRefused):
        await access_level(client, "shop/web", 4)


@pytest.mark.parametrize(
    ("username", "row", "bot"),
    [
        ("project_21_bot_4ffca233d8298ea1", {}, True),
        ("group_9_bot_1", {}, True),
        ("renovate", {"bot": True}, True),
        ("renovate-bot", {}, True),
        ("renovate", {}, True),
        ("service_account_group_9_4ffca2", {}, True),
        ("vani", {}, False),
        ("abbot", {}, False),
        ("projectlead", {}, False),
    ],
)
def test_bots_are_known_by_their_names(username: str, row: dict[str, Any], bot: bool):  # noqa: FBT001 - a column
    """The basic user has no ``bot`` field."""
    person = person_of({**VANI, "username": username, **row})

    assert person is not None
    assert person.bot is bot
