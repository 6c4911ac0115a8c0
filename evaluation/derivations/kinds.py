"""What kind of change it is: by its title, its files, its size, and what it leaves as it was."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable

from backtrace_core.model import FileDiff, Hunk
from evaluation.derivations.given import Claim, Given, Said, at_file, claim, is_about_another, is_written_here

_TEST = re.compile(
    r"(^|/)(tests?|specs?|__tests__|e2e|cypress|features/(step_definitions|steps|support))/|\.feature$"
    r"|(^|/)(test_[^/]+|conftest\.py)$|[^/][._-](test|spec|tests)\.[a-z]+$|(^|/)[A-Z]\w*Tests?\.(java|kt|cs|php|swift)$"
)
_DOC = re.compile(
    r"(^|/)(docs?|documentation|changelogs?)/|\.(md|rst|adoc|txt)$"
    r"|(^|/)(readme|changelog|licen[cs]e|notice|authors|codeowners|contributing)[\w-]*$",
    re.IGNORECASE,
)
_DEPENDENCIES = re.compile(r"(^|/)(requirements|constraints)[^/]*\.txt$")
_SETTING = re.compile(
    r"\.(ya?ml|json|toml|ini|cfg|conf|gni?|bzl|bazel|gypi?|cmake|lock|properties|gradle|tfvars|env)$"
    r"|(^|/)(BUILD|DEPS|WORKSPACE|CMakeLists\.txt|(GNU)?[Mm]akefile[\w.]*)$"
)
_TRANSLATION = re.compile(r"(^|/)(i18n|l10n|locales?|translations?|lang)/|\.(po|pot|mo|xliff?|xlf|xtb)$", re.IGNORECASE)
_PIPELINE = re.compile(r"(^|/)(\.gitlab|\.travis|\.?zuul|\.github/workflows/|Jenkinsfile|tox\.ini)")


def _only(is_one: Callable[[str], object]) -> Callable[[Said, Given], bool]:
    def holds(_: Said, given: Given) -> bool:
        return bool(given.change.files) and all(is_one(file.path) for file in given.change.files)

    return holds


def _is_test(path: str) -> bool:
    return bool(_TEST.search(path))


def _is_doc(path: str) -> bool:
    return bool(_DOC.search(path)) and not _DEPENDENCIES.search(path)


def _often_changed(said: Said, given: Given) -> bool:
    """So many others have the file; who takes a change back, or brings it again, is none of them."""
    file = given.file(said["path"])
    runs = file is not None and _runs(file)
    several = (each for each in given.known.touching(said["path"]) if not is_about_another(each.title))
    return runs and sum(each.key != given.change.key for each in several) == int(said["count"] or 1)


_TAG = re.compile(r"[^\w\[]*(?:\[[^\]]*\]|(?:feat|fix|chore)(?:\([^)]*\))?!?:|\S+:(?=\s))[^\w\[]*", re.IGNORECASE)


def _begins(*verbs: str) -> Callable[[Said, Given], bool]:
    """Whether the title begins with one of these, or what follows on its first tags: ``[cart]``, ``fix(cart):``."""

    def holds(_: Said, given: Given) -> bool:
        rests = [re.sub(r"^[^\w\[]+", "", given.change.title)]
        while (tag := _TAG.match(rests[-1])) is not None:
            rests.append(rests[-1][tag.end() :])
        return any(re.match(rf"\W*{verb}\b", rest, re.IGNORECASE) for verb in verbs for rest in rests)

    return holds


_ROLLED_BACK = tuple(f"{verb}{blank}back" for verb in ("roll", "rolls", "rolled", "rolling") for blank in ("", " "))


def _takes_back(_: Said, given: Given) -> bool:
    title = re.sub(r"^\W*", "", given.change.title).lower()
    return title.startswith(("revert", "back out", "backout", "backed out", "backing out", "backs out", *_ROLLED_BACK))


def _speaks_of_tests(_: Said, given: Given) -> bool:
    return bool(re.search(r"\btests?\b", given.change.title, re.IGNORECASE))


def _size(said: Said, given: Given) -> bool:
    """Counted; what is left aside is said to be."""
    files = given.change.files
    read = [file for file in files if _runs(file)] if said["aside"] else files
    lines = sum(len(hunk.added) + len(hunk.removed) for file in read for hunk in file.hunks)
    left = any(not _runs(file) for file in files)
    return lines == int(said["lines"]) and bool(said["aside"]) is left


def _runs(file: FileDiff) -> bool:
    return is_written_here(file) and not _is_test(file.path) and not _is_doc(file.path)


_COMMENT = re.compile(r"^\s*(#|//|--|\*|/\*|\"\"\"|''').*$|\s(#|//|--) .*$")


def _same_code(said: Said, given: Given) -> bool:
    """No file came or went; each hunk leaves the code in one of the ways that are said, and each of these is there."""
    files = [file for file in given.change.files if not _is_aside(file.path)] or list(given.change.files)
    if any(file.new_file or file.deleted_file or file.renamed_file or not file.hunks for file in files):
        return False
    kept = ("then", _NEW) if "then" in said else ("what", "")
    parts = (kept[1], *(said[kept[0]] or "").split(", and "))
    ways = [_LEAVES[part] for part in parts if part]
    hunks = [hunk for file in files for hunk in file.hunks]
    each = all(any(way(hunk, given) for way in ways) for hunk in hunks)
    used = all(any(way(hunk, given) for hunk in hunks) for way in ways)
    return each and used and bool(said["aside"]) is (len(files) < len(given.change.files))


def _is_aside(path: str) -> bool:
    """What no program runs; a text may be a template."""
    return _is_test(path) or (_is_doc(path) and not path.endswith(".txt"))


def _bare(lines: Iterable[str]) -> str:
    """Without comments, blanks and the commas before a bracket that closes."""
    text = "".join(re.sub(r"\s", "", _COMMENT.sub("", line)) for line in lines)
    return re.sub(r",(?=[)\]}])", "", text)


def _is_laid_out(hunk: Hunk, _: Given) -> bool:
    return _bare(text for _, text in hunk.added) == _bare(text for _, text in hunk.removed)


def _is_renamed(hunk: Hunk, _: Given) -> bool:
    """All names but one are the same, as often, on both sides, and the word that declares it."""
    old, new = (_names(text for _, text in rows) for rows in (hunk.removed, hunk.added))
    gone, come = old - new, new - old
    few = min(len(gone), len(come)) <= 1 and max(len(gone), len(come)) <= 2
    return bool(old) and bool(gone or come) and few


def _names(lines: Iterable[str]) -> Counter[str]:
    return Counter(name for line in lines for name in re.findall(r"[A-Za-z_$][\w$]*", _COMMENT.sub("", line)))


def _is_logged(hunk: Hunk, _: Given) -> bool:
    lines = [_COMMENT.sub("", text) for _, text in (*hunk.added, *hunk.removed)]
    logs = [bool(re.match(r"\s*_?log(ger|ging)?\.\w+\(", line, re.IGNORECASE)) for line in lines if line.strip()]
    return bool(logs) and all(logs)


def _is_new(hunk: Hunk, given: Given) -> bool:
    """Functions that no frame has the name of, and nothing that was there before."""
    heads = (re.match(r"(?:export )?(?:async )?(?:def|function) (\w+)", text) for _, text in hunk.added)
    own = {head[1] for head in heads if head}
    passed = {(frame.function or "").rpartition(".")[2] for frame in given.alert.frames}
    return bool(own) and not own & passed and not _bare(text for _, text in hunk.removed)


_NEW = "functions that the stack trace does not pass"
_LEAVES: dict[str, Callable[[Hunk, Given], bool]] = {
    "comments and layout": _is_laid_out,
    "names inside of a function": _is_renamed,
    "what is logged": _is_logged,
    _NEW: _is_new,
}


_ONE = "(?:comments and layout|names inside of a function|what is logged)"
_KEPT = rf"{_ONE}(?:, and {_ONE})*"

KINDS: dict[str, tuple[Claim, ...]] = {
    "often_changed": (
        claim(
            r"Touches (?P<path>.+), which (?:(?P<count>\d+) other known changes touch|one other known change touches)"
            " too",
            _often_changed,
            at_file,
        ),
    ),
    "size_of_change": (
        claim(
            r"Changes (?:only )?(?P<lines>\d+) lines?"
            r"(?P<aside> beside tests, documents and what tools or others wrote)?",
            _size,
        ),
        claim(r"Changes only tests or documents", _only(lambda path: _is_test(path) or _is_doc(path))),
    ),
    "same_code": (
        claim(
            rf"Adds only {_NEW}(?:, and changes only "
            rf"(?P<then>{_KEPT}))?(?P<aside> beside tests or documents)?",
            _same_code,
        ),
        claim(
            rf"Changes only (?P<what>{_KEPT})(?P<aside> beside tests or documents)?: the code does what it did",
            _same_code,
        ),
    ),
    "takes_back": (claim(r"Its title says that it takes another change back", _takes_back),),
    "adds_something": (claim(r"Its title says that it adds something", _begins("add(s|ed|ing)?")),),
    "tidies": (
        claim(
            r"Its title speaks of tidying up",
            _begins(
                r"refactor\w*",
                r"clean(s|ed|ing)?[ -]?ups?",
                "renam(e|es|ed|ing)",
                "tid(y|ies|ied|ying)",
                "mov(e|es|ed|ing)",
            ),
        ),
    ),
    "switches_over": (
        claim(
            r"Its title says that something is switched over or put to use",
            _begins(
                "enabl(e|es|ed|ing)",
                "turn(s|ed|ing)? on",
                "switch(es|ed|ing)?",
                "us(e|es|ed|ing)",
                "default(s|ed|ing)?",
                r"make\b.*\bdefault",
            ),
        ),
    ),
    "about_tests": (claim(r"Its title speaks of tests", _speaks_of_tests),),
    "only_settings": (
        claim(
            r"Changes only settings or build files",
            _only(lambda path: _SETTING.search(path) and not _TRANSLATION.search(path)),
        ),
    ),
    "only_pipeline": (claim(r"Changes only how the project is built and tested", _only(_PIPELINE.search)),),
}
