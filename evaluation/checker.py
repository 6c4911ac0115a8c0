"""Whether a printed fact holds: found again in the harvest and the alert, without the rule that said it.

Words, names, lines, frames, blame, paths and versions are found again. Of times, kinds of trouble and what goes
together only the form is looked at: these have tests of their own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from backtrace_core.model import Alert, Change, Deployment, Evidence, Harvest, Relation, Suspect
from backtrace_core.words import stem

_QUOTED = re.compile(r'"([^"]+)"')
_PLACE = re.compile(r"passes (\S+?)(?::(\d+))?, (.*)")
_BLAMED = re.compile(r"Line (\d+) of (\S+), where")
_MOVED = re.compile(r"(?:Moves|Deletes) (\S+), and .* says that (.+) is missing$")
_TAKEN = re.compile(r"Takes (\S+) (\S+) in place of (\S+), and")
_VERSION = re.compile(r"is of version (\S+?)(?: too)?, (?:which does not|the first with it, not of ([0-9a-f]{8}),)")
_HEX = re.compile(r"[0-9a-f]{7,40}")
_INSTEAD = re.compile(r": ([0-9a-f]{8}), which was live then")
_PART = re.compile(r"[^\W\d_]+")
_CAMEL = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


def unproven(suspect: Suspect, alert: Alert, harvest: Harvest) -> Iterator[str]:
    """The sentences of a suspect that can't be found again; none where all hold."""
    for fact in suspect.evidence:
        holds = _CHECKS.get(fact.rule, _says_so)
        if not holds(fact, suspect.candidate.change, alert, harvest):
            yield f"{fact.rule}: {fact.says}"


def _words_of_both(fact: Evidence, change: Change, alert: Alert, _harvest: Harvest) -> bool:
    """Each quoted word stands in the change and in the alert, inflected or not."""
    quoted = {stem(word) for word in _QUOTED.findall(fact.says.partition(", and the")[2] or fact.says)}
    own, asked = _stems(_text_of(change)), _stems(_text_of_alert(alert))
    return bool(quoted) and quoted <= own and quoted <= asked


def _letter_by_letter(fact: Evidence, change: Change, alert: Alert, _harvest: Harvest) -> bool:
    name = _QUOTED.findall(fact.says)[0].lower()
    return name in _text_of(change).lower() and name in _text_of_alert(alert).lower()


def _named(fact: Evidence, change: Change, alert: Alert, _harvest: Harvest) -> bool:
    """The path, the identifier or the flag stands in both: of a path a part from some folder on is enough."""
    words = [word.strip(",") for word in fact.says.split()]
    called = next((w for w in words[1:] if "." in w or "_" in w or any(c.isupper() for c in w[1:])), "").lower()
    told = _text_of_alert(alert).lower()
    return called in _text_of(change).lower() and (called in told or called.rpartition("/")[2] in told)


def _of_its_title(fact: Evidence, change: Change, alert: Alert, _harvest: Harvest) -> bool:
    """At least two words are quoted, and each stands in the title and in the alert."""
    said = [_stems(word) for word in _QUOTED.findall(fact.says)]
    both = _stems(change.title) & _stems(_text_of_alert(alert))
    return len(said) > 1 and all(words <= both for words in said)


def _on_the_trace(fact: Evidence, change: Change, alert: Alert, _harvest: Harvest) -> bool:
    found = _PLACE.search(fact.says)
    if found is None or not any(frame.file == found[1] for frame in alert.frames):
        return False
    line = int(found[2] or 0)
    files = [f for f in change.files if _is_file(found[1], f.path) or _is_file(found[1], f.old_path)]
    if not found[3].startswith("inside"):
        return bool(files)
    ranges = [(h.new_start, h.new_count) for f in files for h in f.hunks]
    ranges += [(h.old_start, h.old_count) for f in files for h in f.hunks if f.renamed_file]
    return any(start <= line < start + max(1, count) for start, count in ranges)


def _is_file(printed: str, path: str) -> bool:
    """As the trace prints it: below some folder, and in some languages without the ending."""
    return any(printed == name or printed.endswith(f"/{name}") for name in (path, path.rpartition(".")[0]))


def _blamed(fact: Evidence, change: Change, _alert: Alert, harvest: Harvest) -> bool:
    found = _BLAMED.search(fact.says)
    rows = ((blame.line, blame.path, blame.change) for blame in harvest.blames)
    return found is not None and (int(found[1]), found[2], change.key) in set(rows)


