"""What the benches found, kept as JSON beside them: one object a bench."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

RESULTS = Path(__file__).with_name("results.json")


def keep(bench: str, found: Mapping[str, float | int | None]) -> None:
    """Write one bench's figures; those of the others stay."""
    known = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    RESULTS.write_text(json.dumps({**known, bench: dict(found)}, indent=2) + "\n", encoding="utf-8")
