"""Where to look for an alert: which service, which environment, how far back.

What an alert states is never replaced by a default: of a service or an environment that is not known, nothing is said
and nothing is offered. Defaults are for alerts that state nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from backtrace_core.globs import is_glob, matches
from backtrace_core.model import WINDOW, Alert, Library, Scope, Service
from backtrace_core.spoken_of import KnownEnvironment, environment_at, environments_of, mentioned

_LONG_NAMES = {
    "prod": "production",
    "prd": "production",
    "live": "production",
    "produktion": "production",
    "producción": "production",
    "produccion": "production",
    "produção": "production",
    "producao": "production",
    "produzione": "production",
    "productie": "production",
    "produkcja": "production",
    "прод": "production",
    "本番": "production",
    "生产": "production",
    "stg": "staging",
    "stage": "staging",
    "dev": "development",
    "test": "testing",
    "pre-prod": "preprod",
    "pre-production": "preprod",
    "preproduction": "preprod",
}
_TIERS = frozenset(("production", "staging", "testing", "development", "other"))
"""docs.gitlab.com/ci/environments: deployment tier of environments."""
_USUAL = frozenset(("production", "staging", "development", "testing", "qa", "uat", "canary", "sandbox", "preprod"))
_REVIEW_APPS = "review/"
_NO_TEST = "test"
_REGION = (
    r"(?:us|eu|ap|sa|af|me|ca|uk|gb|de|fr|in|jp|au|sg|na|emea|apac)"
    r"(?:-?(?:north|south|east|west|central){1,2})?(?:-?\d{1,2})?"
)
_OF_REGION = re.compile(rf"([a-z]{{2,20}})-{_REGION}|{_REGION}-([a-z]{{2,20}})", re.IGNORECASE)
_DEFAULT = "production"
_LONGEST_NAME = 60
_MOST_NAMES = 20


def environment_name(word: str) -> str:
    """The long form of the usual abbreviations, lower case: ``prod`` -> ``production``."""
    return _LONG_NAMES.get(word.lower(), word.lower())


def looks_like_environment(word: str) -> bool:
    """Whether a bare word is the usual name of an environment; a bare ``test`` may be anything.

    ``staging-eu`` is one too, so that it is not taken for production; ``prod-eu`` is production, wherever it stands.
    """
    name = environment_name(word)
    return (name in _USUAL and word.lower() != _NO_TEST) or name.startswith(_REVIEW_APPS) or _is_beside(word)


def _is_beside(word: str) -> bool:
    found = _OF_REGION.fullmatch(word)
    name = environment_name(found[1] or found[2]) if found is not None else _DEFAULT
    return name != _DEFAULT and name in _USUAL


@dataclass(frozen=True, slots=True)
class Catalog:
    """The services that Backtrace knows, those environments of theirs that GitLab was asked for, and the libraries
    whose releases it follows."""

    services: tuple[Service, ...]
    known: tuple[KnownEnvironment, ...] = ()
    libraries: tuple[Library, ...] = ()

    @property
    def projects(self) -> tuple[str, ...]:
        """Their projects, each once."""
        return tuple(dict.fromkeys(project for service in self.services for project in service.all_projects))

    @property
    def incident_projects(self) -> tuple[str, ...]:
        """Those in which only incidents are opened, each once."""
        named = dict.fromkeys(service.incident_project for service in self.services)
        return tuple(project for project in named if project and project not in self.projects)

    def find(self, word: str) -> Service | None:
        """The service of that name, else of that alias, project path, alias with a glob, or last part of a path.

        In any case of letters. None also where several services fit equally well; :meth:`fitting` tells which.
        """
        found = self.fitting(word)
        return found[0] if len(found) == 1 else None

    def fitting(self, word: str) -> tuple[Service, ...]:
        """All services that the word fits best: several where it is ambiguous."""
        wanted = word.strip().strip("/").lower()
        for is_meant in _WAYS if wanted else ():
            found = tuple(service for service in self.services if is_meant(service, wanted))
            if found:
                return found
        return ()


def _by_name(service: Service, wanted: str) -> bool:
    return service.name.lower() == wanted


def _by_alias(service: Service, wanted: str) -> bool:
    return any(alias.lower() == wanted for alias in service.aliases)


def _by_project(service: Service, wanted: str) -> bool:
    return any(project.lower() == wanted for project in service.all_projects)


def _by_glob(service: Service, wanted: str) -> bool:
    return any(is_glob(alias) and matches(alias, wanted) for alias in service.aliases)


def _by_last_part(service: Service, wanted: str) -> bool:
    return any(project.lower().rpartition("/")[2] == wanted for project in service.all_projects)


_WAYS = (_by_name, _by_alias, _by_project, _by_glob, _by_last_part)


def scope_of(alert: Alert, catalog: Catalog, since: datetime | None = None) -> Scope | None:
    """The scope, or None when no service, or no environment of it, can be told; ``why_no_scope`` says why.

    Where the alert states none: with one service in the catalog that one is meant, and of the environments the first.
    ``since`` is respected where it lies before the onset, and is otherwise when the trouble began, not how far back
    its cause may lie: then the window is the usual one.
    """
    service = service_of(alert, catalog)
    environment = _environment(alert, service, catalog) if service else None
    if service is None or environment is None:
        return None
    start = since if since is not None and since < alert.onset.earliest else alert.onset.earliest - WINDOW
    return Scope(service, environment, alert.onset, start)


def why_no_scope(alert: Alert, catalog: Catalog) -> str:
    """Why ``scope_of`` gives None, as a sentence or two of plain text with the alert's own words; else empty."""
    service = service_of(alert, catalog)
    if service is not None:
        return unknown_environment(service, alert.environment or "") if scope_of(alert, catalog) is None else ""
    names = [known.name for known in catalog.services[:_MOST_NAMES]]
    knows = f"Backtrace knows {', '.join(names)}{' …' if len(catalog.services) > _MOST_NAMES else ''}."
    several = _services(alert, catalog)
    if len(several) > 1:
        return f"It is not clear which service this is about: it may be {' or '.join(s.name for s in several[:3])}."
    if alert.service:
        add = "Where it is one of these, or another of yours, add it to the settings: an alias, or a [[service]]."
        return f"It is about {_short(alert.service)}, which is no service that Backtrace knows. {knows} {add}"
    return f"It is not clear which service this is about. {knows}"


