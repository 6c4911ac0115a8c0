"""Where to look for an alert: which service, which environment, how far back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from backtrace_core.model import WINDOW, Alert, Scope, Service

_LONG_NAMES = {
    "prod": "production",
    "prd": "production",
    "live": "production",
    "produktion": "production",
    "stg": "staging",
    "stage": "staging",
    "dev": "development",
}


def environment_name(word: str) -> str:
    """The long form of the usual abbreviations, lower case: ``prod`` -> ``production``."""
    return _LONG_NAMES.get(word.lower(), word.lower())


@dataclass(frozen=True, slots=True)
class Catalog:
    """The services that Backtrace knows."""

    services: tuple[Service, ...]

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
    """The scope, or None when no service can be told.

    With one service in the catalog that one is meant. ``since`` is respected where it lies before the onset, and is
    otherwise when the trouble began, not how far back its cause may lie: then the window is the usual one.
    """
    service = _service(alert, catalog)
    if service is None:
        return None
    start = since if since is not None and since < alert.onset.earliest else alert.onset.earliest - WINDOW
    return Scope(service, _environment(alert, service), alert.onset, start)


def _service(alert: Alert, catalog: Catalog) -> Service | None:
    named = catalog.find(alert.service) if alert.service else None
    if named is None and len(catalog.services) == 1:
        return catalog.services[0]
    return named


def _environment(alert: Alert, service: Service) -> str:
    wanted = environment_name(alert.environment or "")
    for environment in service.environments:
        if environment_name(environment) == wanted:
            return environment
    return service.environments[0] if service.environments else "production"
