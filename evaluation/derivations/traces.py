"""Where the stack trace passes: files, lines, functions, packages, and who wrote the lines."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backtrace_core.model import FileDiff, Frame, Hunk
from evaluation.derivations.given import Claim, Given, Said, claim, composed, lines_of, page_at, paths_of, stands

_NEAR = 20


def _passes(said: Said, given: Given) -> bool:
    """The frame is one of the alert's, and means the file of the change that the fact's page shows."""
    line = int(said["line"]) if said["line"] else None
    frames = [f for f in given.alert.frames if (f.file, f.line) == (said["file"], line)]
    meant = [f for f in given.change.files if page_at(given.change, f.path) == given.fact.url and _means(said, f)]
    return any(_closeness(said, frame, file, given) for frame in frames for file in meant)


def _means(said: Said, file: FileDiff) -> bool:
    """One is the end of the other, parted at a folder; in some languages without the ending, and with dots."""
    printed = composed(said["file"]).replace("\\", "/").lower()
    printed = re.sub(r"^[a-z]+:/+", "", printed.partition("?")[0])
    forms = {printed, printed.replace(".", "/")} if "/" not in printed else {printed}
    for path in (composed(name).lower() for name in paths_of(file)):
        known = (path, path.rpartition(".")[0])
        if any(form == one or form.endswith(f"/{one}") or one.endswith(f"/{form}") for form in forms for one in known):
            return True
    return _agree(printed.split("/"), [composed(name).lower().split("/") for name in paths_of(file)])


def _agree(printed: list[str], known: list[list[str]]) -> bool:
    """A container's folder may stand before it, and the repository's before what is inside: a folder agrees as well."""
    return any(printed[-2:] == path[-2:] for path in known if len(path) > 1)


def _closeness(said: Said, frame: Frame, file: FileDiff, given: Given) -> bool:
    ranges = [bounds for hunk in file.hunks for bounds in _ranges(hunk, file)]
    line = frame.line or 0
    if said["inside"]:
        return any(_touches(line, hunk, file) == said["inside"] for hunk in file.hunks)
    if said["near"]:
        return any(start - _NEAR <= line < start + count + _NEAR for start, count in ranges)
    if said["older"]:
        inside = any(start <= line < start + max(1, count) for start, count in ranges)
        return inside and _blamed_on(line, file, given) is (said["older"] == "though another change wrote that line")
    if said["function"]:
        called = (frame.function or "").replace("::", ".").replace("->", ".").replace("#", ".")
        own = called.strip("() ").rpartition(".")[2] == said["function"]
        return own and any(stands(said["function"], text) for text in (*_headings(file), *lines_of(file)))
    return True


def _ranges(hunk: Hunk, file: FileDiff) -> Iterator[tuple[int, int]]:
    yield hunk.new_start, hunk.new_count
    if file.renamed_file:
        yield hunk.old_start, hunk.old_count


def _touches(line: int, hunk: Hunk, file: FileDiff) -> str:
    """``inside``: the line is new, or gone from the file of the old name; of a hunk without lines all that it spans.
    ``right beside``: its neighbour is.
    """
    if not (hunk.added or hunk.removed):
        return "inside" if any(start <= line < start + max(1, n) for start, n in _ranges(hunk, file)) else ""
    own = {number for number, _ in (*hunk.added, *(hunk.removed if file.renamed_file else ()))}
    if line in own:
        return "inside"
    return "right beside" if {line - 1, line + 1} & own or line in _at_gaps(hunk) else ""


def _at_gaps(hunk: Hunk) -> set[int]:
    """The lines between which others were, counted through the hunk as the new file has it."""
    gone, new = {number for number, _ in hunk.removed}, {number for number, _ in hunk.added}
    found: set[int] = set()
    old_line, line = hunk.old_start, hunk.new_start + (not hunk.new_count)
    while gone and old_line <= max(gone):
        if old_line in gone:
            found |= {line - 1, line}
        elif line in new:
            line += 1
            continue
        else:
            line += 1
        old_line += 1
    return found


def _headings(file: FileDiff) -> list[str]:
    return [hunk.heading for hunk in file.hunks]


def _blamed_on(line: int, file: FileDiff, given: Given) -> bool | None:
    """Whether blame has the line as another candidate's (True), or as nobody's of them (False)."""
    names = paths_of(file)
    whose = {blame.change for blame in given.harvest.blames if blame.line == line and blame.path in names}
    if not whose or given.change.key in whose:
        return None
    return any(key in given.known.changes for key in whose)


def _its_file(_: Said, given: Given) -> Iterator[str]:
    yield from (page_at(given.change, file.path) for file in given.change.files)


def _blamed(said: Said, given: Given) -> bool:
    passes = any(frame.line == int(said["line"]) for frame in given.alert.frames)
    return passes and any(True for _ in _blames(said, given))


def _blames(said: Said, given: Given) -> Iterator[str]:
    for blame in given.harvest.blames:
        at = (blame.line, blame.path) == (int(said["line"]), said["path"])
        if at and blame.change == given.change.key and blame.version[:8] == said["version"]:
            yield blame.url


def _suspected(said: Said, given: Given) -> bool:
    """The alert suspects the commit, and it is one of the change's."""
    sender = "Sentry" if given.alert.sender == "sentry" else "The sender of the alert"
    told = any(sha.lower().startswith(said["commit"]) for sha in given.alert.suspect_commits)
    own = {given.change.sha.lower(), *(sha.lower() for sha in given.change.shas)}
    return said["sender"] == sender and told and any(sha.startswith(said["commit"]) for sha in own)