def _changes_it(fact: Evidence, change: Change, alert: Alert, _harvest: Harvest) -> bool:
    """The quoted name or value stands in the changed lines, and in the alert."""
    name = _QUOTED.findall(fact.says)[0]
    return name.lower() in _changed_lines(change).lower() and name.lower() in _text_of_alert(alert).lower()


def _moved(fact: Evidence, change: Change, alert: Alert, _harvest: Harvest) -> bool:
    """The file was moved or deleted, and the alert has what is said to be missing, unless that is any setting."""
    found = _MOVED.match(fact.says)
    if found is None:
        return False
    gone = {f.old_path for f in change.files if f.deleted_file or f.old_path != f.path}
    missing = found[2].strip('"')
    return found[1] in gone and (missing == "a setting" or missing in _text_of_alert(alert))


def _bumped(fact: Evidence, change: Change, _alert: Alert, _harvest: Harvest) -> bool:
    """The new version stands in an added line that names the package, the old one in a removed one."""
    found = _TAKEN.match(fact.says)
    if found is None:
        return False
    added = [text for f in change.files for h in f.hunks for _, text in h.added]
    removed = [text for f in change.files for h in f.hunks for _, text in h.removed]
    taken = any(found[1] in text and found[2] in text for text in added)
    return taken and any(found[1] in text and found[3] in text for text in removed)


def _in_migration(fact: Evidence, change: Change, alert: Alert, _harvest: Harvest) -> bool:
    """The quoted name stands in the migration's lines or its old name, and in the alert."""
    name = _QUOTED.findall(fact.says)[0].lower()
    said = [path for f in change.files for path in (f.path, f.old_path) if f.path in fact.says]
    own = "\n".join((*said, _changed_lines(change))).lower()
    return bool(said) and name in own and name in _text_of_alert(alert).lower()


def _same_code(_fact: Evidence, change: Change, _alert: Alert, _harvest: Harvest) -> bool:
    """Nothing came, went or moved but lines: no file is new, gone, or under another name."""
    files = change.files
    return any(f.hunks for f in files) and not any(f.new_file or f.deleted_file or f.renamed_file for f in files)


def _like_another(fact: Evidence, change: Change, _alert: Alert, harvest: Harvest) -> bool:
    """The other one exists, and is another."""
    labels = {each.label for each in harvest.changes if each.key != change.key}
    return fact.weight < 0 or any(f"Is like {label}," in fact.says for label in labels)


def _same_subject(fact: Evidence, change: Change, alert: Alert, _harvest: Harvest) -> bool:
    """What is said to be unmentioned is: no telling word stands in both."""
    if not fact.says.startswith("Nothing"):
        return True
    own = {word for word in _stems(_text_of(change)) if len(word) > 2}
    return len(own & _stems(_text_of_alert(alert))) <= len(own) // 2


def _not_in_version(fact: Evidence, change: Change, alert: Alert, harvest: Harvest) -> bool:
    """The alert has the version, and the change came only after that had been live. Of a version that is no deployment
    there is only what git said."""
    found = _VERSION.search(fact.says)
    if found is None or found[1] not in _text_of_alert(alert):
        return False
    rows = [d for d in harvest.deployments if _is_of(d, found[1])]
    said = [v for v in harvest.versions if found[1] in v.said or v.sha.startswith(found[1])]
    return _came_after(rows, change, harvest) if rows else any(change.key in v.lacks for v in said)


def _new_in_version(fact: Evidence, change: Change, alert: Alert, harvest: Harvest) -> bool:
    """The change came by that version's deployment, and after the one that ran beside it."""
    found = _VERSION.search(fact.says)
    if found is None or found[1] not in _text_of_alert(alert):
        return False
    beside = [d for d in harvest.deployments if found[2] and d.sha.startswith(found[2])]
    brought = any(_is_of(d, found[1]) for d in _bringing(change, harvest))
    return brought and _came_after(beside, change, harvest)


def _gone(fact: Evidence, change: Change, _alert: Alert, harvest: Harvest) -> bool:
    """What was live instead had been live before the change came, and was again when the trouble began."""
    found = _INSTEAD.search(fact.says)
    rows = [d for d in harvest.deployments if found is not None and d.sha.startswith(found[1])]
    again = any(d.finished_at and d.finished_at < harvest.scope.onset.latest for d in rows)
    return again and _came_after(rows, change, harvest)


