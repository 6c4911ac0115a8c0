"""The one note that Backtrace keeps on an incident: found by its hidden comment, and edited in place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.gitlab.client import GitLabClient
from bot.gitlab.incident import MOST_NOTES, Incident
from bot.gitlab.note import hidden
from bot.gitlab.paths import in_project

_ENDS = (" -->", ":")
"""Behind the key. Earlier releases left a note a verdict, with the named changes behind a colon."""


async def keep_note(client: GitLabClient, incident: Incident, key: str, body: str, own_id: int | None) -> bool:
    """Leave the note of that key, or edit the one that stands. Returns whether something was written.

    Of several, which earlier releases left, the newest is edited. A note that somebody else wrote is never ours,
    whatever comment it has; where ``own_id`` is not known the comment has to do.

    :raises OutcomeUnknown: it may have been written: the next call finds it.
    """
    mark = hidden(f"note:verdict:{key}")
    path = in_project(incident.project, "issues", incident.iid, "notes")
    found = [note for note in await client.list_all(path, limit=MOST_NOTES) if _is_ours(note, mark, own_id)]
    text = f"{mark}\n{body}"
    if not found:
        await client.post(path, {"body": text})
        return True
    newest = max(found, key=lambda note: int(note["id"]))
    # GitLab gives a text back without the white space at its end.
    if str(newest.get("body") or "").strip() == text.strip():
        return False
    await client.put(f"{path}/{int(newest['id'])}", {"body": text})
    return True


def _is_ours(note: Mapping[str, Any], mark: str, own_id: int | None) -> bool:
    author = note.get("author")
    wrote = author.get("id") if isinstance(author, Mapping) else None
    begins = mark.removesuffix(_ENDS[0])
    body = str(note.get("body") or "")
    ours = any(body.startswith(f"{begins}{end}") for end in _ENDS)
    return ours and (own_id is None or wrote == own_id)
