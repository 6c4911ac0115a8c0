"""What kind of trouble an alert speaks of, and what kind of change can make such trouble.

A table, not a model: the words are those of common alerts and common causes.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from backtrace_core.words import STOP_WORDS, stem


@dataclass(frozen=True, slots=True)
class Symptom:
    """``name`` follows on "is about". ``said``: words of an alert. ``causes``: words of a change that could bring
    it on.

    ``slow``: it builds up over hours, so that the last deployment is hardly more suspect than those before.
    ``by_migration``: a change of the database's shape can bring it on.
    """

    name: str
    said: frozenset[str]
    causes: frozenset[str]
    slow: bool = False
    by_migration: bool = False


AS_WRITTEN: dict[str, str] = {}
"""The words of this table by their stems."""


def _set(words: str) -> frozenset[str]:
    AS_WRITTEN.update({stem(word): word for word in words.split()})
    return frozenset(stem(word) for word in words.split()) - STOP_WORDS


SYMPTOMS = (
    Symptom(
        "memory",
        said=_set("memory oom oomkilled heap rss leak gc swap"),
        causes=_set("cache memo memoize lru buffer preload heap memory pool retain cached caching singleton weakref"),
        slow=True,
    ),
    Symptom(
        "disk space",
        said=_set("disk filesystem inode volume"),
        causes=_set("log logging upload temp tmp file export retention archive dump"),
        slow=True,
    ),
    Symptom(
        "a backlog", said=_set("backlog lag queue"), causes=_set("queue worker consumer batch retry job"), slow=True
    ),
    Symptom(
        "latency",
        said=_set("latency slow slower slowness duration p50 p90 p95 p99 timeout apdex lock deadlock"),
        causes=_set("query index join prefetch eager loop lock timeout retry sleep backfill scan"),
        by_migration=True,
    ),
    Symptom(
        "sign-in",
        said=_set("login signin logon auth authentication unauthorized forbidden logout"),
        causes=_set("auth session token cookie csrf oauth jwt password permission login signin credential"),
    ),
    Symptom(
        "the database",
        said=_set("column relation sql database postgre deadlock constraint undefinedcolumn operationalerror"),
        causes=_set("column migration schema table constraint foreign"),
        by_migration=True,
    ),
)


def symptoms(words: Collection[str]) -> tuple[Symptom, ...]:
    """The kinds of trouble that these (folded) words speak of."""
    return tuple(symptom for symptom in SYMPTOMS if not symptom.said.isdisjoint(words))
