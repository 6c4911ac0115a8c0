"""Deciding what to read in full, where there is too much to read everything. Reads nothing itself."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from backtrace_core.history import began
from backtrace_core.model import Alert, Candidate, Change, ChangeKind, Deployment, Harvest, Scope
from backtrace_core.worth_reading import worth_reading
from bot.sources.commits import CommitGraph
from bot.sources.shipped import Cargo
from bot.sources.stats import Paths

MOST_TEXTS, ALL_WITH_A_TRACE = 20, 40
"""Diffs, a request each. Beside a trace so many are all read: what it tells of a change stands in its lines, and paths
alone promise nothing of that."""

# What can close an issue: `#12`, `shop/web#12`, a link to one, a key of another tracker (docs.gitlab.com/user/project/
# issues/managing_issues: closing pattern; instances may set their own, but it has to name the issue somehow).
_REFERENCE = re.compile(r"#\d|/(?:issues|work_items)/\d|\b[A-Z][A-Z0-9_]+-\d")


@dataclass(frozen=True, slots=True)
class Choice:
    """Of many changes only some are read in full: ``alert`` decides which. ``paths``: those known already."""

    alert: Alert
    cargo: Sequence[Cargo]
    graph: CommitGraph | None
    paths: Paths

    def texts(self, harvest: Harvest) -> tuple[str, ...]:
        """The keys of the changes of which the diffs are read. ``harvest`` has their paths."""
        candidates = tuple(self._candidates(harvest))
        if self.alert.frames and len(candidates) <= ALL_WITH_A_TRACE:
            return worth_reading(candidates, self.alert, harvest, ALL_WITH_A_TRACE)
        return worth_reading(candidates, self.alert, harvest, MOST_TEXTS)

    def may_close(self, change: Change) -> bool:
        """Whether anything that the change says, itself or in its commits, can close an issue."""
        if change.kind is not ChangeKind.MERGE_REQUEST:
            return False
        if _REFERENCE.search(f"{change.title}\n{change.description}"):
            return True
        commits = self.graph.branch_of(change.sha) if self.graph is not None else None
        if commits is None or not all(self.graph and self.graph.knows(sha) for sha in change.shas):
            return True
        return any(_REFERENCE.search(f"{commit.change.title}\n{commit.change.description}") for commit in commits)

    def _candidates(self, harvest: Harvest) -> Iterable[Candidate]:
        first = first_arrivals(self.cargo, harvest.scope)
        return (Candidate(change, first[change.key], ()) for change in harvest.changes if change.key in first)


def first_arrivals(cargo: Iterable[Cargo], scope: Scope) -> dict[str, Deployment]:
    """By key the deployment that brought a change first, where that was in time to be its cause."""
    in_time = [load for load in cargo if began(load.deployment) < scope.onset.latest]
    first: dict[str, Deployment] = {}
    for load in sorted(in_time, key=lambda load: began(load.deployment), reverse=True):
        first |= dict.fromkeys((change.key for change in load.changes), load.deployment)
    return {key: row for key, row in first.items() if row.finished_at is None or row.finished_at >= scope.since}
