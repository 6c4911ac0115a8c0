"""The culprit set: real pairs of what was seen to fail and the change that did it, in two files of JSON lines."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CASES, CHANGES = "cases.jsonl.gz", "changes.jsonl.gz"
TRACKS = ("same_deploy", "innocent", "timeline")


class CasesError(ValueError):
    """The folder holds no culprit set that can be read; the message says which line, and what it lacks."""


@dataclass(frozen=True, slots=True)
class Case:
    """One alert with its lists of candidates, each a list of shas.

    ``label``: ``S`` an observable symptom, ``D`` a failure told in terms of what the change did, ``N`` no usable
    description; it is for reporting only. ``detected_at``: Unix seconds, the latest that it can have been seen.
    ``timeline`` is oldest first; in the other lists order says nothing.
    """

    id: str
    repo: str
    label: str
    symptom: str
    detected_at: int
    same_deploy: tuple[str, ...]
    innocent: tuple[str, ...]
    timeline: tuple[str, ...]
    culprit: str


@dataclass(frozen=True, slots=True)
class CulpritSet:
    """``changes``: the rows of the file by repository, then by sha."""

    cases: tuple[Case, ...]
    changes: Mapping[str, Mapping[str, Mapping[str, Any]]]

    @property
    def repositories(self) -> tuple[str, ...]:
        return tuple(sorted({case.repo for case in self.cases}))


def read_culprit_set(folder: Path) -> CulpritSet:
    """:raises CasesError: when a file is missing, cut off, or no rows of that form."""
    changes: dict[str, dict[str, Mapping[str, Any]]] = {}
    for number, row in _rows(folder / CHANGES):
        for field in ("sha", "repo", "title", "files"):
            if field not in row:
                raise CasesError(f"{CHANGES}, line {number}: a change needs {field!r}")
        changes.setdefault(str(row["repo"]), {})[str(row["sha"])] = row
    cases = tuple(_case(number, row, changes) for number, row in _rows(folder / CASES))
    if not cases:
        raise CasesError(f"{folder / CASES} has no case")
    return CulpritSet(cases, changes)


def _rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                row = json.loads(line)
                if not isinstance(row, dict):
                    raise CasesError(f"{path.name}, line {number}: not an object")
                yield number, row
    except FileNotFoundError as error:
        raise CasesError(f"{path} is missing: DIR has to hold {CASES} and {CHANGES}") from error
    except (OSError, EOFError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise CasesError(f"{path} can't be read: {error}") from error


def _case(number: int, row: Mapping[str, Any], changes: Mapping[str, Mapping[str, Any]]) -> Case:
    try:
        case = Case(
            id=str(row["id"]),
            repo=str(row["repo"]),
            label=str(row["label"]),
            symptom=str(row["symptom"]),
            detected_at=int(row["detected_at"]),
            same_deploy=tuple(row["same_deploy"]),
            innocent=tuple(row.get("innocent") or ()),
            timeline=tuple(row["timeline"]),
            culprit=str(row["culprit"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise CasesError(f"{CASES}, line {number}: a case needs {error}") from error
    known = changes.get(case.repo, {})
    unknown = [sha for sha in (*case.same_deploy, *case.innocent, *case.timeline) if sha not in known]
    if unknown:
        raise CasesError(f"{CASES}, line {number}: {CHANGES} has no change {unknown[0]} of {case.repo}")
    if case.culprit not in case.same_deploy:
        raise CasesError(f"{CASES}, line {number}: the culprit is not in same_deploy")
    return case
