"""GitLab's diff entities become FileDiffs with Hunks; ``unidiff`` reads the text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import StringIO
from typing import Any

from unidiff.errors import UnidiffParseError
from unidiff.patch import Hunk as ParsedHunk
from unidiff.patch import PatchSet

from backtrace_core.evidence.file_kinds import is_product_code
from backtrace_core.model import FileDiff, Hunk
from backtrace_core.words import is_file

LONGEST_DIFF = 200_000
"""Characters of one file's diff that are read. GitLab.com's own limit of a patch is 200 KB; instances may raise it."""


def files_of(rows: Sequence[Mapping[str, Any]]) -> tuple[FileDiff, ...]:
    """The rows of ``/diffs``, of compare, or of a commit's diff."""
    return tuple(_file_of(row) for row in rows)


def _file_of(row: Mapping[str, Any]) -> FileDiff:
    text = str(row.get("diff") or "")
    hunks = hunks_of(text)
    # `collapsed` and `too_large` are younger than 17.10. An empty text without them is a binary file, or nothing of the
    # content changed.
    withheld = bool(row.get("collapsed") or row.get("too_large"))
    content_stayed = not text and _has_no_content_to_show(row)
    return FileDiff(
        path=str(row["new_path"]),
        old_path=str(row.get("old_path") or row["new_path"]),
        hunks=hunks,
        new_file=bool(row.get("new_file")),
        deleted_file=bool(row.get("deleted_file")),
        renamed_file=bool(row.get("renamed_file")),
        generated=bool(row.get("generated_file")),
        text_missing=withheld or (not hunks and not content_stayed),
    )


def _has_no_content_to_show(row: Mapping[str, Any]) -> bool:
    """Moved, made executable, or an empty file of code came or went; of other names that is a binary one."""
    if row.get("new_file") or row.get("deleted_file"):
        return is_file(str(row["new_path"]))
    return bool(row.get("renamed_file") or row.get("a_mode") != row.get("b_mode"))


def withheld(rows: Sequence[Mapping[str, Any]]) -> int:
    """How many files' text GitLab has and does not give, or is longer than is read; what tools wrote is not missed."""
    return sum(1 for row in rows if _is_withheld(row) and is_product_code(_file_of({**row, "diff": ""})))


def _is_withheld(row: Mapping[str, Any]) -> bool:
    return bool(row.get("collapsed") or row.get("too_large")) or len(str(row.get("diff") or "")) > LONGEST_DIFF


def hunks_of(text: str) -> tuple[Hunk, ...]:
    """The hunks of one file; none where the text is too long, cut off, or no diff."""
    if not text or len(text) > LONGEST_DIFF:
        return ()
    # GitLab leaves the file's headers out, which unidiff needs. With `unidiff=true` they would stand there.
    headed = text if text.startswith("--- ") else f"--- a/file\n+++ b/file\n{text}"
    try:
        # newline="\n": a carriage return inside a line must not split it.
        parsed = PatchSet(StringIO(headed, newline="\n"))
    except UnidiffParseError:
        return ()
    return tuple(_hunk_of(hunk) for file in parsed for hunk in file)


def _hunk_of(hunk: ParsedHunk) -> Hunk:
    return Hunk(
        old_start=hunk.source_start,
        old_count=hunk.source_length,
        new_start=hunk.target_start,
        new_count=hunk.target_length,
        heading=hunk.section_header,
        added=tuple((line.target_line_no or 0, line.value.rstrip("\r\n")) for line in hunk if line.is_added),
        removed=tuple((line.source_line_no or 0, line.value.rstrip("\r\n")) for line in hunk if line.is_removed),
    )
