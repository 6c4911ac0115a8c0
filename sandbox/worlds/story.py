"""The language of the told worlds: issues, pushes, merge requests, tags and deployments, in the order of the days.

A story opens with ``alert HH:MM``, the clock at the moment of the alert. Every other time is ``DAY HH:MM``: day 0 is
the alert's, day -1 the one before. Then come blocks, each with its fields on the lines below::

    issue 1 Tighten session expiry
    by kim -4 10:05

    push -2 09:12 tomas Pin the Python image
    file Dockerfile
    -FROM python:3.12-slim
    +FROM python:3.12.7-slim

    merge 45 Tighten session expiry
    by vani -1 15:10
    merged 0 13:31 mara squash
    branch 1-tighten-session-expiry
    closes 1
    | Lines of the description.
    commit -1 15:02 Expire idle sessions
    file auth/session.py
    ...

    tag v1.5.0 -1 15:20

    deploy production 0 14:22 mara start=3 took=9 name=bad

``file`` lines are followed by a diff (patch.py); ``delete PATH`` and ``rename OLD NEW`` stand for themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from sandbox.worlds.patch import Edit, hunks_of

_BLOCKS = ("issue ", "push ", "merge ", "tag ", "deploy ")
_FILES = ("file ", "delete ", "rename ")
_TIME = re.compile(r"(-?\d+) (\d\d):(\d\d)(?: |$)(.*)")


@dataclass(frozen=True, slots=True)
class Commit:
    """``at`` counts from the alert: negative before it."""

    at: timedelta
    by: str
    message: str
    edits: tuple[Edit, ...]


@dataclass(frozen=True, slots=True)
class Issue:
    iid: int
    title: str
    by: str
    at: timedelta
    description: str
    labels: tuple[str, ...]
    confidential: bool


@dataclass(frozen=True, slots=True)
class Merge:
    """A merge request. ``squash`` puts its commits into one."""

    iid: int
    title: str
    by: str
    opened: timedelta
    merged: timedelta
    merged_by: str
    squash: bool
    branch: str
    description: str
    labels: tuple[str, ...]
    closes: tuple[int, ...]
    approved: tuple[str, ...]
    commits: tuple[Commit, ...]


@dataclass(frozen=True, slots=True)
class Deploy:
    """``options``: ``start`` and ``took`` in minutes, ``status``, ``played`` (who ran the job), ``retry``, ``name``,
    ``tool`` (which told GitLab of it, without any job)."""

    environment: str
    at: timedelta
    by: str
    options: dict[str, str]


@dataclass(frozen=True, slots=True)
class Tag:
    name: str
    at: timedelta


@dataclass(frozen=True, slots=True)
class Story:
    issues: tuple[Issue, ...]
    pushes: tuple[Commit, ...]
    merges: tuple[Merge, ...]
    deploys: tuple[Deploy, ...]
    tags: tuple[Tag, ...] = ()


def parse(text: str) -> Story:
    """:raises ValueError: for a line that is not of the language, with the block that it stands in."""
    head, *blocks = _cut(text.splitlines(), _BLOCKS)
    reader = _Reader(_alert_clock(head))
    issues, pushes, merges, deploys, tags = [], [], [], [], []
    for block in blocks:
        kind = block[0].split(" ", 1)[0]
        try:
            match kind:
                case "issue":
                    issues.append(reader.issue(block))
                case "push":
                    pushes.append(reader.push(block))
                case "merge":
                    merges.append(reader.merge(block))
                case "tag":
                    tags.append(reader.tag(block))
                case _:
                    deploys.append(reader.deploy(block))
        except (ValueError, KeyError) as error:
            raise ValueError(f"{block[0]}: {error}") from error
    return Story(tuple(issues), tuple(pushes), tuple(merges), tuple(deploys), tuple(tags))


def _cut(lines: list[str], starters: tuple[str, ...]) -> list[list[str]]:
    """The lines before the first starter, then one list for each starter."""
    parts: list[list[str]] = [[]]
    for line in lines:
        if line.startswith(starters):
            parts.append([])
        parts[-1].append(line)
    return parts


def _alert_clock(head: list[str]) -> timedelta:
    for line in head:
        if line.startswith("alert "):
            hours, minutes = line.removeprefix("alert ").split(":")
            return timedelta(hours=int(hours), minutes=int(minutes))
    raise ValueError("a story opens with: alert HH:MM")


class _Reader:
    def __init__(self, alert_clock: timedelta) -> None:
        self._alert_clock = alert_clock

    def time(self, text: str) -> tuple[timedelta, str]:
        """``-1 15:02 rest`` as the distance to the alert, and the rest."""
        found = _TIME.match(text)
        if found is None:
            raise ValueError(f"not a time (DAY HH:MM): {text!r}")
        days, hours, minutes, rest = found.groups()
        return timedelta(days=int(days), hours=int(hours), minutes=int(minutes)) - self._alert_clock, rest

    def issue(self, block: list[str]) -> Issue:
        iid, title = _numbered(block[0])
        fields, description = _fields(block[1:])
        by, when = fields["by"].split(" ", 1)
        confidential = "confidential" in fields
        return Issue(iid, title, by, self.time(when)[0], description, _words(fields.get("labels", "")), confidential)

    def push(self, block: list[str]) -> Commit:
        at, rest = self.time(block[0].removeprefix("push "))
        by, subject = rest.split(" ", 1)
        return _commit(at, by, subject, block[1:])

    def merge(self, block: list[str]) -> Merge:
        head, *commits = _cut(block, ("commit ",))
        iid, title = _numbered(head[0])
        fields, description = _fields(head[1:])
        by, opened = fields["by"].split(" ", 1)
        merged, merger = self.time(fields["merged"])
        merged_by, _, how = merger.partition(" ")
        return Merge(
            iid=iid,
            title=title,
            by=by,
            opened=self.time(opened)[0],
            merged=merged,
            merged_by=merged_by,
            squash=how == "squash",
            branch=fields["branch"],
            description=description,
            labels=_words(fields.get("labels", "")),
            closes=tuple(int(word) for word in _words(fields.get("closes", ""))),
            approved=_words(fields.get("approved", "")),
            commits=tuple(self._commit_of(commit, by) for commit in commits),
        )

    def _commit_of(self, block: list[str], by: str) -> Commit:
        at, subject = self.time(block[0].removeprefix("commit "))
        return _commit(at, by, subject, block[1:])

    def tag(self, block: list[str]) -> Tag:
        _, name, when = block[0].split(" ", 2)
        return Tag(name, self.time(when)[0])

    def deploy(self, block: list[str]) -> Deploy:
        environment, when = block[0].removeprefix("deploy ").split(" ", 1)
        at, rest = self.time(when)
        by, *options = rest.split()
        return Deploy(environment, at, by, dict(option.split("=", 1) for option in options))


def _commit(at: timedelta, by: str, subject: str, lines: list[str]) -> Commit:
    head, *files = _cut(lines, _FILES)
    body = _fields(head)[1]
    message = f"{subject}\n\n{body}\n" if body else f"{subject}\n"
    return Commit(at, by, message, tuple(_edit(block) for block in files))


def _edit(block: list[str]) -> Edit:
    kind, path, *more = block[0].split()
    hunks = hunks_of(block[1:])
    if kind == "rename":
        return Edit(more[0], hunks, renamed_from=path)
    return Edit(path, hunks, deleted=kind == "delete")


def _numbered(line: str) -> tuple[int, str]:
    _, iid, title = line.split(" ", 2)
    return int(iid), title


def _fields(lines: list[str]) -> tuple[dict[str, str], str]:
    """``key value`` lines by key, and the ``| text`` lines as one text."""
    fields = dict(_pair(line) for line in lines if line and not line.startswith("|"))
    return fields, "\n".join(_text(lines))


def _pair(line: str) -> tuple[str, str]:
    key, _, value = line.partition(" ")
    return key, value


def _text(lines: list[str]) -> Iterator[str]:
    return (line[1:].removeprefix(" ") for line in lines if line.startswith("|"))


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.replace(",", " ").split())