def _came_after(rows: list[Deployment], change: Change, harvest: Harvest) -> bool:
    """Whether each deployment that brought the change ended, or will, later than the first of ``rows``."""
    first = min((d.finished_at for d in rows if d.finished_at), default=None)
    brought = [d.finished_at for d in _bringing(change, harvest)]
    return first is not None and bool(brought) and all(end is None or end > first for end in brought)


def _bringing(change: Change, harvest: Harvest) -> list[Deployment]:
    """The deployments that brought it, or the service's own change that took a library's new version."""
    hops = [(f.subject.key, f.relation, f.object.key) for f in harvest.facts]
    keys = {change.key, *(a for a, relation, b in hops if relation is Relation.BUMPS and b == change.key)}
    numbers = {b for a, relation, b in hops if relation is Relation.DEPLOYED_TO and a in keys}
    return [d for d in harvest.deployments if str(d.id) in numbers]


def _is_of(deployment: Deployment, version: str) -> bool:
    """By the beginning of its sha, or by the tag's number at the end of what is said."""
    said, number = version.lower(), deployment.ref.lower().rpartition("v")[2]
    by_tag = any(c.isdigit() for c in number) and said.endswith(number)
    return by_tag or any(deployment.sha.startswith(written) for written in _HEX.findall(said))


def _by_title_or_files(fact: Evidence, change: Change, _alert: Alert, _harvest: Harvest) -> bool:
    return bool(change.title) if "title" in fact.says else bool(change.files)


def _size(fact: Evidence, change: Change, _alert: Alert, _harvest: Harvest) -> bool:
    """No more lines than the diff has; fewer where tools wrote some of them."""
    said = re.search(r"(\d+) lines?", fact.says)
    return said is not None and int(said[1]) <= sum(
        len(h.added) + len(h.removed) for f in change.files for h in f.hunks
    )


def _suspected(fact: Evidence, change: Change, alert: Alert, _harvest: Harvest) -> bool:
    """The alert suspects the commit, and it is one of the change's."""
    said = fact.says.rpartition(" ")[2]
    told = any(sha.lower().startswith(said) for sha in alert.suspect_commits)
    return bool(_HEX.fullmatch(said)) and told and any(sha.startswith(said) for sha in {change.sha, *change.shas})


def _says_so(fact: Evidence, _change: Change, _alert: Alert, _harvest: Harvest) -> bool:
    return bool(fact.says)


_Check = Callable[[Evidence, Change, Alert, Harvest], bool]

_CHECKS: Mapping[str, _Check] = {
    "words_in_code": _words_of_both,
    "words_shared": _words_of_both,
    "words_together": _words_of_both,
    "title_said": _of_its_title,
    "name_shared": _letter_by_letter,
    "message_in_lines": _letter_by_letter,
    "literal_in_lines": _letter_by_letter,
    "named_in_alert": _named,
    "frame_in_hunk": _on_the_trace,
    "blamed_line": _blamed,
    "raising_name": _changes_it,
    "suspected_by_sender": _suspected,
    "setting_in_error": _changes_it,
    "moved_file": _moved,
    "schema_in_error": _in_migration,
    "bumped_package": _bumped,
    "same_code": _same_code,
    "like_another": _like_another,
    "same_subject": _same_subject,
    "not_in_version": _not_in_version,
    "new_in_version": _new_in_version,
    "gone_before_onset": _gone,
    "only_tests_or_docs": _by_title_or_files,
    "only_settings": _by_title_or_files,
    "only_translations": _by_title_or_files,
    "only_pipeline": _by_title_or_files,
    "size_of_change": _size,
    "adds_something": _by_title_or_files,
    "tidies": _by_title_or_files,
    "switches_over": _by_title_or_files,
    "about_tests": _by_title_or_files,
}


def _stems(text: str) -> set[str]:
    return {stem(piece) for part in _PART.findall(text) for piece in _pieces(part)}


def _pieces(part: str) -> list[str]:
    return _CAMEL.findall(part) if part.isascii() else [part]


def _text_of(change: Change) -> str:
    headings = (h.heading for f in change.files for h in f.hunks)
    paths = (path for f in change.files for path in (f.path, f.old_path))
    items = (item.title for item in change.work_items)
    return "\n".join((change.title, change.description, *items, *paths, *headings, _changed_lines(change)))


def _changed_lines(change: Change) -> str:
    return "\n".join(text for f in change.files for h in f.hunks for _, text in (*h.added, *h.removed))


def _text_of_alert(alert: Alert) -> str:
    return "\n".join((alert.title, alert.text, *alert.error_terms))
