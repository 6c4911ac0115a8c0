"""Pages where a sentence about a change can be checked."""

from __future__ import annotations

import hashlib

from backtrace_core.model import Change, ChangeKind


def file_url(change: Change, path: str) -> str:
    """The change's page, at that file. GitLab's anchor of a file in a diff is the SHA-1 of its path."""
    anchor = hashlib.sha1(path.encode(errors="replace"), usedforsecurity=False).hexdigest()
    page = f"{change.url}/diffs" if change.kind is ChangeKind.MERGE_REQUEST else change.url
    return f"{page}#{anchor}"
