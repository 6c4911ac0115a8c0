"""The learned numbers of the ranking: ``ranking.json``, which ``backtrace fit`` writes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

import numpy as np
import numpy.typing as npt

from backtrace_core.model import Family


class ModelError(ValueError):
    """The file of learned numbers is none."""


@dataclass(frozen=True, slots=True)
class Within:
    """How the facts of one family add up: the strongest, plus a ``share`` (0..1) of the others, at most ``limit`` nats
    either way.
    """

    share: float
    limit: float

    def total(self, weights: Iterable[float]) -> float:
        """In nats. What speaks for and what speaks against are added up apart: they are no repetition of each other."""
        signed = sorted(weights)
        if not signed:
            # Most families say nothing of most candidates, and a thousand are added up at a time.
            return 0.0
        against = self._added([-w for w in signed if w < 0])
        total = self._added([w for w in reversed(signed) if w > 0]) - against
        return max(-self.limit, min(self.limit, total))

    def totals(self, weights: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """The same of many at once, a row each."""
        against = self._added_rows(np.maximum(-weights, 0.0))
        total = self._added_rows(np.maximum(weights, 0.0)) - against
        return np.asarray(np.clip(total, -self.limit, self.limit))

    def _added_rows(self, rows: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        strongest = rows.max(axis=1, initial=0.0)
        return np.asarray(strongest + self.share * (rows.sum(axis=1) - strongest))

    def _added(self, strongest_first: list[float]) -> float:
        return strongest_first[0] + self.share * sum(strongest_first[1:]) if strongest_first else 0.0


@dataclass(frozen=True, slots=True)
class RankingModel:
    """``weights``: nats of a rule, for each unit of what it measures. ``none_base``: what speaks for "no change" before
    anything is read; ``none_usual``: how much of what innocent changes usually score counts for it;
    ``none_scale``: how much counts against it that the best candidates fit. ``named_from``: the
    least probability at which anybody is named; ``no_change_from``: the least of "none" at which "no change explains
    this" is said. ``made_from`` says where the numbers come from.
    """

    weights: Mapping[str, float]
    families: Mapping[Family, Within]
    none_base: float
    none_usual: float
    none_scale: float
    temperature: float
    named_from: float
    no_change_from: float
    made_from: str

    def weight(self, rule: str) -> float:
        return self.weights.get(rule, 0.0)


def model_from(text: str) -> RankingModel:
    """:raises ModelError: when the text is no model."""
    try:
        raw = json.loads(text)
        return RankingModel(
            weights={str(rule): float(weight) for rule, weight in raw["weights"].items()},
            families={f: Within(float(w["share"]), float(w["limit"])) for f in Family for w in (raw["families"][f],)},
            none_base=float(raw["none"]["base"]),
            none_usual=float(raw["none"]["usual"]),
            none_scale=float(raw["none"]["scale"]),
            temperature=float(raw["temperature"]),
            named_from=float(raw["named_from"]),
            no_change_from=float(raw["no_change_from"]),
            made_from=str(raw["made_from"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelError(f"ranking.json can't be used ({error}): make it again with backtrace fit DIR") from error


def as_json(model: RankingModel) -> str:
    """The file's text: readable, one number a line."""
    families = {f.value: {"share": within.share, "limit": within.limit} for f, within in model.families.items()}
    raw = {
        "made_from": model.made_from,
        "weights": dict(model.weights),
        "families": families,
        "none": {"base": model.none_base, "usual": model.none_usual, "scale": model.none_scale},
        "temperature": model.temperature,
        "named_from": model.named_from,
        "no_change_from": model.no_change_from,
    }
    return json.dumps(raw, indent=2) + "\n"


@lru_cache(maxsize=1)
def shipped() -> RankingModel:
    """The numbers that come with this version."""
    return model_from(resources.files("backtrace_core").joinpath("ranking.json").read_text(encoding="utf-8"))
