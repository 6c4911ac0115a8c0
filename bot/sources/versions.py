"""Which changes are in the versions that an alert says, by the commits of the window. Nothing is asked for it."""

from __future__ import annotations

from dataclasses import replace

from backtrace_core.model import Alert, Change, Harvest, Version
from backtrace_core.versions import versions_to_ask
from bot.sources.commits import CommitGraph


def read_versions(alert: Alert, harvest: Harvest, graph: CommitGraph | None) -> tuple[Version, ...]:
    """Those that the graph knows. ``harvest`` has its deployments and changes."""
    if graph is None:
        return ()
    wanted = (version for version in versions_to_ask(alert, harvest) if graph.knows(version.sha))
    return tuple(_asked(version, harvest.changes, graph) for version in wanted)


def _asked(version: Version, changes: tuple[Change, ...], graph: CommitGraph) -> Version:
    answers = {change.key: _contains(graph, version.sha, change) for change in changes}
    return replace(
        version,
        has=frozenset(key for key, answer in answers.items() if answer),
        lacks=frozenset(key for key, answer in answers.items() if answer is False),
    )


def _contains(graph: CommitGraph, tip: str, change: Change) -> bool | None:
    """A backport is in a version that has the original, too. None where the graph knows no commit of the change."""
    told = {graph.contains(tip, sha) for sha in change.shas | change.origin_shas} - {None}
    return True in told if told else None
