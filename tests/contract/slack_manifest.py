"""The Slack app's manifest against Slack's own schema, in both forms."""

from __future__ import annotations

from collections.abc import Iterator

from jsonschema.validators import validator_for

from bot.slack.manifest import manifest
from tests.contract.reference import MANIFEST_SCHEMA, read


def manifest_mismatches() -> Iterator[str]:
    schema = read(MANIFEST_SCHEMA)
    validator = validator_for(schema)(schema)
    forms = {
        "http": manifest(socket=False, url="https://backtrace.example.com"),
        "socket": manifest(socket=True, url=None),
    }
    for name, form in forms.items():
        for error in validator.iter_errors(form):
            yield f"manifest ({name}): {list(error.absolute_path)}: {error.message[:200]}"
