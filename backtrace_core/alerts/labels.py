"""Labels that a message prints as ``key: value``, ``key = value`` or ``key:value``, and what they say of the place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from backtrace_core.scope import Catalog, looks_like_environment

_LINE = re.compile(r"^[\s•*-]{0,8}([^\W\d][\w .-]{0,40}?)\s{0,3}(?:(?:=|:)\s{1,3}|\uff1a\s{0,3})(\S.{0,300})$")
_INLINE = re.compile(r"(?<![\w/:])([A-Za-z_]{2,20})(?:[\"'][:=] ?[\"']|[:=][\"']?)([\w./-]{1,100})")
_IN_BRACKETS = re.compile(r"[(\[,] ?(service|env|environment): ([\w./-]{1,100})(?=[,)\]])")
"""With a blank, and between brackets or commas: in prose what follows such a word is no name."""
_KEY_NAME = r"[A-Za-z][a-z0-9]{0,40}(?:[_-][a-z0-9]{1,40}){0,6}"
_KEYS = re.compile(
    rf"^[\s•*-]{{1,8}}{_KEY_NAME}\*?(?:\s{{0,3}}=\s|:\*?\s)"
    rf"|(?:(?<=[\s{{,])|^){_KEY_NAME}(?:=(?=[\w\"'])|:(?=[^\s:/]))"
    rf"|(?:(?<=[\s,])|^){_KEY_NAME}:\s{{1,3}}(?=[^\s,;|]{{1,100}}(?:\s{{0,8}}$|[,;|]|\s{{1,8}}{_KEY_NAME}:\s))",
    re.MULTILINE,
)
"""The key of a label: behind a bullet, joined to its value, or before a value of one word. Prose has longer values."""
_MOST_LINES, _LONGEST_LINE = 400, 400
_SERVICE = (
    *("service", "service_name", "service name", "service.name", "服务", "サービス", "서비스", "сервис"),
    *("dienst", "servicio", "serviço", "servizio", "app", "application", "project"),
)
_PERHAPS_SERVICE = ("deployment",)
"""Labels that often bear the service's name and often something else: they are believed where the catalog knows it."""
_ENVIRONMENT = (
    *("environment", "env", "stage", "deployment_environment", "deployment.environment", "环境", "環境", "환경"),
    *("окружение", "umgebung", "environnement", "entorno", "ambiente", "omgeving"),
)
_MEASURES = re.compile(
    r"(?:^|[-_])(?:kube-state-metrics|kubelet|cadvisor|prometheus)(?:$|[-_])|(?:^|[-_])exporter$|[-_]exporter[-_]",
    re.IGNORECASE,
)
"""The service that scrapes, which Prometheus puts where the service that is scraped should stand."""
_VALUE_ENDS = re.compile(r"[,;|(]|\s{2}")
_MOST_WORDS = 4
_NOTHING = frozenset(("", "-", "n/a", "none", "null", "unknown", "undefined", "all", "default"))
_PROSE_TOO = frozenset(("live", "testing", "stage", "canary", "sandbox", "development", "dev"))
_WORD = re.compile(r"[\w./-]{2,100}")


def labels_in(text: str) -> dict[str, str]:
    """Keys in lower case with their first value; ``text`` is unmarked."""
    found: dict[str, str] = {}
    for key, value in (*_by_line(text), *_inline(text)):
        found.setdefault(key.strip().lower(), value.strip())
    return found


def _by_line(text: str) -> Iterator[tuple[str, str]]:
    for line in text.split("\n")[:_MOST_LINES]:
        match = _LINE.match(line[:_LONGEST_LINE])
        if match is not None:
            yield match[1], match[2]


def _inline(text: str) -> Iterator[tuple[str, str]]:
    for match in (*_INLINE.finditer(text), *_IN_BRACKETS.finditer(text)):
        yield match[1], match[2]


def without_keys(text: str) -> str:
    """The text without the keys of its labels: ``container: nginx`` says nginx, whatever is called container."""
    return _KEYS.sub(" ", text)


def words_of(text: str) -> tuple[str, ...]:
    """Tokens that may name a service or an environment, as written."""
    return tuple(match[0].strip(".-/") for match in _WORD.finditer(text))


def service_of(labels: Mapping[str, str], words: Iterable[str], catalog: Catalog) -> str | None:
    """The service that a label names, known or not; else the first word that the catalog knows.

    A label is not outvoted by words: another service's alert may well mention ours.
    """
    stated = next((name for key in _SERVICE if (name := _stated(labels.get(key, ""), catalog))), None)
    if stated is not None:
        return stated
    perhaps = [name for key in _PERHAPS_SERVICE if (name := _stated(labels.get(key, ""), catalog))]
    known = (word for word in (*perhaps, *words) if catalog.find(word) is not None)
    return next(known, None) or next(iter(perhaps), None)


def _stated(value: str, catalog: Catalog) -> str:
    """The name that a label's value is; empty where it is none, or names who measures."""
    name = _VALUE_ENDS.split(value, maxsplit=1)[0].strip()
    if catalog.find(name) is not None:
        return name
    prose = len(name.split()) > _MOST_WORDS
    return "" if prose or name.lower() in _NOTHING or _MEASURES.search(name) else name


def environment_of(labels: Mapping[str, str], place: str) -> str | None:
    """The environment that a label names, else a word that is the name of one. As written.

    Of ``place`` the first line is a heading, where a bare ``canary`` says where; further down it is prose.
    """
    stated = (labels[key].split()[0].rstrip(",;|") for key in _ENVIRONMENT if labels.get(key))
    named = next((name for name in stated if name.lower() not in _NOTHING), None)
    if named:
        return named
    heading, _, rest = place.partition("\n")
    halves = (half for word in words_of(heading) if word.count("/") == 1 for half in word.split("/"))
    below = (word for word in words_of(rest) if word.lower() not in _PROSE_TOO)
    return next((word for word in (*words_of(heading), *halves, *below) if looks_like_environment(word)), None)
