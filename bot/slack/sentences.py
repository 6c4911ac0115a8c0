"""What the card says, in words: people, deployments, changes. Foreign text is escaped here. Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from backtrace_core.evidence.deployed_before_onset import broke_off
from backtrace_core.evidence.links import file_url
from backtrace_core.evidence.spans import span
from backtrace_core.history import BROKEN_OFF, began
from backtrace_core.model import Alert, Candidate, Change, ChangeKind, ChangeRef, Deployment, Person, Suspect, WorkItem
from backtrace_core.occasion import at_occasion, occasion
from bot.slack.text import escape, link

MOST_TITLE = 150
MOST_NAME = 60


def person(who: Person) -> str:
    """``Vani Rao (vani)``: plain words, never a mention."""
    return f"{escape(who.name, MOST_NAME)} ({escape(who.username, MOST_NAME)})"


def author(change: Change) -> str:
    """The author; where GitLab knows no user, the name that the commit states."""
    if change.author is not None:
        return person(change.author)
    if change.kind is ChangeKind.FEATURE_FLAG and not change.author_name:
        return "not said by GitLab"  # its API tells when a flag was changed, not by whom
    return f"{escape(change.author_name, MOST_NAME) or 'nobody known'} (no GitLab user known)"


def change_link(change: Change | ChangeRef, most: int = MOST_TITLE) -> str:
    return link(change.url, f"{change.label} {change.title}".strip(), most)


def deployment_link(deployment: Deployment) -> str:
    return f"{link(deployment.url, f'deployment {deployment.id}')} (`{short(deployment)}`)"


def short(deployment: Deployment) -> str:
    """The short sha."""
    return escape(deployment.sha[:8], 8)


def work_item(item: WorkItem) -> str:
    said = link(item.url, f"#{item.iid} {item.title}", MOST_TITLE)
    return said if item.closes else f"{said} (mentioned)"


def deployed_when(deployment: Deployment, alert: Alert) -> str:
    """How the deployment lies to the moment when the trouble began: ``deployed 6 min before the alert``."""
    start, finished, since = began(deployment), deployment.finished_at, alert.began
    if deployment.status in BROKEN_OFF:
        return f"in a deployment that {broke_off(deployment)}"
    if start > since:
        return f"deployed {_after(start, alert)}"
    if finished is None:
        return f"still being deployed {at_occasion(alert)}"
    if finished <= since:
        return f"deployed {span(since - finished)} before {occasion(alert)}"
    return f"being deployed {at_occasion(alert)}, done {span(finished - since)} later"


def went_live(suspect: Suspect, alert: Alert, subject: str) -> str:
    """One to three sentences: which deployment shipped the change, where to, how long before the alert, and when.

    Each time stands with what happened then: behind "before the alert" it would be taken for the alert's.

    ``subject`` is the change, as a link that is already escaped.
    """
    deployment = suspect.candidate.deployment
    if deployment is None:
        return _by_itself(suspect.candidate.change, alert, subject)
    where = f"{escape(deployment.environment, MOST_NAME)} with {deployment_link(deployment)}"
    start, finished, since = began(deployment), deployment.finished_at, alert.began
    if finished is not None and deployment.status in BROKEN_OFF:
        return f"{subject} was on its way to {where}, which {broke_off(deployment)}. That was {moment(finished)}."
    if start > since:
        return f"{subject} went to {where}, {_after(start, alert)}. The rollout began {moment(start)}."
    if finished is not None and finished <= since:
        before = f"{span(since - finished)} before {occasion(alert)}"
        return f"{subject} reached {where}, {before}. It went live {moment(finished)}."
    says = f"{subject} was being rolled out to {where} {at_occasion(alert)}."
    if finished is None:
        return f"{says} The rollout began {moment(start)}."
    return f"{says} It was live {span(finished - since)} later, {moment(finished)}."


def when_live(candidate: Candidate, alert: Alert) -> str:
    """The same of what came by no deployment too: ``changed 6 min before the alert``."""
    if candidate.deployment is not None:
        return deployed_when(candidate.deployment, alert)
    return _took_effect(candidate.change, alert)


def _by_itself(change: Change, alert: Alert, subject: str) -> str:
    at = f" {moment(change.merged_at)}," if change.merged_at is not None else ""
    return f"{subject} came by no deployment: it {_did(change)}{at} {_when(change, alert)}."


def _took_effect(change: Change, alert: Alert) -> str:
    return f"{_did(change)} {_when(change, alert)}"


def _did(change: Change) -> str:
    return "was changed" if change.kind is ChangeKind.FEATURE_FLAG else "ran"


def _when(change: Change, alert: Alert) -> str:
    at = change.merged_at or alert.began
    return _after(at, alert) if at > alert.began else f"{span(alert.began - at)} before {occasion(alert)}"


def _after(start: datetime, alert: Alert) -> str:
    """What people say may be some minutes off, so that such a change may be the cause all the same."""
    return f"{span(start - alert.began)} after the time that was given"


def without_place(title: str, *places: str) -> str:
    """A title without the service and the environment that it begins with, where something is left."""
    names = "|".join(re.escape(place) for place in places if place)
    begins = rf"(?:\[(?:{names})\]|(?:{names})(?=[\s:,;|]|$))[\s:,;|]*(?:[-\u2013\u2014]\s+)?"
    return (re.sub(rf"^\s*(?:{begins})+", "", title, flags=re.IGNORECASE) if names else title) or title


def moment(at: datetime) -> str:
    """A time that Slack shows in each reader's own zone; the fallback is UTC."""
    plain = f"{at.astimezone(UTC):%d %b %H:%M} UTC"
    return f"<!date^{int(at.timestamp())}^{{date_short_pretty}} {{time}}|{plain}>"


def counted(number: int, thing: str) -> str:
    """``1 change``, ``4 changes``."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def ago(at: datetime, now: datetime) -> str:
    return f"{span(now - at)} ago"


def lineage(change: Change) -> str:
    """``Backport of !45 Tighten … · Reverts !40 …``; empty for most."""
    parts = (("Backport of", change.came_from), ("Reverts", change.reverts))
    return " · ".join(f"{what} {', '.join(change_link(one, 80) for one in of[:3])}" for what, of in parts if of)


def taken_by(suspect: Suspect, service: str) -> str:
    """``Reached web by !52 Update … (linden-auth 1.4.2 → 1.5.0).`` of a library's change; empty for all others."""
    via, bump = suspect.candidate.via, suspect.candidate.change.bump
    if via is None:
        return ""
    reached = f"Reached {escape(service, MOST_NAME)} by {change_link(via, 80)}"
    if bump is None:
        # Its project is one of the service's own too, and the change is told as one of those.
        return f"{reached}."
    versions = f"{bump.package[:MOST_NAME]} {bump.old[:30]} → {bump.new[:30]}"
    return f"{reached} ({link(file_url(via, bump.path), versions)})."