def unknown_environment(service: Service, stated: str) -> str:
    """The sentence for an environment that the service does not have."""
    return f"{service.name} has no environment {_short(stated)} that Backtrace knows: it has {_environments(service)}."


def environment_of_service(service: Service, stated: str | None) -> str | None:
    """The service's own name of the stated environment, the first where none is stated; None: it has no such one.

    A folder of environments (``production/eu``, ``production/us``) is one service's production: the answer is then a
    glob, ``production/*``, both for its name and where its first is meant.
    """
    known = service.environments or (_DEFAULT,)
    if not stated:
        return (
            _whole_folder(known, known[0].partition("/")[0]) if not is_glob(known[0]) and "/" in known[0] else known[0]
        )
    wanted = environment_name(stated)
    for name in known:
        if environment_name(name) == wanted:
            return name
    globs = [name for name in known if is_glob(name)]
    for name in (stated, wanted):
        if any(matches(glob, name) for glob in globs):
            return name
    return _whole_folder(known, wanted)


def _whole_folder(known: tuple[str, ...], folder: str) -> str | None:
    """The environments of a folder: the one by its name, several as a glob; None where there are none."""
    inside = [name for name in known if environment_name(name.partition("/")[0]) == folder.lower() and "/" in name]
    return inside[0] if len(inside) == 1 else (f"{inside[0].partition('/')[0]}/*" if inside else None)


def _environment(alert: Alert, service: Service, catalog: Catalog) -> str | None:
    """By its name, then by its tier as GitLab tells it; where none is stated by the address that the alert has."""
    if not alert.environment:
        return environment_at(alert, service, catalog.known) or environment_of_service(service, None)
    return environment_of_service(service, alert.environment) or _by_tier(service, alert.environment, catalog)


def _by_tier(service: Service, stated: str, catalog: Catalog) -> str | None:
    """The environment of that tier; None where there is none, or several of which nobody can tell which is meant."""
    tier = environment_name(stated)
    names = {one.name for one in environments_of(service, catalog.known) if one.tier == tier}
    return names.pop() if len(names) == 1 else None


def may_need_gitlab(alert: Alert, catalog: Catalog) -> bool:
    """Whether no scope can be told by the settings alone, but may be by what GitLab knows of the environments."""
    if catalog.known or scope_of(alert, catalog) is not None:
        return False
    service = service_of(alert, catalog)
    if service is not None:
        return environment_name(alert.environment or "") in _TIERS
    return not alert.service and "://" in " ".join((alert.title, alert.text, *(link.url for link in alert.links)))


def service_of(alert: Alert, catalog: Catalog) -> Service | None:
    """The one service that the alert can be about; None where it is none of the catalog's, or may be several."""
    found = _services(alert, catalog)
    return found[0] if len(found) == 1 else None


def _services(alert: Alert, catalog: Catalog) -> tuple[Service, ...]:
    """Those that may be meant. Several: nobody can tell which."""
    if alert.service:
        return catalog.fitting(alert.service)
    if len(catalog.services) == 1:
        return catalog.services
    return mentioned(alert, catalog.services, catalog.known)


def _environments(service: Service) -> str:
    return ", ".join(service.environments or (_DEFAULT,))


def _short(name: str) -> str:
    return " ".join(name.split())[:_LONGEST_NAME]
