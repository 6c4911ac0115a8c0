"""What the alert names or quotes, and the change has: paths, names, messages, values, settings, tables."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from backtrace_core.alerts.stack import printed_code
from backtrace_core.model import ChangeKind, FileDiff
from evaluation.derivations.given import (
    Claim,
    Given,
    Said,
    at_file,
    claim,
    code_of,
    composed,
    lines_of,
    page_at,
    paths_of,
    stands,
)


def _flag(said: Said, given: Given) -> bool:
    is_flag = given.change.kind is ChangeKind.FEATURE_FLAG and given.change.title == said["name"]
    return is_flag and stands(said["name"], given.asked, any_case=True)


def _path(said: Said, given: Given) -> bool:
    """The alert has it whole, or from some folder on."""
    files = given.change.files
    own = [f.old_path for f in files if f.renamed_file] if said["did"] == "Renames" else [f.path for f in files]
    return said["path"] in own and any(_is_token(end, given.asked) for end in _ends(said["path"]))


def _ends(path: str) -> Iterator[str]:
    parts = path.split("/")
    yield from ("/".join(parts[start:]) for start in range(len(parts)))


def _is_token(path: str, text: str) -> bool:
    own, there = composed(path).lower(), composed(text).lower()
    return "." in own and re.search(rf"(?:(?<![\w/\\$])|(?<=\./)){re.escape(own)}(?![\w/\\$-])", there) is not None


def _path_page(said: Said, given: Given) -> Iterator[str]:
    yield from (page_at(given.change, file.path) for file in given.change.files if said["path"] in paths_of(file))


def _identifier(said: Said, given: Given) -> bool:
    file = given.file(said["path"])
    in_file = file is not None and stands(said["name"], code_of(file))
    return in_file and stands(said["name"], given.asked, any_case=True)


def _message(said: Said, given: Given) -> bool:
    """In lines that are not merely moved; letters may be capital ones."""
    file, wanted = given.file(said["path"]), said["message"].lower()
    if file is None or wanted not in given.asked.lower():
        return False
    added = Counter(text.strip() for hunk in file.hunks for _, text in hunk.added if wanted in text.lower())
    removed = Counter(text.strip() for hunk in file.hunks for _, text in hunk.removed if wanted in text.lower())
    return added != removed


def _value(said: Said, given: Given) -> bool:
    file, value = given.file(said["path"]), said["value"]
    if file is None or not any(stands(value, line) for line in lines_of(file)):
        return False
    return stands(value, given.asked) and int(said["others"] or 0) == sum(_has_value(value, given))


def _has_value(value: str, given: Given) -> Iterator[bool]:
    """Of each other candidate."""
    for each in given.candidates:
        if each.change.key != given.change.key:
            yield any(stands(value, line) for file in each.change.files if _runs(file) for line in lines_of(file))


_NO_PRODUCT = re.compile(
    r"(^|/)(tests?|specs?|__tests__|e2e|cypress|docs?|documentation|changelogs?|vendor(ed)?|third[_-]party|node_modules)/"
    r"|(^|/)(test_[^/]+|conftest\.py|[^/]+[._-](test|spec|tests)\.[a-z]+)$|\.(md|rst|adoc|lock|min\.js|map)$",
    re.IGNORECASE,
)


def _runs(file: FileDiff) -> bool:
    return not file.generated and not _NO_PRODUCT.search(file.path)


def _done_with(said: Said, given: Given) -> bool:
    """A name in a line of code that the trace prints, and what the changed lines have of it is not the same."""
    file, name = given.file(said["path"]), said["name"]
    printed = any(stands(name, code) for _, _, code, _ in printed_code(given.alert.text))
    return printed and file is not None and any(stands(name, line) for line in lines_of(file))


def _setting(said: Said, given: Given) -> bool:
    """It stands in the lines that are gone and in no new one, or the other way round."""
    file = given.file(said["path"])
    if file is None or {"Takes": "out of", "Puts": "into"}[said["did"]] != said["where"]:
        return False
    gone = any(said["phrase"] in text for hunk in file.hunks for _, text in hunk.removed)
    new = any(said["phrase"] in text for hunk in file.hunks for _, text in hunk.added)
    has = gone if said["did"] == "Takes" else new
    return has and stands(said["phrase"], given.asked)


_DOES = re.compile(
    r"drop|renam|remov|delet|unique|primary|check|constraint|not null|null *[=(:] *false|nullable|foreign|references",
    re.IGNORECASE,
)
_NEAR = 3


def _migration(said: Said, given: Given) -> bool:
    """The name stands in the new lines, and what is done to it in one of those around."""
    file = given.file(said["path"])
    lines = [text for hunk in file.hunks for _, text in hunk.added] if file is not None else []
    places = [at for at, text in enumerate(lines) if stands(said["name"], text, any_case=True)]
    does = any(_DOES.search(text) for at in places for text in lines[max(0, at - _NEAR) : at + _NEAR + 1])
    done = does if said["does"].startswith("drops") else bool(places)
    return done and stands(said["name"], given.asked, any_case=True)


def _migration_says(said: Said, given: Given) -> bool:
    file = given.file(said["path"])
    lines = [text for hunk in file.hunks for _, text in hunk.added] if file is not None else []
    return any(said["text"] in line for line in lines) and said["text"] in given.asked


def _renamed_migration(said: Said, given: Given) -> bool:
    did = {"Renames": "renamed_file", "Deletes": "deleted_file"}[said["did"]]
    files = [file for file in given.change.files if file.old_path == said["path"] and getattr(file, did)]
    named = said["name"].lower() in re.split(r"[\W\d_]+", said["path"].lower())
    return bool(files) and named and stands(said["name"], given.asked, any_case=True)


QUOTES: dict[str, tuple[Claim, ...]] = {
    "named_in_alert": (
        claim(r"Is the flag (?P<name>.+), which {teller} names", _flag),
        claim(r"Changes code with (?P<name>\S+) in (?P<path>.+), which {teller} names", _identifier, at_file),
        claim(r"(?P<did>Changes|Renames) (?P<path>.+), which {teller} names", _path, _path_page),
    ),
    "message_in_lines": (
        claim(r'Changes a line of (?P<path>.+?) with "(?P<message>.+)", the very words of {teller}', _message, at_file),
    ),
    "literal_in_lines": (
        claim(
            r'Changes a line of (?P<path>.+?) with "(?P<value>.+)", which {teller} names'
            r"(?:; (?P<others>\d+) others? ha(?:s|ve) it in (?:its|their) lines)?",
            _value,
            at_file,
        ),
    ),
    "raising_name": (
        claim(
            r'Changes what is done with "(?P<name>.+?)" in (?P<path>.+), '
            r"a name in the code that the stack trace prints",
            _done_with,
            at_file,
        ),
    ),
    "setting_in_error": (
        claim(
            r'(?P<did>Takes|Puts) "(?P<phrase>.+)" (?P<where>out of|into) the settings in (?P<path>.+), '
            r"and {teller} has it",
            _setting,
            at_file,
        ),
    ),
    "schema_in_error": (
        claim(r'The migration (?P<path>.+?) has "(?P<text>.+)", the very words of {teller}', _migration_says, at_file),
        claim(
            r'The migration (?P<path>.+?) (?P<does>drops, renames or constrains|has) "(?P<name>.+)", '
            r"which {teller} names",
            _migration,
            at_file,
        ),
        claim(
            r'(?P<did>Renames|Deletes) the migration (?P<path>.+?), whose name has "(?P<name>.+)", '
            r"which {teller} names",
            _renamed_migration,
            _path_page,
        ),
    ),
}
