"""In which versions a change is: by the times of the deployments that brought it, else by what git said."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from backtrace_core.model import Deployment, Relation, Version
from evaluation.derivations.given import Claim, Given, Said, claim
from evaluation.derivations.times import moment_of

_AT = r"(?P<at>when the alert fired|when it began|when it was asked)"
_HEX = re.compile(r"[0-9a-f]{7,40}")


def _not_in_version(said: Said, given: Given) -> bool:
    """The alert has the version, and the change came only after that had been live. Of a version that is no deployment
    there is only what git said.
    """
    version = said["version"]
    rows = [row for row in given.harvest.deployments if _is_of(row, version)]
    lacks = _came_after(rows, given) if rows else any(_key(given) in v.lacks for v in _told(version, given))
    others = any(each.said and _key(given) in each.has for each in given.harvest.versions)
    return _is_said(version, given) and lacks and bool(said["too"]) is others


def _new_in_version(said: Said, given: Given) -> bool:
    """The change came by that version's deployment, and after the one that ran beside it, which the alert does not
    say.
    """
    beside = [row for row in given.harvest.deployments if row.sha.startswith(said["beside"])]
    brought = any(_is_of(row, said["version"]) for row in _bringing(given))
    silent = said["beside"] not in given.asked
    return _is_said(said["version"], given) and brought and silent and _came_after(beside, given)


def _gone(said: Said, given: Given) -> bool:
    """What was live instead had been live before the change came, and was again when the trouble began."""
    latest = given.harvest.scope.onset.latest
    rows = [row for row in given.harvest.deployments if row.sha.startswith(said["instead"])]
    again = any(row.finished_at and row.finished_at < latest for row in rows)
    own = [row.finished_at for row in _bringing(given) if row.finished_at and row.finished_at <= latest]
    left = all(any(row.finished_at and end < row.finished_at <= latest for row in rows) for end in own)
    return said["at"] == moment_of(given) and again and left and _came_after(rows, given)


def _came_after(rows: Iterable[Deployment], given: Given) -> bool:
    """Whether each deployment that brought the change ended, or will, later than the first of ``rows``."""
    first = min((row.finished_at for row in rows if row.finished_at), default=None)
    brought = [row.finished_at for row in _bringing(given)]
    return first is not None and bool(brought) and all(end is None or end > first for end in brought)


def _bringing(given: Given) -> list[Deployment]:
    """The deployments that brought it, or the service's own change that took a library's new version."""
    hops = [(fact.subject.key, fact.relation, fact.object.key) for fact in given.harvest.facts]
    takers = (one for one, relation, other in hops if relation is Relation.BUMPS and other == given.change.key)
    keys = {given.change.key, *takers}
    numbers = {other for one, relation, other in hops if relation is Relation.DEPLOYED_TO and one in keys}
    return [row for row in given.harvest.deployments if str(row.id) in numbers]


def _key(given: Given) -> str:
    return (given.candidate.via or given.change).key


def _is_said(version: str, given: Given) -> bool:
    """By the alert, or by the beginning of the sha where the alert's own word is too long for a sentence."""
    told = any(each.said and each.sha.startswith(version) for each in given.harvest.versions)
    return version in given.asked or told


def _is_of(row: Deployment, version: str) -> bool:
    """By the beginning of its sha, or by the tag's number at the end of what is said."""
    said, number = version.lower(), row.ref.lower().rpartition("v")[2]
    by_tag = any(c.isdigit() for c in number) and said.endswith(number)
    return by_tag or any(row.sha.startswith(written) for written in _HEX.findall(said))


def _told(version: str, given: Given) -> list[Version]:
    return [v for v in given.harvest.versions if v.said and (v.said.endswith(version) or v.sha.startswith(version))]


def _its_page(said: Said, given: Given) -> Iterator[str]:
    yield from (version.url or given.change.url for version in _told(said["version"], given))


def _page_instead(said: Said, given: Given) -> Iterator[str]:
    known = (version for version in given.harvest.versions if version.sha.startswith(said["instead"]))
    yield from (version.url or given.change.url for version in known)


VERSIONS: dict[str, tuple[Claim, ...]] = {
    "not_in_version": (
        claim(
            r"{Teller} is of version (?P<version>\S+?)(?P<too> too)?, which does not have it",
            _not_in_version,
            _its_page,
        ),
    ),
    "new_in_version": (
        claim(
            r"{Teller} is of version (?P<version>\S+), the first with it, not of (?P<beside>[0-9a-f]{8}), "
            r"which ran beside it",
            _new_in_version,
            _its_page,
        ),
    ),
    "gone_before_onset": (
        claim(
            rf"Was gone {_AT}: (?P<instead>[0-9a-f]{{8}}), which was live then, does not have it",
            _gone,
            _page_instead,
        ),
    ),
}
