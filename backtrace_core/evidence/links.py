"""Pages where a sentence about a change can be checked."""

from __future__ import annotations

import hashlib

from backtrace_core.model import Change, ChangeKind, FileDiff


def file_url(change: Change, path: str) -> str:
    """The change's page, at that file. GitLab's anchor of a file in a diff is the SHA-1 of its path."""
    anchor = hashlib.sha1(path.encode(errors="replace"), usedforsecurity=False).hexdigest()
    page = f"{change.url}/diffs" if change.kind is ChangeKind.MERGE_REQUEST else change.url
    return f"{page}#{anchor}"


def line_url(change: Change, file: FileDiff, line: int) -> str:
    """The same at a line of a new file, whose old line is 0. Of a changed one nobody knows the old line here."""
    page = file_url(change, file.path)
    return f"{page}_0_{line}" if line and file.new_file else page
