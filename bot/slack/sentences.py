"""What the card says, in words: people, deployments, changes. Foreign text is escaped here. Pure."""

from __future__ import annotations

from datetime import UTC, datetime

from backtrace_core.evidence.spans import span
from backtrace_core.model import Alert, Change, ChangeRef, Deployment, Person, Suspect, WorkItem
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
    return f"{escape(change.author_name, MOST_NAME) or 'nobody known'} (no GitLab user known)"


def change_link(change: Change | ChangeRef) -> str:
    return link(change.url, f"{change.label} {change.title}".strip(), MOST_TITLE)


def deployment_link(deployment: Deployment) -> str:
    return f"{link(deployment.url, f'deployment {deployment.id}')} (`{short(deployment)}`)"


def short(deployment: Deployment) -> str:
    """The short sha."""
    return escape(deployment.sha[:8], 8)


def work_item(item: WorkItem) -> str:
    return link(item.url, f"#{item.iid} {item.title}", MOST_TITLE)


def deployed_when(deployment: Deployment, alert: Alert) -> str:
    """How the deployment lies to the moment when the trouble began: ``deployed 6 min before the alert``."""
    if deployment.finished_at is None:
        return "still being deployed when the alert fired"
    onset = alert.onset.latest
    if deployment.finished_at <= onset:
        return f"deployed {span(onset - deployment.finished_at)} before the alert"
    return f"being deployed when the alert fired, done {span(deployment.finished_at - onset)} later"


def went_live(suspect: Suspect, alert: Alert, subject: str) -> str:
    """One sentence: which deployment shipped the change, where to, and how long before the alert.

    ``subject`` is the change, as a link that is already escaped.
    """
    deployment = suspect.candidate.deployment
    environment = escape(deployment.environment, MOST_NAME)
    when = deployed_when(deployment, alert).removeprefix("deployed ")
    if deployment.finished_at is None:
        since = f", since {moment(deployment.started_at)}" if deployment.started_at else ""
        return f"{subject} ships to {environment} with {deployment_link(deployment)}, {when}{since}."
    at = moment(deployment.finished_at)
    return f"{subject} reached {environment} with {deployment_link(deployment)}, {when} ({at})."


def moment(at: datetime) -> str:
    """A time that Slack shows in each reader's own zone; the fallback is UTC."""
    plain = f"{at.astimezone(UTC):%d %b %H:%M} UTC"
    return f"<!date^{int(at.timestamp())}^{{date_short_pretty}} {{time}}|{plain}>"


def counted(number: int, thing: str) -> str:
    """``1 change``, ``4 changes``."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def ago(at: datetime, now: datetime) -> str:
    return f"{span(now - at)} ago"
