"""From which probability on anybody is named, and "no change explains this" is said: by how often that was right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from backtrace_core.ranking_model import RankingModel
from evaluation.applying import first_named, probabilities
from evaluation.metrics import right_from
from evaluation.prepared import Prepared

WANTED_PRECISION, MOST_FALSE = 0.88, 0.05
"""Of those that are named, and of the lists without a culprit that name somebody all the same."""
WANTED_OF_NONE = 0.8
"""How often "no change explains this" has to be true, of as many lists with a culprit as without: it hides them all."""
_LEAST_NAMED, _LEAST_NONE = 0.35, 0.5


def named_from(cases: Sequence[Prepared], models: Mapping[str, RankingModel]) -> float:
    """The least probability from which on the first was the culprit often enough in lists that have one, and few lists
    without one had a first as likely. Only what passes the other conditions of a name is looked at. ``models``: by
    repository.
    """
    named = {
        track: [(first_named(each, models[each.case.repo]), each.culprit) for each in cases if each.track == track]
        for track in ("same_deploy", "innocent")
    }
    innocent = sorted((probability for (probability, _, may), _ in named["innocent"] if may), reverse=True)
    most = int(MOST_FALSE * len(named["innocent"]))
    allowed = innocent[most] if len(innocent) > most else 0.0
    answers = [(p, row == culprit) for (p, row, may), culprit in named["same_deploy"] if may]
    return right_from(answers, WANTED_PRECISION, max(allowed, _LEAST_NAMED))


def no_change_from(cases: Sequence[Prepared], models: Mapping[str, RankingModel]) -> float:
    """The least probability of "none" from which on it was true often enough. ``models``: by repository."""
    answers = [
        (probabilities(each, models[each.case.repo])[1], each.culprit is None)
        for each in cases
        if each.track in ("same_deploy", "innocent") and each.says_much
    ]
    return right_from(answers, WANTED_OF_NONE, _LEAST_NONE)
