"""The one note on an incident: found again, edited in place, and never somebody else's."""

from typing import Any, cast

import pytest

from bot.gitlab.client import GitLabClient
from bot.gitlab.incident import Incident
from bot.gitlab.paper_note import keep_note

INCIDENT = Incident("shop/web", 41, "", "")
KEY = "T-C-1.5"
OURS, SOMEBODY = 9, 7


class Notes:
    """A client of a GitLab that has notes and nothing else."""

    def __init__(self, *notes: tuple[str, int]) -> None:
        self.rows = [{"id": n, "body": body, "author": {"id": by}} for n, (body, by) in enumerate(notes, start=1)]
        self.written: list[str] = []

    async def list_all(self, _path: str, **_query: Any) -> list[dict[str, Any]]:
        return self.rows

    async def post(self, _path: str, body: dict[str, str]) -> None:
        self.written.append("post")
        self.rows.append({"id": len(self.rows) + 1, "body": body["body"], "author": {"id": OURS}})

    async def put(self, path: str, body: dict[str, str]) -> None:
        self.written.append(f"put {path.rpartition('/')[2]}")
        self.rows[int(path.rpartition("/")[2]) - 1]["body"] = body["body"]


@pytest.mark.parametrize(
    ("there", "written"),
    [
        ((), ["post"]),
        ([("<!-- backtrace:note:verdict:T-C-1.5 -->\nold", OURS)], ["put 1"]),
        ([("<!-- backtrace:note:verdict:T-C-1.5:45 -->\nof an earlier release", OURS)], ["put 1"]),
        (
            [
                ("<!-- backtrace:note:verdict:T-C-1.5:45 -->\n", OURS),
                ("<!-- backtrace:note:verdict:T-C-1.5:41 -->\n", OURS),
            ],
            ["put 2"],
        ),
        ([("<!-- backtrace:note:verdict:T-C-1.5 -->\ncopied", SOMEBODY)], ["post"]),
        ([("<!-- backtrace:note:verdict:T-C-1.55 -->\nanother's", OURS)], ["post"]),
        ([("said <!-- backtrace:note:verdict:T-C-1.5 -->", OURS)], ["post"]),
    ],
)
async def test_the_note_is_found_and_edited(there: Any, written: list[str]) -> None:
    """Those of earlier releases count, the newest first; a copied comment, and another incident's note, do not."""
    notes = Notes(*there)
    client = cast("GitLabClient", notes)

    assert await keep_note(client, INCIDENT, KEY, "new", OURS)
    assert not await keep_note(client, INCIDENT, KEY, "new", OURS)
    assert notes.written == written
