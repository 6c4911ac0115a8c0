"""GitLab's own incidents, as its webhook and its REST tell of them, read into an :class:`Alert`.

Which object kind a hook has for an incident changed several times between versions (``issue``, ``work_item``), so its
type alone decides (docs.gitlab.com/user/project/integrations/webhook_events, docs.gitlab.com/api/issues).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from backtrace_core.alerts.labels import environment_of, labels_in, service_of, words_of
from backtrace_core.alerts.reading import onset_of
from backtrace_core.alerts.slack_text import unmarked
from backtrace_core.alerts.stack import frames_in, without_source
from backtrace_core.alerts.terms import error_terms
from backtrace_core.alerts.times import stated_start
from backtrace_core.model import Alert, AlertStatus, Link, Service, Severity
from backtrace_core.scope import Catalog

SENDER = "gitlab"
INCIDENT = "incident"
LONGEST_TITLE = 300
LONGEST_TEXT = 64 * 1024
_MOST_LINKS = 10
_SEVERITIES = {one.name.lower(): one for one in Severity if one is not Severity.INFO}
_COMMENT = re.compile(r"<!--.{0,2000}?-->", re.DOTALL)
_URL = re.compile(r"https?://[^\s<>()\[\]\"'`]{1,500}")
_SCOPED = "::"
_PAGE = re.compile(r"https?://[^/\s]+/(\S{1,400}?)/-/(?:issues|work_items)/(?:incident/)?(\d{1,12})(?![\w-])")


@dataclass(frozen=True, slots=True)
class ToldIncident:
    """``project`` is the full path, ``issue_id`` the number that is global, ``iid`` the one within the project.

    ``by`` is the id of who did what is told; None where nobody tells (REST). ``action`` is the hook's own word, empty
    for REST.
    """

    project_id: int
    project: str
    issue_id: int
    iid: int
    title: str
    description: str
    severity: Severity | None
    is_open: bool
    confidential: bool
    labels: tuple[str, ...]
    author_id: int | None
    by: int | None
    action: str
    url: str
    created_at: datetime
    updated_at: datetime

    @property
    def key(self) -> str:
        """The same for every delivery and for REST: ``gitlab-4711-41``."""
        return incident_key(self.project_id, self.iid)

    @property
    def label(self) -> str:
        return f"{self.project}#{self.iid}"


def incident_key(project_id: int, iid: int) -> str:
    return f"{SENDER}-{project_id}-{iid}"


def told_by_hook(payload: Mapping[str, Any]) -> ToldIncident | None:
    """The incident of an issue's hook of any kind; None for everything else.

    :raises ValueError, KeyError, TypeError: where it is one, in a form that is not known.
    """
    told, project = payload.get("object_attributes"), payload.get("project")
    if not isinstance(told, Mapping) or not isinstance(project, Mapping) or not _is_incident(told):
        return None
    user = payload.get("user")
    return ToldIncident(
        project_id=int(project["id"]),
        project=str(project["path_with_namespace"]),
        by=_number(user.get("id")) if isinstance(user, Mapping) else None,
        action=str(told.get("action") or ""),
        url=str(told.get("url") or ""),
        author_id=_number(told.get("author_id")),
        **_said(told),
    )


def told_by_row(row: Mapping[str, Any], project: str) -> ToldIncident | None:
    """The same from a row of ``GET /projects/:id/issues``. Raises as ``told_by_hook`` does."""
    if not _is_incident(row):
        return None
    author = row.get("author")
    return ToldIncident(
        project_id=int(row["project_id"]),
        project=project,
        by=None,
        action="",
        url=str(row.get("web_url") or ""),
        author_id=_number(author.get("id")) if isinstance(author, Mapping) else None,
        **_said(row),
    )


def _is_incident(told: Mapping[str, Any]) -> bool:
    kinds = {str(told.get(name) or "").lower() for name in ("type", "issue_type", "work_item_type")}
    return INCIDENT in kinds and "iid" in told


def _said(told: Mapping[str, Any]) -> dict[str, Any]:
    """What hooks and REST tell under the same names."""
    created = moment(told["created_at"])
    return {
        "issue_id": int(told["id"]),
        "iid": int(told["iid"]),
        "title": str(told.get("title") or "")[:LONGEST_TITLE],
        "description": str(told.get("description") or "")[:LONGEST_TEXT],
        "severity": _SEVERITIES.get(str(told.get("severity") or "").lower()),
        "is_open": str(told.get("state") or "opened") != "closed",
        "confidential": told.get("confidential") is True,
        "labels": tuple(_labels(told.get("labels"))),
        "created_at": created,
        "updated_at": moment(told["updated_at"]) if told.get("updated_at") else created,
    }


def _labels(given: object) -> Iterable[str]:
    for label in given if isinstance(given, list) else ():
        yield str(label.get("title") or "") if isinstance(label, Mapping) else str(label)


def _number(given: object) -> int | None:
    return given if isinstance(given, int) and not isinstance(given, bool) else None


def moment(given: object) -> datetime:
    """A moment in each of the three forms that hooks have: ISO, ``… UTC``, ``… +0200``.

    :raises ValueError: for anything else.
    """
    text = str(given).strip().replace(" UTC", "+00:00").replace(" +", "+").replace(" -", "-")
    read = datetime.fromisoformat(text)
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def label_of_url(url: str) -> str:
    """``shop/web#41`` of an issue's page, which has several addresses; empty for any other page."""
    match = _PAGE.match(url)
    return f"{match[1]}#{match[2]}" if match is not None else ""


