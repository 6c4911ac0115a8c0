"""What is wrong in the settings file: which key, what stands there, what to write."""

from __future__ import annotations

import copy
import tomllib
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from bot.library_settings import LibrarySettings
from bot.service_settings import ServiceSettings
from bot.settings import BotSettings, GitLabSettings, SlackSettings, _File
from bot.settings_words import sentences
from tests.bot.test_settings import GOOD, problems

WRONG = (1, -1, 1e9, True, "", "x", [], [1], ["x"], {}, {"x": 1}, {"named": 1}, 0.5, float("nan"), "\x00")
THEIRS = (
    "input should",
    "should have",
    "should be",
    "unable to",
    "field required",
    "extra inputs",
    "value error",
    "valid ",
)
FORMS: dict[str, type[BaseModel]] = {
    "gitlab": GitLabSettings,
    "slack": SlackSettings,
    "bot": BotSettings,
    "service": ServiceSettings,
    "library": LibrarySettings,
}
PATH = Path("backtrace.toml")


def said_of(raw: dict[str, Any]) -> list[str]:
    try:
        _File.model_validate(raw)
    except ValidationError as error:
        return list(sentences(PATH, error))
    return []


def with_value(table: str, key: str, value: Any) -> dict[str, Any]:
    raw: dict[str, Any] = copy.deepcopy(tomllib.loads(GOOD))
    raw.setdefault("library", [{"package": "a", "project": "b/a"}])
    place = raw.setdefault(table, {})
    (place[0] if isinstance(place, list) else place)[key] = value
    return raw


@pytest.mark.parametrize(("table", "key"), [(name, key) for name, form in FORMS.items() for key in form.model_fields])
def test_every_key_is_told_in_our_words(table: str, key: str) -> None:
    """Whatever stands there: the file, the key, and nothing of the library that checks it."""
    told = [line for value in WRONG for line in said_of(with_value(table, key, value))]

    assert told
    for line in told:
        assert line.startswith(f"{PATH}: {table}")
        assert key in line
        assert not any(words in line.lower() for words in THEIRS)
        assert line.endswith(".")


@pytest.mark.parametrize("table", FORMS)
@pytest.mark.parametrize("value", [1, "x", [], ["x"], [[]], None])
def test_a_table_that_is_none_is_told(table: str, value: Any) -> None:
    """Also where it is missing."""
    raw = {name: it for name, it in with_value("slack", "mode", "http").items() if name != table}
    told = said_of(raw if value is None else {**raw, table: value})

    assert all(table in line and not any(words in line.lower() for words in THEIRS) for line in told)
    assert told or table in ("bot", "library")


@pytest.mark.parametrize(
    ("good", "bad", "says"),
    [
        ('name = "web"', "name = 5", 'service no. 1, name is 5, and must be text in quotes: set name = "web".'),
        ('name = "web"', 'nam = "web"', 'service no. 1, name is missing. Please set name = "web" there.'),
        ('project = "shop/web"', 'project = "web"', 'project: "web" is not a project\'s full path, such as'),
        ('["C0ALERTS01"]', '"C0ALERTS01"', 'slack.channels is "C0ALERTS01", and must be a list: set channels = ["C'),
        ('["C0ALERTS01"]', "[]", "slack.channels is an empty list"),
        ('["login"]', '["login", 7]', "service no. 1, aliases, entry no. 2 is 7, and must be text in quotes"),
        ('mode = "http"', 'mode = "https"', 'slack.mode is "https": set mode = "http" or "socket".'),
        ("[slack]", "pool_size = 0\n[slack]", "gitlab.pool_size is 0, and must be at least 1."),
        ("[slack]", 'timeout_s = "9s"\n[slack]', 'timeout_s is "9s", and must be a number without quotes, such as'),
        ("[slack]", '[gitlab.outcome_labels]\nguilty = "x"\n[slack]', "outcome_labels.guilty is no key there: only"),
        ("[slack]", "[slac]", "slac is not a setting."),
    ],
)
def test_what_to_write_is_said(good: str, bad: str, says: str, tmp_path: Path) -> None:
    """Who reads it needs no other page."""
    assert says in problems(tmp_path, GOOD.replace(good, bad))
