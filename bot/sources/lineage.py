"""Asking git which deployments contain which changes. Never decided by ids or times, and what is not known is said.

``compare?from=A&to=B`` lists the commits that B has and A has not; none at all means that A contains B. What the graph
of the window knows already is not asked.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto

from backtrace_core.facts import change_node, deployment_node
from backtrace_core.history import live, running
from backtrace_core.model import Change, Deployment, Harvest, Lineage, Relation
from bot.gitlab.client import GitLabRefused
from bot.sources.commits import CommitGraph
from bot.sources.ground import Door
from bot.sources.ranges import Commit
from bot.sources.reading import UNANSWERED
from bot.sources.window import compare


class Inside(Enum):
    """``GONE``: GitLab does not have the commit (any more), so no other commit of the project descends from it."""

    YES = auto()
    NO = auto()
    GONE = auto()
    UNKNOWN = auto()


@dataclass(frozen=True, slots=True)
class Git:
    door: Door
    graph: CommitGraph | None

    async def only_in(self, tip: str, base: str) -> tuple[Commit, ...]:
        """The commits that ``tip`` has and ``base`` has not.

        :raises GitLabError, TimeoutError, MALFORMED: when GitLab can't be asked.
        """
        seen = self.graph.between(base, tip) if self.graph is not None else None
        return seen if seen is not None else await compare(self.door, base, tip)

    async def inside(self, sha: str, tip: str) -> Inside:
        """Whether ``tip`` contains ``sha``."""
        seen = self.graph.contains(tip, sha) if self.graph is not None else None
        if seen is not None:
            return Inside.YES if seen else Inside.NO
        try:
            return Inside.NO if await self.only_in(sha, self._for_strangers(tip)) else Inside.YES
        except GitLabRefused as error:
            return Inside.GONE if error.is_missing else Inside.UNKNOWN
        except UNANSWERED:
            return Inside.UNKNOWN

    def _for_strangers(self, tip: str) -> str:
        """Whom to ask instead of ``tip`` about a commit that the graph lacks: one question for all tips beyond base.

        What such a tip has that the graph lacks, it has from base.
        """
        if self.graph is not None and self.graph.contains_base(tip):
            return self.graph.base
        return tip


async def read_lineage(
    git: Git, harvest: Harvest, changes: tuple[Change, ...], targets: tuple[Deployment, ...]
) -> Lineage:
    """What git says of every pair of target and change, and what going back to each target takes away."""
    pairs = [(target, change) for target in targets for change in changes]
    answers, undone = await asyncio.gather(
        asyncio.gather(*(_contains(git, target, change) for target, change in pairs)),
        asyncio.gather(*(_undone(git, harvest, changes, target) for target in targets)),
    )
    keyed = [((target.id, change.key), answer) for (target, change), answer in zip(pairs, answers, strict=True)]
    known = [(target.id, keys) for target, keys in zip(targets, undone, strict=True) if keys is not None]
    return Lineage(
        contains=frozenset(pair for pair, answer in keyed if answer is Inside.YES),
        unknown=frozenset(pair for pair, answer in keyed if answer is Inside.UNKNOWN),
        undone=tuple(known),
    )


async def _contains(git: Git, target: Deployment, change: Change) -> Inside:
    shas = sorted(_known_by(change))
    if target.sha in shas:
        return Inside.YES
    answers = await asyncio.gather(*(git.inside(sha, target.sha) for sha in shas))
    if Inside.YES in answers:
        return Inside.YES
    # A squashed branch may have lost its own commits; but when every commit of the change seems gone, it may as well
    # be the target that GitLab does not find.
    if Inside.UNKNOWN in answers or Inside.NO not in answers:
        return Inside.UNKNOWN
    return await _picked(git, target, change, _best_known(git, shas, answers))


def _known_by(change: Change) -> frozenset[str]:
    """A backport is in a version that has the original, too."""
    return change.shas | change.origin_shas


def _best_known(git: Git, shas: list[str], answers: list[Inside]) -> str:
    """One that the target lacks, if possible one about which nothing more need be asked."""
    lacking = [sha for sha, answer in zip(shas, answers, strict=True) if answer is Inside.NO]
    graph = git.graph
    return next((sha for sha in lacking if graph is not None and graph.contains_base(sha)), lacking[0])


async def _picked(git: Git, target: Deployment, change: Change, sha: str) -> Inside:
    """Whether the target has a cherry-pick of the change, by what the message of the pick says."""
    try:
        commits = await git.only_in(target.sha, sha)
    except UNANSWERED:
        return Inside.UNKNOWN
    picked = [origin for commit in commits for origin in commit.picked_from]
    own = _all_commits(git, change) if picked else frozenset()
    return Inside.YES if any(sha.startswith(origin) for origin in picked for sha in own) else Inside.NO


def _all_commits(git: Git, change: Change) -> frozenset[str]:
    """Those that the change is known by, and those inside its merge: people pick single ones too."""
    graph = git.graph
    known = _known_by(change)
    inside = (graph.branch_of(sha) or () for sha in known) if graph is not None else ()
    return known.union(commit.sha for commits in inside for commit in commits)


async def _undone(
    git: Git, harvest: Harvest, changes: tuple[Change, ...], target: Deployment
) -> tuple[str, ...] | None:
    """The keys of the changes that are live, or about to be with the suspects, and not in the target; None: unknown."""
    try:
        ranges = await asyncio.gather(*(git.only_in(tip, target.sha) for tip in _tips(harvest, changes)))
    except UNANSWERED:
        return None
    gone = {commit.sha for commits in ranges for commit in commits}
    keys = tuple(change.key for change in harvest.changes if change.shas & gone)
    return None if gone and not keys else keys


def _tips(harvest: Harvest, changes: Iterable[Change]) -> list[str]:
    """What is live, and the running deployments that carry one of ``changes``."""
    suspects = {change_node(change) for change in changes}
    carrying = {f.object for f in harvest.facts if f.relation is Relation.DEPLOYED_TO and f.subject in suspects}
    under_way = [row.sha for row in running(harvest.deployments) if deployment_node(row) in carrying]
    current = live(harvest.deployments)
    return sorted({*under_way, *([current.sha] if current else [])})
