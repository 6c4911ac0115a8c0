"""A small culprit set, made up: three repositories whose culprits have the symptom's words."""

from __future__ import annotations

import gzip
import hashlib
import json
from pathlib import Path
from typing import Any

PARTS = ("cart", "search", "mail", "stock", "invoice", "wishlist", "review", "login", "export", "avatar")


def change(repo: str, number: int) -> dict[str, Any]:
    part = PARTS[number % len(PARTS)]
    file = {
        "path": f"{part}/rows_{number}.py",
        "status": "M",
        "added": 3,
        "removed": 1,
        "identifiers": [part, f"{part}_{number}"],
        "hunks": [{"old_start": 1, "old_lines": 2, "new_start": 1, "new_lines": 4, "section": f"def {part}"}],
    }
    return {
        "sha": hashlib.sha1(f"{repo}{number}".encode(), usedforsecurity=False).hexdigest(),
        "repo": repo,
        "title": f"Sort the {part} by number {number}",
        "description": f"The {part} come in order now.",
        "author": "x",
        "merged_at": 1_500_000_000 + 3600 * number,
        "files": [file],
    }


def case(repo: str, number: int) -> dict[str, Any]:
    shas = [change(repo, each)["sha"] for each in range(40)]
    culprit = 20 + number
    return {
        "id": f"{repo}-{number}",
        "repo": repo,
        "label": "N" if number == 4 else "S" if number % 2 else "D",
        "symptom": f"{PARTS[culprit % len(PARTS)]} page fails since {PARTS[culprit % len(PARTS)]}_{culprit} is gone",
        "detected_at": 1_600_000_000,
        "same_deploy": shas[20:30],
        "innocent": shas[:10],
        "timeline": shas[10:30],
        "culprit": shas[culprit],
    }


def write(folder: Path, *, shuffle: bool = False, later: int = 0) -> Path:
    """``shuffle``: the lists and the files the other way round. ``later``: all times moved by so many seconds."""
    cases = [case(repo, number) for repo in ("a", "b", "c") for number in range(6)]
    changes = [change(repo, number) for repo in ("a", "b", "c") for number in range(40)]
    for row in changes:
        row["merged_at"] += later
    for row in cases:
        row["detected_at"] += later
        if shuffle:
            row["same_deploy"] = row["same_deploy"][::-1]
            row["innocent"] = row["innocent"][::-1]
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in (("cases", cases), ("changes", changes[::-1] if shuffle else changes)):
        with gzip.open(folder / f"{name}.jsonl.gz", "wt", encoding="utf-8") as out:
            out.writelines(f"{json.dumps(row)}\n" for row in rows)
    return folder
