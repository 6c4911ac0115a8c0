"""The bot's ranker asked about each list of each case, and what it answered."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from typing import TypeVar

import numpy as np

from backtrace_core.model import Change, Outcome
from backtrace_core.rank import rank
from backtrace_core.ranking_model import RankingModel
from evaluation.as_harvest import alert_of, change_of, corpus_for_repository, shipped
from evaluation.cases import TRACKS, Case, CulpritSet
from evaluation.checker import unproven
from evaluation.derivations.given import Known
from evaluation.metrics import rank_of
from evaluation.prepared import Prepared, prepared

_MOST_FACTS = 3
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Answer:
    """To one list of one case. ``rank``: the culprit's place, None where it is not in the list. ``first``: the first
    suspect's probability, ``right``: whether that is the culprit, ``none``: the probability of "no change".

    ``facts``: what speaks for the first, and by how many nats. ``seconds``: the ranking alone took. ``printed``: how
    many facts of all candidates, ``unproven``: those that can't be found again, each with its rule; None where nobody
    looked.
    """

    case: Case
    track: str
    rank: float | None
    first: float
    right: bool
    none: float
    outcome: Outcome
    title: str
    facts: tuple[tuple[float, str], ...]
    seconds: float
    printed: int = 0
    unproven: tuple[str, ...] | None = None


def prepare(found: CulpritSet, model: RankingModel) -> list[Prepared]:
    """All lists of all cases, read by the rules; on all cores."""
    return _by_repository(found, partial(_prepare, model=model))


def ask(found: CulpritSet, models: Mapping[str, RankingModel], *, facts: bool = False) -> list[Answer]:
    """Each list of each case; ``models``: by repository, the numbers to weigh with. ``facts``: whether each printed
    fact is derived anew.
    """
    return _by_repository(found, partial(_ask, models=models, facts=facts))


def _by_repository(found: CulpritSet, work: Callable[[tuple[str, CulpritSet]], list[T]]) -> list[T]:
    def of(repo: str) -> CulpritSet:
        cases = tuple(case for case in found.cases if case.repo == repo)
        return CulpritSet(cases, {repo: found.changes[repo]})

    largest_first = sorted(found.repositories, key=lambda repo: (-len(of(repo).cases), repo))
    # Not forked: the linear algebra has threads of its own.
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        answers = list(pool.map(work, ((repo, of(repo)) for repo in largest_first)))
    return [each for several in answers for each in several]


def _prepare(of: tuple[str, CulpritSet], model: RankingModel) -> list[Prepared]:
    repo, found = of
    changes = _changes(repo, found)
    corpus = corpus_for_repository(changes.values())
    return [
        prepared(case, track, corpus, changes, model)
        for case in found.cases
        for track in TRACKS
        if getattr(case, track)
    ]


def _ask(of: tuple[str, CulpritSet], models: Mapping[str, RankingModel], *, facts: bool) -> list[Answer]:
    repo, found = of
    changes = _changes(repo, found)
    corpus, known = corpus_for_repository(changes.values()), Known(changes.values())
    answers = []
    for case in found.cases:
        for track in (track for track in TRACKS if getattr(case, track)):
            candidates, harvest = shipped(case, track, changes)
            began = time.perf_counter()
            ranking = rank(candidates, alert_of(case), harvest, corpus=corpus, model=models[repo])
            took = time.perf_counter() - began
            wrong = tuple(unproven(ranking.suspects, alert_of(case), harvest, known)) if facts else None
            keys = [suspect.candidate.change.key for suspect in ranking.suspects]
            scores = np.asarray([suspect.score for suspect in ranking.suspects])
            place = keys.index(changes[case.culprit].key) if changes[case.culprit].key in keys else None
            first = ranking.suspects[0]
            answers.append(
                Answer(
                    case=case,
                    track=track,
                    rank=None if place is None else rank_of(scores, place),
                    first=first.probability,
                    right=place == 0,
                    none=ranking.probability_none,
                    outcome=ranking.outcome,
                    title=first.candidate.change.title,
                    facts=tuple((e.counts, e.says) for e in first.evidence[:_MOST_FACTS]),
                    seconds=took,
                    printed=sum(len(suspect.evidence) for suspect in ranking.suspects),
                    unproven=wrong,
                )
            )
    return answers


def _changes(repo: str, found: CulpritSet) -> dict[str, Change]:
    return {sha: change_of(row) for sha, row in found.changes[repo].items()}


def of_track(answers: Sequence[Answer], track: str, labels: str) -> list[Answer]:
    return [each for each in answers if each.track == track and each.case.label in labels]
