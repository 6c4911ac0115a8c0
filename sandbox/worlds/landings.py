"""The first-parent history of a git repository, read as what people merged and pushed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, NamedTuple

import pygit2
from pygit2.enums import SortMode

MOST = 300
"""So many commits of the first-parent line are read, the newest: enough for any window, quick on any repository."""

_NUMBER_LAST = re.compile(r"\s*\([#!](\d{1,9})\)\s*$")
_NUMBER_INSIDE = re.compile(r"(?:^|\s)!(\d{1,9})\b")
_GITLAB_MERGE = re.compile(r"^Merge branch '([^']+)'")
_GITLAB_NUMBER = re.compile(r"^See merge request \S*!(\d{1,9})\s*$", re.MULTILINE)
_GITHUB_MERGE = re.compile(r"^Merge pull request #(\d{1,9}) from (\S+)")
_GITHUB_ITSELF = "noreply@github.com"


class Person(NamedTuple):
    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Landing:
    """One step of the main line. ``number`` is what its message calls it.

    ``head`` is the newest commit of the merged branch; for squashes and pushes the commit itself.
    """

    kind: Literal["merge", "squash", "push"]
    sha: str
    head: str
    said: Said
    author: Person
    merger: Person
    opened: datetime
    at: datetime


class Said(NamedTuple):
    """What a commit's message tells."""

    title: str
    description: str = ""
    number: int | None = None
    branch: str = ""


def read_landings(repository: pygit2.Repository, newest: str, before: datetime | None) -> list[Landing]:
    """The newest ``MOST`` steps up to ``before`` (committer's date), oldest first."""
    found: list[Landing] = []
    walker = repository.walk(pygit2.Oid(hex=newest), SortMode.TOPOLOGICAL)
    walker.simplify_first_parent()
    for commit in walker:
        too_new = before is not None and not found and when(commit.committer) > before
        if not too_new:
            found.append(_landing(repository, commit))
        if len(found) == MOST:
            break
    return found[::-1]


def when(signature: pygit2.Signature) -> datetime:
    return datetime.fromtimestamp(signature.time, UTC)


def _landing(repository: pygit2.Repository, commit: pygit2.Commit) -> Landing:
    subject, _, rest = _text(commit.raw_message).strip().partition("\n")
    if len(commit.parent_ids) > 1:
        head = repository[commit.parent_ids[1]].peel(pygit2.Commit)
        return _step("merge", commit, head, merge_said(subject, rest.strip(), _text(head.raw_message)))
    said = squash_said(subject, rest.strip())
    return _step("push" if said.number is None else "squash", commit, commit, said)


def squash_said(subject: str, rest: str) -> Said:
    """``Title (#12)``, ``Title (!12)``, ``Title !12``; without a number it was pushed."""
    number = _NUMBER_LAST.search(subject) or _NUMBER_INSIDE.search(subject)
    title = _NUMBER_LAST.sub("", subject).strip() or subject
    return Said(title, rest, int(number[1]) if number else None)


def merge_said(subject: str, rest: str, head_message: str) -> Said:
    """GitLab's and GitHub's merge messages; of others the subject. A title that lacks is the last commit's subject."""
    first, _, more = rest.partition("\n")
    github = _GITHUB_MERGE.match(subject)
    if github:
        branch = github[2].partition("/")[2] or github[2]
        return Said(first or branch, more.strip(), int(github[1]), branch)
    gitlab = _GITLAB_MERGE.match(subject)
    number = _GITLAB_NUMBER.search(rest)
    found = int(number[1]) if number else None
    if gitlab is None:
        return Said(subject, rest, found)
    title = "" if _GITLAB_NUMBER.match(first) else first
    return Said(
        title or head_message.strip().partition("\n")[0], _GITLAB_NUMBER.sub("", more).strip(), found, gitlab[1]
    )


def _step(kind: Literal["merge", "squash", "push"], commit: pygit2.Commit, head: pygit2.Commit, said: Said) -> Landing:
    merger = commit.author if _person(commit.committer).email == _GITHUB_ITSELF else commit.committer
    at = when(commit.committer)
    return Landing(
        kind=kind,
        sha=str(commit.id),
        head=str(head.id),
        said=said,
        author=_person(head.author),
        merger=_person(merger),
        opened=min(when(head.author), at),
        at=at,
    )


def _person(signature: pygit2.Signature) -> Person:
    return Person(_text(signature.raw_name).strip() or "unknown", _text(signature.raw_email).strip().lower())


def _text(raw: bytes) -> str:
    # Old histories are not all UTF-8.
    return raw.decode("utf-8", "replace")
