"""Which files change a database's shape, by the paths that the common tools prescribe."""

from __future__ import annotations

import re

_FOLDERS = re.compile(r"(^|/)(migrations?|migrate|post_migrate)/", re.IGNORECASE)
_ALEMBIC = re.compile(r"(^|/)alembic/versions/[^/]+\.py$", re.IGNORECASE)
_FLYWAY = re.compile(r"(^|/)[VUR]\d[\d._]*__[^/]+\.(sql|java|kt)$")
_CODE = (
    ".py",
    ".rb",
    ".sql",
    ".php",
    ".js",
    ".ts",
    ".go",
    ".kt",
    ".java",
    ".ex",
    ".exs",
    ".cs",
    ".xml",
    ".yml",
    ".yaml",
)


def is_migration(path: str) -> bool:
    """Rails, Django, Alembic, Flyway, Ecto, Laravel and the plain ``migrations/`` folder; not their ``__init__``."""
    lower = path.lower()
    # Every file of every candidate is asked about, and hardly one has what all of the patterns below need.
    if not ("migrat" in lower or "alembic/" in lower or "__" in lower):
        return False
    if path.endswith("__init__.py") or "tests/" in lower or lower.startswith(("test/", "spec/")):
        return False
    if _ALEMBIC.search(path) or _FLYWAY.search(path):
        return True
    return bool(_FOLDERS.search(path)) and lower.endswith(_CODE)