def services_of(project: str, catalog: Catalog) -> tuple[Service, ...]:
    """The services whose incidents may be opened in that project: its own, and those that name it for incidents."""
    wanted = project.lower()
    return tuple(
        service
        for service in catalog.services
        if wanted in {one.lower() for one in (service.incident_project or "", *service.all_projects)}
    )


def alert_of_incident(told: ToldIncident, catalog: Catalog) -> Alert:
    """The alert that an incident is. ``service`` is None where nothing tells which of several is meant."""
    body = _COMMENT.sub(" ", told.description)
    marked = f"{told.title}\n{body}"[:LONGEST_TEXT]
    text = unmarked(marked)
    labels = {**labels_in(without_source(text)), **_as_labels(told.labels)}
    started_at = stated_start(text, told.created_at)
    return Alert(
        sender=SENDER,
        status=AlertStatus.FIRING if told.is_open else AlertStatus.RESOLVED,
        title=told.title,
        text=text,
        received_at=told.created_at,
        onset=onset_of(started_at, text, told.created_at),
        fingerprint=hashlib.sha256(told.key.encode()).hexdigest()[:32],
        service=_service(told, labels, catalog),
        environment=environment_of(labels, told.title),
        started_at=started_at,
        error_terms=error_terms(told.title, marked)[:8],
        frames=frames_in(marked),
        links=tuple(Link(url, url) for url in dict.fromkeys((told.url, *_URL.findall(body))) if url)[:_MOST_LINKS],
        severity=told.severity,
    )


def _as_labels(names: Iterable[str]) -> dict[str, str]:
    """Scoped labels are keys with values: ``service::web``."""
    split = (name.rpartition(_SCOPED) for name in names if _SCOPED in name)
    return {key.strip().lower(): value.strip() for key, _, value in split}


def _service(told: ToldIncident, labels: Mapping[str, str], catalog: Catalog) -> str | None:
    """The project's only service; of several the one that a label, or a word, names."""
    possible = services_of(told.project, catalog)
    if len(possible) == 1:
        return possible[0].name
    among = Catalog(possible)
    plain = (name for name in told.labels if _SCOPED not in name)
    named = service_of(labels, (*plain, *words_of(told.title)), among)
    found = among.find(named) if named else None
    return found.name if found is not None else None
