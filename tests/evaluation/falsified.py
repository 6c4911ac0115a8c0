"""True facts made false, one printed element at a time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from evaluation.checker import CLAIMS, readings
from evaluation.derivations.given import Claim, Given

OTHERWISE = {
    "teller": ("the alert", "the question", "The alert", "The question"),
    "when": ("before the alert", "before it began", "before the question", "after the time that was given"),
    "at": ("when the alert fired", "when it began", "when it was asked"),
    "did": (
        "failed", "was cancelled", "Was changed", "Ran", "Renames", "Changes", "Deletes", "Moves", "Takes", "Puts",
        "It closes", "It mentions", "closes", "mentions",
    ),
    "field": ("title", "name", "description"),
    "how": ("letter by letter as", "but for capitals as"),
    "inside": ("inside", "right beside"),
    "older": ("in a line that is older", "though another change wrote that line"),
    "does": ("drops, renames or constrains", "has"),
    "symptom": ("memory", "latency", "disk space", "sign-in"),
    "sender": ("Sentry", "The sender of the alert"),
    "what": (
        "that package raised the error", "the stack trace passes that package", "tests", "documents",
        "tests and documents", "the error is one as a new major version brings", "comments and layout",
        "names inside of a function", "what is logged", "functions that the stack trace does not pass",
    ),
    "then": ("what is logged", "names inside of a function"),
    "where": ("out of", "into"),
    "near": ("inside the lines that it changes", "right beside the lines that it changes"),
    "label": ("!1", "!99"),
    "version": ("0badc0de", "9.9.9"),
    "beside": ("0badc0de",),
    "instead": ("0badc0de",),
    "commit": ("0badc0de",),
}  # fmt: skip
WEAKER = {"but for capitals as", "has", "the stack trace passes that package"}
"""True too where the stronger one is."""


def false_variants(given: Given) -> Iterator[Given]:
    """The fact with each of its elements falsified in turn, but for those that may say the same in another way."""
    for each in CLAIMS[given.fact.rule]:
        for name in each.form.groupindex.keys() - {"field", "what"}:
            yield from with_false_element(given, each, name)


def with_false_element(given: Given, claim: Claim, name: str) -> Iterator[Given]:
    """Where its sentence has that form and that element: with other values of it, as long as it can be read."""
    says, match = given.fact.says, claim.form.fullmatch(given.fact.says)
    if match is None or match[name] is None:
        return
    for value in _falsified(name, match[name]):
        false = saying(given, f"{says[: match.start(name)]}{value}{says[match.end(name) :]}")
        if false.fact.says != says and any(True for _ in readings(false.fact)):
            yield false


def saying(given: Given, says: str) -> Given:
    return replace(given, fact=replace(given.fact, says=says))


def _falsified(name: str, value: str) -> Iterator[str]:
    """Other values of a printed element."""
    if name in OTHERWISE:
        yield from (each for each in OTHERWISE[name] if each not in WEAKER)
    elif name == "span" and not re.search(r"\d", value):
        yield from ("1 min", "2 days")
    elif re.fullmatch(r"[\d.]+|[\d hmindays]+", value):
        for by in (1, -1, 10):
            yield re.sub(r"\d+", lambda found, by=by: str(int(found[0]) + by), value, count=1)
        yield re.sub(r"\d+(?=\D*$)", lambda found: str(int(found[0]) + 1), value)
    elif name in ("words", "also"):
        yield re.sub(r'"[^"]+"', '"zebrafinch"', value, count=1)
        yield re.sub(r'"[^"]+"$', '"zebrafinch"', value)
    yield from ("zebrafinch", "garage/door.go", f"{value}s" if name in ("path", "file") else f"{value[1:]}zz")