_MISSES = re.compile(
    r"\bno\b|not found|missing|cannot (find|resolve)|does ?n.t exist|does not exist|unknown|undefined|enoent"
    r"|improperly",
    re.IGNORECASE,
)


def _moved(said: Said, given: Given) -> bool:
    """The file is gone from there, and a line of the alert that misses something names it, or speaks of settings."""
    old = said["path"]
    files = [f for f in given.change.files if f.old_path == old and (f.deleted_file or f.path != old)]
    verbs = {"Deletes" if file.path == old else "Moves" for file in files}
    missing = said["missing"].strip('"')
    lines = [line for line in given.asked.splitlines() if _MISSES.search(line)]
    if missing == "a setting":
        told = any(re.search(r"section|option|setting|config", line, re.IGNORECASE) for line in lines)
    else:
        told = any(missing in line for line in lines) and _is_end(missing, old)
    return said["did"] in verbs and told


def _is_end(name: str, path: str) -> bool:
    """``./handlers/baskets`` and ``worker.handlers.baskets`` of ``worker/handlers/baskets.py``; its bare name."""
    own = re.sub(r"^(?:\.{0,2}/|@/|~/)+", "", name.replace("\\", "/"))
    forms = (own, own.replace(".", "/")) if "/" not in own else (own,)
    known = (path, re.sub(r"\.\w+$", "", path))
    return any(
        f"/{one}".endswith(f"/{form}") or f"/{form}".endswith(f"/{one}") for form in forms if form for one in known
    )


def _moved_page(said: Said, given: Given) -> Iterator[str]:
    yield from (page_at(given.change, file.path) for file in given.change.files if file.old_path == said["path"])


def _bumped(said: Said, given: Given) -> bool:
    """The new version in an added line that names the package, the old one in a removed one; and what is said of it."""
    files = [f for f in given.change.files if page_at(given.change, f.path) == given.fact.url]
    hunks = [hunk for file in files for hunk in file.hunks]
    taken = any(_has(text, said["package"], said["new"]) for hunk in hunks for _, text in hunk.added)
    dropped = any(_has(text, said["package"], said["old"]) for hunk in hunks for _, text in hunk.removed)
    if not (taken and dropped and said["new"] != said["old"]):
        return False
    if said["what"] == "the error is one as a new major version brings":
        return _is_major(said["old"], said["new"]) and bool(_BY_INTERFACE.search(given.asked))
    package = _same(said["package"])
    passing = [place for place, frame in enumerate(given.alert.frames) if f"/{package}/" in f"/{_same(frame.file)}/"]
    if said["what"] == "the stack trace passes that package":
        return bool(passing)
    named = re.search(rf"(?<![\w./]){re.escape(package)}(?:\.\w+)*\.[A-Z]", given.asked, re.IGNORECASE)
    last = passing[-1] if passing else len(given.alert.frames)
    inmost = all(_is_others(frame.file) for frame in given.alert.frames[last:])
    return bool(named) or (bool(passing) and inmost)


_BY_INTERFACE = re.compile(
    r"AttributeError|TypeError|ImportError|NoMethodError|KeyError|NoSuchMethodError|NoClassDefFoundError"
    r"|is not a (?:function|constructor)|has no attribute|cannot import|undefined method|cannot read prop",
    re.IGNORECASE,
)


def _is_others(file: str) -> bool:
    return bool(re.search(r"site-packages|dist-packages|node_modules|/gems/|/pkg/mod/|/lib/python|^<|^node:", file))


def _has(line: str, package: str, version: str) -> bool:
    return package in line and re.search(rf"(?<![\w.]){'v?'}{re.escape(version)}(?![\w])", line) is not None


def _is_major(old: str, new: str) -> bool:
    """Below 1 the minor number counts."""
    one, other = old.split("."), new.split(".")
    return one[0] != other[0] or (one[0] == "0" and one[1:2] != other[1:2])


def _same(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


TRACES: dict[str, tuple[Claim, ...]] = {
    "frame_in_hunk": (
        claim(
            r"The stack trace passes (?P<file>.+?)(?::(?P<line>\d+))?, "
            r"(?:(?P<inside>inside|right beside) the lines that it changes"
            r"|near what it changes, (?P<older>in a line that is older|though another change wrote that line)"
            r"|and it changes (?P<function>\S+)|(?P<near>a few lines from what it changes)|a file that it changes)",
            _passes,
            _its_file,
        ),
    ),
    "blamed_line": (
        claim(
            r"Line (?P<line>\d+) of (?P<path>.+), where the trace passes, was last changed by it "
            r"\(blame at (?P<version>[0-9a-f]{8})\)",
            _blamed,
            _blames,
        ),
    ),
    "suspected_by_sender": (
        claim(
            r"(?P<sender>Sentry|The sender of the alert) itself suspects commit (?P<commit>[0-9a-f]{7,8})", _suspected
        ),
    ),
    "moved_file": (
        claim(
            r"(?P<did>Moves|Deletes) (?P<path>.+), and {teller} says that (?P<missing>.+) is missing",
            _moved,
            _moved_page,
        ),
    ),
    "bumped_package": (
        claim(
            r"Takes (?P<package>\S+) (?P<new>\S+) in place of (?P<old>\S+), and (?P<what>that package raised the error"
            r"|the stack trace passes that package|the error is one as a new major version brings)",
            _bumped,
            _its_file,
        ),
    ),
}
