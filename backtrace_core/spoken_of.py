"""Which services an alert speaks of without naming one: by the addresses in it, else by words of the catalog."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from backtrace_core.globs import is_glob, matches
from backtrace_core.model import Alert, Service

_URL = re.compile(r"https?://[^\s<>|\"'`)\]]+", re.IGNORECASE)
_MOST_READ = 20_000
_MOST_URLS = 50


@dataclass(frozen=True, slots=True)
class KnownEnvironment:
    """An environment as GitLab lists it. ``tier``: production, staging, testing, development, other."""

    project: str
    name: str
    tier: str
    external_url: str | None = None


def environments_of(service: Service, known: Iterable[KnownEnvironment]) -> tuple[KnownEnvironment, ...]:
    """Of all known environments those of the service: of its projects, and named by its settings."""
    return tuple(
        one
        for one in known
        if one.project in service.all_projects and any(matches(name, one.name) for name in service.environments)
    )


def mentioned(
    alert: Alert, services: tuple[Service, ...], known: tuple[KnownEnvironment, ...] = ()
) -> tuple[Service, ...]:
    """The services that the alert speaks of. Several: it is not clear which one is meant.

    An address says more than a word: a shop's alert mentions payments, but its address is the shop's. Of addresses the
    longest match counts, of words those of the title before those of the text.
    """
    urls = tuple(dict.fromkeys(_urls_in(alert)))[:_MOST_URLS]
    by_address = _longest((service, _answers(urls, _addresses(service, known))) for service in services)
    if by_address:
        return by_address
    for text in (alert.title, alert.text):
        found = tuple(service for service in services if _is_named(service, _URL.sub(" ", text[:_MOST_READ])))
        if found:
            return found
    return ()


def says_which(alert: Alert, service: Service) -> bool:
    """Whether the alert itself says that it is about the service: by its name, or by an address, whosever that is."""
    return bool(alert.service) or "://" in alert.text or bool(mentioned(alert, (service,)))


def environment_at(alert: Alert, service: Service, known: tuple[KnownEnvironment, ...]) -> str | None:
    """The one environment of the service whose address the alert has; None where none, or several, are."""
    urls = tuple(dict.fromkeys(_urls_in(alert)))[:_MOST_URLS]
    found = [(one, _answers(urls, (one.external_url or "",))) for one in environments_of(service, known)]
    names = {one.name for one, length in found if length and length == max(size for _, size in found)}
    return names.pop() if len(names) == 1 else None


def _longest(found: Iterable[tuple[Service, int]]) -> tuple[Service, ...]:
    rows = [(service, length) for service, length in found if length]
    longest = max((length for _, length in rows), default=0)
    return tuple(service for service, length in rows if length == longest)


def _urls_in(alert: Alert) -> Iterable[str]:
    text = f"{alert.title}\n{alert.text}"[:_MOST_READ]
    return (*(match[0] for match in _URL.finditer(text)), *(link.url for link in alert.links))


def _addresses(service: Service, known: tuple[KnownEnvironment, ...]) -> tuple[str, ...]:
    return (*service.urls, *(one.external_url for one in environments_of(service, known) if one.external_url))


def _answers(urls: Iterable[str], addresses: Iterable[str]) -> int:
    """How long the address is below which one of the URLs lies; 0: none."""
    places = [place for url in urls if (place := _place(url))]
    below = (len(own) for address in addresses if (own := _place(address)) for url in places if _is_below(url, own))
    return max(below, default=0)


def _place(url: str) -> str:
    """Host, port and path, comparable; empty for what is no address."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return f"{parts.netloc.lower().rpartition('@')[2]}{parts.path.rstrip('/.,;:')}" if parts.netloc else ""


def _is_below(url: str, address: str) -> bool:
    return url == address or url.startswith(f"{address}/")


def _is_named(service: Service, text: str) -> bool:
    names = (service.name, *service.aliases, *service.all_projects)
    words = [name for name in names if not is_glob(name)]
    return any(re.search(rf"(?<![\w/.-]){re.escape(word)}(?![\w/-])", text, re.IGNORECASE) for word in words)
