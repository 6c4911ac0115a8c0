"""When it went live, what came since, what took it back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

from backtrace_core.model import BY_NO_DEPLOYMENT, Candidate, ChangeKind, Deployment, DeploymentStatus, Outlived
from evaluation.derivations.given import Claim, Given, Said, claim

_SPAN = r"(?P<span>less than a minute|\d+ min|\d+ h(?: \d+ min)?|\d+ days)"
_WHEN = r"(?P<when>before the alert|before it began|before the question|after the time that was given)"
_AT = r"(?P<at>when the alert fired|when it began|when it was asked)"
_SINCE = r"(?:; (?P<since>\d+) deployments? brought others since)?(?:; (?P<switched>\d+) flags? or jobs? came since)?"
_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
_FINE = 6
_BROKEN_OFF = {"failed": DeploymentStatus.FAILED, "was cancelled": DeploymentStatus.CANCELED}


def within(said: str, length: timedelta) -> bool:
    """Whether a length of time is called so: cut off, never rounded up."""
    if said == "less than a minute":
        return timedelta() <= length < _MINUTE
    numbers = [int(number) for number in re.findall(r"\d+", said)]
    if said.endswith("days"):
        low, step = numbers[0] * _DAY, _DAY
    elif len(numbers) > 1:
        low, step = numbers[0] * _HOUR + numbers[1] * _MINUTE, _MINUTE
    elif said.endswith("h"):
        low, step = numbers[0] * _HOUR, _HOUR if numbers[0] >= _FINE else _MINUTE
    else:
        low, step = numbers[0] * _MINUTE, _MINUTE
    return low <= length < low + step


def measured(said: Said, given: Given, moment: datetime) -> bool:
    """Whether ``moment`` lies so far from the one that is called like that."""
    away = given.alert.began - moment
    if said["when"].startswith("after"):
        return away < timedelta() and within(said["span"], -away)
    return said["when"] == f"before {called(given)}" and within(said["span"], away)


def called(given: Given) -> str:
    if given.alert.sender != "question":
        return "the alert"
    return "it began" if given.alert.started_at is not None else "the question"


def moment_of(given: Given) -> str:
    """What a sentence calls the moment that it measures from."""
    return {"the alert": "when the alert fired", "it began": "when it began"}.get(called(given), "when it was asked")


def _started(row: Deployment) -> datetime:
    return row.started_at or row.finished_at or row.created_at


def _went_live(said: Said, given: Given) -> bool:
    row = given.candidate.deployment
    if row is None or row.finished_at is None or row.status in _BROKEN_OFF.values():
        return False
    # What had begun by then and ended later was under way, and neither before nor after.
    late = said["when"].startswith("after")
    whole = _started(row) > given.alert.began if late else row.finished_at <= given.alert.began
    return whole and measured(said, given, row.finished_at) and _since(said, given)


def _under_way(said: Said, given: Given) -> bool:
    row = given.candidate.deployment
    if row is None or row.finished_at is None or said["at"] != moment_of(given):
        return False
    return _started(row) <= given.alert.began < row.finished_at


def _running(said: Said, given: Given) -> bool:
    row = given.candidate.deployment
    begun = row is not None and row.finished_at is None and _started(row) <= given.alert.began
    return begun and said["at"] == moment_of(given)


def _began_late(said: Said, given: Given) -> bool:
    row = given.candidate.deployment
    if row is None or row.finished_at is not None or not said["when"].startswith("after"):
        return False
    return measured(said, given, _started(row))


def _broke_off(said: Said, given: Given) -> bool:
    row = given.candidate.deployment
    if row is None or row.finished_at is None or row.status is not _BROKEN_OFF[said["did"]]:
        return False
    return row.environment == said["environment"] and measured(said, given, row.finished_at) and _since(said, given)


def _by_itself(said: Said, given: Given) -> bool:
    change = given.change
    did = {"Was changed": ChangeKind.FEATURE_FLAG, "Ran": ChangeKind.JOB}[said["did"]]
    if change.kind is not did or change.merged_at is None or given.candidate.deployment is not None:
        return False
    return measured(said, given, change.merged_at) and _since(said, given)


def _since(said: Said, given: Given) -> bool:
    """Of the candidates' deployments those that went live between it and the alert, each once; what came by none."""
    own = given.candidate.live_at
    later = [c for c in given.candidates if _is_live(c.deployment) or c.change.kind in BY_NO_DEPLOYMENT]
    between = [c for c in later if own and c.live_at and own < c.live_at <= given.alert.began]
    rows = {(c.deployment.project, c.deployment.id) for c in between if c.deployment is not None}
    others = {c.change.key for c in between if c.deployment is None}
    return (len(rows), len(others)) == (int(said["since"] or 0), int(said["switched"] or 0))


def _is_live(row: Deployment | None) -> bool:
    return row is not None and row.status not in _BROKEN_OFF.values()


def _its_deployment(_: Said, given: Given) -> Iterator[str]:
    yield given.candidate.deployment.url if given.candidate.deployment is not None else given.change.url


def _taken_back(said: Said, given: Given) -> bool:
    """By a candidate of that name, which says that it reverts this one and was live before the trouble began."""
    return any(measured(said, given, by.live_at) for by in _reverters(said, given) if by.live_at is not None)


def _reverters(said: Said, given: Given) -> Iterator[Candidate]:
    for each in given.candidates:
        live = each.live_at is not None and each.live_at < given.alert.onset.earliest
        if live and each.change.label == said["label"] and given.change.key in {ref.key for ref in each.change.reverts}:
            yield each


def _outlived(said: Said, given: Given) -> bool:
    """A rollback took it, or what brought it, away, and for so long the trouble went on, or that began anew by then."""
    took = given.candidate.via or given.change
    fired = said.get("fired") or ""
    return took.label == said["label"] and any(
        within(said["span"], each.after) and each.fired == fired for each in _told_of(took.key, given)
    )


def _told_of(key: str, given: Given) -> list[Outlived]:
    return [each for each in given.harvest.outlived if each.key == key]


def _rollback(_: Said, given: Given) -> Iterator[str]:
    took = given.candidate.via or given.change
    yield from (each.url or took.url for each in _told_of(took.key, given))


TIMES: dict[str, tuple[Claim, ...]] = {
    "deployed_before_onset": (
        claim(rf"Went live {_SPAN} {_WHEN}{_SINCE}", _went_live, _its_deployment),
        claim(rf"Its deployment was under way {_AT}", _under_way, _its_deployment),
        claim(rf"Its deployment was still running {_AT}", _running, _its_deployment),
        claim(rf"Its deployment started {_SPAN} {_WHEN}", _began_late, _its_deployment),
        claim(
            rf"Its deployment (?P<did>failed|was cancelled) {_SPAN} {_WHEN}, but its job may have changed "
            rf"(?P<environment>[^;]+){_SINCE}",
            _broke_off,
            _its_deployment,
        ),
        claim(rf"(?P<did>Was changed|Ran) {_SPAN} {_WHEN}{_SINCE}", _by_itself, _its_deployment),
    ),
    "outlived": (
        claim(rf"The trouble went on {_SPAN} after the rollback took (?P<label>\S+) away", _outlived, _rollback),
        claim(
            rf"(?P<fired>.+) began to fire {_SPAN} after the rollback took (?P<label>\S+) away", _outlived, _rollback
        ),
    ),
    "reverted": (
        claim(
            rf"Was taken back by (?P<label>\S+), which went live {_SPAN} {_WHEN}",
            _taken_back,
            lambda said, given: [by.change.url for by in _reverters(said, given)],
        ),
    ),
}
