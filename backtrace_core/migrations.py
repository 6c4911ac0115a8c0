"""Which files change a database's shape, by the paths that the common tools prescribe."""

from __future__ import annotations

import re
from functools import lru_cache

from backtrace_core import at_hand

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


# The same paths are asked about for each kind of trouble, and again at the next alert.
@lru_cache(maxsize=at_hand.PATHS)
def is_migration(path: str) -> bool:
    """Rails, Django, Alembic, Flyway, Ecto, Laravel and the plain ``migrations/`` folder; not their ``__init__``."""
    if path.endswith("__init__.py") or "tests/" in path.lower() or path.lower().startswith(("test/", "spec/")):
        return False
    if _ALEMBIC.search(path) or _FLYWAY.search(path):
        return True
    return bool(_FOLDERS.search(path)) and path.lower().endswith(_CODE)
