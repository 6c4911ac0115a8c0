"""Which versions git is to be asked about: those that the alert says, and what was live as the trouble began."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from backtrace_core.alerts.versions import versions_of
from backtrace_core.history import here, live_within
from backtrace_core.model import Alert, Change, Deployment, Harvest, Version

_SHA = re.compile(r"(?<![0-9a-z])g?([0-9a-f]{7,40})(?![0-9a-z])")
_NUMBERED = re.compile(r"^(?:(.*?)[@:/_-])?v?(\d[\w.-]*)$")
_BUILD = re.compile(r"\+.*$")
_NOBODYS = frozenset(("", "release", "releases", "rel", "version", "tags"))
"""What stands before a version's number and names no part of the system."""


def versions_to_ask(alert: Alert, harvest: Harvest) -> tuple[Version, ...]:
    """Those that the alert says, as far as they are known here, and those that were live while the trouble began.

    ``harvest`` is of one place. Nothing is said yet of what is in them.
    """
    rows, onset = here(harvest), harvest.scope.onset
    found: dict[str, Version] = {}
    for said in versions_of(alert):
        sha = _sha_of(said, rows, harvest.changes)
        if sha is not None:
            found.setdefault(sha, Version(sha, said, _page(sha, rows, harvest.changes)))
    for row in live_within(rows, onset.earliest, onset.latest):
        found.setdefault(row.sha, Version(row.sha, "", row.url))
    return tuple(found.values())


def _sha_of(said: str, rows: Iterable[Deployment], changes: Iterable[Change]) -> str | None:
    """The one commit that is meant: by its sha, else by the tag that was deployed; None where none is, or several."""
    for written in _SHA.findall(said.lower()):
        own = {row.sha for row in rows if row.sha.startswith(written)}
        known = own or {sha for change in changes for sha in change.shas if sha.startswith(written)}
        if known:
            return known.pop() if len(known) == 1 else None
    tagged = {row.sha for row in rows if is_same_version(said, row.ref)}
    return tagged.pop() if len(tagged) == 1 else None


def is_same_version(said: str, ref: str) -> bool:
    """``shop@1.4.2``, ``shop-v1.4.2``, ``registry/shop:1.4.2`` and ``v1.4.2`` are one; those of another name are not.

    A branch, which is deployed again and again, is no version.
    """
    ours, theirs = _numbered(said), _numbered(ref)
    if ours is None or theirs is None or ours[1] != theirs[1]:
        return False
    return ours[0] == theirs[0] or not _NOBODYS.isdisjoint((ours[0], theirs[0]))


# Each version is compared with each deployment, and most of those are of few refs.
@lru_cache(maxsize=1024)
def _numbered(text: str) -> tuple[str, str] | None:
    """The name before a version's number, without its folders, and the number, without its build."""
    found = _NUMBERED.match(_BUILD.sub("", text.lower()))
    return ((found[1] or "").rpartition("/")[2], found[2]) if found is not None else None


def _page(sha: str, rows: Iterable[Deployment], changes: Iterable[Change]) -> str:
    deployed = next((row.url for row in rows if row.sha == sha), None)
    return deployed or next((change.url for change in changes if sha in change.shas), "")
