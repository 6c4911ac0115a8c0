"""Where to look for an alert: which service, which environment, how far back.

What an alert states is never replaced by a default: of a service or an environment that is not known, nothing is said
and nothing is offered. Defaults are for alerts that state nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from backtrace_core.model import WINDOW, Alert, Library, Scope, Service

_LONG_NAMES = {
    "prod": "production",
    "prd": "production",
    "live": "production",
    "produktion": "production",
    "stg": "staging",
    "stage": "staging",
    "dev": "development",
    "test": "testing",
    "pre-prod": "preprod",
    "pre-production": "preprod",
    "preproduction": "preprod",
}
_USUAL = frozenset(("production", "staging", "development", "testing", "qa", "uat", "canary", "sandbox", "preprod"))
_REVIEW_APPS = "review/"
_NO_TEST = "test"
_DEFAULT = "production"
_LONGEST_NAME = 60
_MOST_NAMES = 20


def environment_name(word: str) -> str:
    """The long form of the usual abbreviations, lower case: ``prod`` -> ``production``."""
    return _LONG_NAMES.get(word.lower(), word.lower())


def looks_like_environment(word: str) -> bool:
    """Whether a bare word is the usual name of an environment; a bare ``test`` may be anything."""
    name = environment_name(word)
    return (name in _USUAL and word.lower() != _NO_TEST) or name.startswith(_REVIEW_APPS)


@dataclass(frozen=True, slots=True)
class Catalog:
    """The services that Backtrace knows, and the libraries whose releases it follows."""

    services: tuple[Service, ...]
    libraries: tuple[Library, ...] = ()

    def find(self, word: str) -> Service | None:
        """The service of that name, else of that alias, else of that project path; in any case of letters."""
        wanted = word.strip().strip("/").lower()
        if not wanted:
            return None
        for known in (_name, _aliases, _project):
            for service in self.services:
                if wanted in known(service):
                    return service
        return None


def _name(service: Service) -> tuple[str, ...]:
    return (service.name.lower(),)


def _aliases(service: Service) -> tuple[str, ...]:
    return tuple(alias.lower() for alias in service.aliases)


def _project(service: Service) -> tuple[str, ...]:
    return (service.project.lower(),)


def scope_of(alert: Alert, catalog: Catalog, since: datetime | None = None) -> Scope | None:
    """The scope, or None when no service, or no environment of it, can be told; ``why_no_scope`` says why.

    Where the alert states none: with one service in the catalog that one is meant, and of the environments the first.
    ``since`` is respected where it lies before the onset, and is otherwise when the trouble began, not how far back
    its cause may lie: then the window is the usual one.
    """
    service = _service(alert, catalog)
    environment = environment_of_service(service, alert.environment) if service else None
    if service is None or environment is None:
        return None
    start = since if since is not None and since < alert.onset.earliest else alert.onset.earliest - WINDOW
    return Scope(service, environment, alert.onset, start)


def why_no_scope(alert: Alert, catalog: Catalog) -> str:
    """Why ``scope_of`` gives None, as a sentence or two of plain text with the alert's own words; else empty."""
    service = _service(alert, catalog)
    if service is not None:
        return unknown_environment(service, alert.environment or "") if scope_of(alert, catalog) is None else ""
    names = [known.name for known in catalog.services[:_MOST_NAMES]]
    knows = f"Backtrace knows {', '.join(names)}{' …' if len(catalog.services) > _MOST_NAMES else ''}."
    if alert.service:
        return f"It is about {_short(alert.service)}, which is no service that Backtrace knows. {knows}"
    return f"It is not clear which service this is about. {knows}"


def unknown_environment(service: Service, stated: str) -> str:
    """The sentence for an environment that the service does not have."""
    return f"{service.name} has no environment {_short(stated)} that Backtrace knows: it has {_environments(service)}."


def environment_of_service(service: Service, stated: str | None) -> str | None:
    """The service's own name of the stated environment, the first where none is stated; None: it has no such one."""
    known = service.environments or (_DEFAULT,)
    if not stated:
        return known[0]
    wanted = environment_name(stated)
    return next((name for name in known if environment_name(name) == wanted), None)


def _service(alert: Alert, catalog: Catalog) -> Service | None:
    if alert.service:
        return catalog.find(alert.service)
    return catalog.services[0] if len(catalog.services) == 1 else None


def _environments(service: Service) -> str:
    return ", ".join(service.environments or (_DEFAULT,))


def _short(name: str) -> str:
    return " ".join(name.split())[:_LONGEST_NAME]
