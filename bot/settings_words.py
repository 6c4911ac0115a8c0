"""What is wrong with a settings file, in words: which key, what stands there, what to write instead."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

EXAMPLE = "backtrace.example.toml"
LONGEST_VALUE = 60
TEXT, LIST = '"…"', '["…"]'

_TABLES = {"service": "[[service]]", "library": "[[library]]", "gitlab": "[gitlab]", "slack": "[slack]"}
_FIRST = {
    "url": '"https://gitlab.example.com"',
    "channels": '["C0123456789"]',
    "name": '"web"',
    "package": '"linden-auth"',
    "project": '"shop/web"',
    "tag": '"v{version}"',
}
"""What to write, by the keys that have to be there or to have a form."""


def sentences(path: Path, error: ValidationError) -> tuple[str, ...]:
    """All that is wrong, a sentence each, for who wrote the file."""
    problems = error.errors()
    deep = {problem["loc"][:depth] for problem in problems for depth in range(1, len(problem["loc"]))}
    # Of a list whose entries are wrong pydantic also says that it is too short.
    return tuple(_sentence(path, problem) for problem in problems if problem["loc"] not in deep)


def _sentence(path: Path, problem: Any) -> str:
    where, key = _where(problem["loc"]), _key(problem["loc"])
    says = _SAYS.get(problem["type"], _unknown)(key, problem)
    return f"{path}: {where}{says}"


def _where(loc: tuple[Any, ...]) -> str:
    """``gitlab.url``; ``service no. 2, name`` of the second table of that name; ``entry no. 1`` of a list."""
    said, parts = "", [part for part in loc if part != "[key]"]
    for nth, part in enumerate(parts):
        if isinstance(part, int):
            is_table = nth == 1 and parts[0] in ("service", "library")
            said += f" no. {part + 1}" if is_table else f", entry no. {part + 1}"
        elif nth and isinstance(parts[nth - 1], int):
            said += f", {part}"
        else:
            said += f".{part}" if said else str(part)
    return said


def _key(loc: tuple[Any, ...]) -> str:
    return next((part for part in reversed(loc) if isinstance(part, str) and part != "[key]"), "")


def _write(key: str, otherwise: str) -> str:
    return f"set {key} = {_FIRST.get(key, otherwise)}"


def _value(problem: Any) -> str:
    given = problem.get("input")
    text = json.dumps(given, ensure_ascii=False, default=str)
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…"


def _missing(key: str, problem: Any) -> str:
    if len(problem["loc"]) == 1:
        return f" is missing. Add a table {_TABLES.get(key, f'[{key}]')}, as in {EXAMPLE}."
    return f" is missing. Please {_write(key, '…')} there."


def _unknown_key(_key: str, _problem: Any) -> str:
    return f" is not a setting. See {EXAMPLE} for those that there are."


def _own(_key: str, problem: Any) -> str:
    return f": {problem['msg'].removeprefix('Value error, ')}."


def _text(key: str, problem: Any) -> str:
    return f" is {_value(problem)}, and must be text in quotes: {_write(key, TEXT)}."


def _list(key: str, problem: Any) -> str:
    return f" is {_value(problem)}, and must be a list: {_write(key, LIST)}."


def _number(key: str, problem: Any) -> str:
    kind = "a whole number" if problem["type"].startswith("int") else "a number"
    return f" is {_value(problem)}, and must be {kind} without quotes, such as {key} = 10."


def _table(key: str, problem: Any) -> str:
    return f" is {_value(problem)}, and must be a table: write {_TABLES.get(key, f'[{key}]')}, its keys below it."


def _choice(key: str, problem: Any) -> str:
    allowed = str(problem.get("ctx", {}).get("expected", "")).replace("'", '"')
    if problem["loc"][-1] == "[key]":
        return f" is no key there: only {allowed} are."
    return f" is {_value(problem)}: set {key} = {allowed}."


def _empty(key: str, _problem: Any) -> str:
    return f" is empty: {_write(key, TEXT)}."


def _empty_list(key: str, problem: Any) -> str:
    if len(problem["loc"]) == 1:
        return f": there is none. Add a table {_TABLES.get(key, f'[{key}]')}, as in {EXAMPLE}."
    return f" is an empty list: {_write(key, LIST)}, or leave the line out where it need not be there."


def _form(key: str, problem: Any) -> str:
    return f" is {_value(problem)}, which has not the form that is needed: {_write(key, TEXT)}."


def _bound(words: str, name: str) -> Callable[[str, Any], str]:
    def says(_key: str, problem: Any) -> str:
        return f" is {_value(problem)}, and must be {words} {problem['ctx'][name]:g}."

    return says


def _unknown(_key: str, problem: Any) -> str:
    return f" is {_value(problem)}, which can't be used. See {EXAMPLE} for what to write."


def _all(names: Iterable[str], says: Callable[[str, Any], str]) -> Mapping[str, Callable[[str, Any], str]]:
    return dict.fromkeys(names, says)


_SAYS: Mapping[str, Callable[[str, Any], str]] = {
    "missing": _missing,
    "extra_forbidden": _unknown_key,
    "value_error": _own,
    "string_too_short": _empty,
    "too_short": _empty_list,
    "string_pattern_mismatch": _form,
    "greater_than": _bound("more than", "gt"),
    "greater_than_equal": _bound("at least", "ge"),
    "less_than": _bound("less than", "lt"),
    "less_than_equal": _bound("at most", "le"),
    **_all(("string_type", "path_type"), _text),
    **_all(("tuple_type", "list_type"), _list),
    **_all(("int_type", "int_parsing", "int_from_float", "int_parsing_size"), _number),
    **_all(("float_type", "float_parsing", "finite_number"), _number),
    **_all(("model_type", "model_attributes_type", "dict_type", "mapping_type"), _table),
    **_all(("literal_error", "enum"), _choice),
}
"""By pydantic's names of errors (docs.pydantic.dev/latest/errors/validation_errors)."""
