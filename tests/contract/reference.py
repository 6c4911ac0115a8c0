"""The reference that the embedded parties are held against: it stands beside the repository, not in it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft7Validator
from openapi_core import OpenAPI
from referencing import Registry, Resource

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "reference"
GITLAB = FOLDER / "gitlab"
GOLDEN = GITLAB / "samples" / "golden"
MANIFEST_SCHEMA = FOLDER / "slack" / "manifest-schema" / "manifest.schema.2.0.0.json"
ROOT = "/api/v4"


class ReferenceMissingError(Exception):
    """The folder is not there; without it nothing can be checked."""


def present() -> bool:
    return (GITLAB / "openapi").is_dir()


def read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True)
class Operation:
    """``template`` is the path in the specification, ``parameters`` the names of those in the query."""

    method: str
    template: str
    parameters: frozenset[str]

    def __str__(self) -> str:
        return f"{self.method} {self.template}"


class Specification:
    """GitLab's REST API as the OpenAPI subset tells it, and the strict schemas of what it answers."""

    def __init__(self) -> None:
        if not present():
            raise ReferenceMissingError(
                f"{GITLAB} is not there. The contract is checked against the reference folder beside the repository; "
                "without it nothing was checked."
            )
        document = read(GITLAB / "openapi" / "gitlab-subset.openapi3.json")
        _correct(document)
        self.openapi = OpenAPI.from_dict(document)
        self._operations = [
            (re.compile(re.sub(r"\{[^}]+\}", "[^/]+", ROOT + template)), _operation(method, template, said))
            for template, methods in document["paths"].items()
            for method, said in methods.items()
            if method in {"get", "post", "put", "delete"}
        ]

    def operation(self, method: str, path: str) -> Operation | None:
        """The operation of a raw path; of several the one with the fewest placeholders (``/members/all``)."""
        fitting = [
            operation
            for pattern, operation in self._operations
            if operation.method == method and pattern.fullmatch(path)
        ]
        return min(fitting, key=lambda operation: operation.template.count("{"), default=None)

    def strict(self, name: str) -> Draft7Validator:
        """The validator of ``schemas/v4/<name>.json``."""
        return _validator(name)


def _correct(document: dict[str, Any]) -> None:
    # The subset keeps from its source that a token's expires_at is a date-time; every sample of the docs has a date.
    token = document["components"]["schemas"]["API_Entities_PersonalAccessToken"]
    token["properties"]["expires_at"]["format"] = "date"


def _operation(method: str, template: str, said: dict[str, Any]) -> Operation:
    names = frozenset(given["name"] for given in said.get("parameters", ()) if given.get("in") == "query")
    return Operation(method.upper(), template, names)


@cache
def _validator(name: str) -> Draft7Validator:
    folder = GITLAB / "schemas" / "v4"

    def retrieve(uri: str) -> Resource[Any]:
        path = Path(uri.removeprefix("file://"))
        return Resource.from_contents({"$id": uri, **read(path)})

    uri = (folder / f"{name}.json").as_uri()
    registry: Registry[Any] = Registry(retrieve=retrieve)
    return Draft7Validator({"$ref": uri}, registry=registry)
