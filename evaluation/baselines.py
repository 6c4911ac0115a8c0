"""What a ranker must beat: the largest change, the latest, and BM25 over title, description and paths."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from evaluation.cases import Case, CulpritSet
from evaluation.metrics import Array, of_ranks, rank_of

_WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")
_K1, _B = 1.2, 0.75

Row = Mapping[str, Any]


def baselines(found: CulpritSet) -> dict[str, dict[str, dict[str, float]]]:
    """By name, then by track: the figures over the cases labelled S or D."""
    ranks: dict[str, dict[str, list[float]]] = {name: {} for name in ("bm25", "largest", "latest")}
    for repo, rows in found.changes.items():
        documents = {sha: _document(row) for sha, row in rows.items()}
        rare = _rarity(documents.values())
        for case in (case for case in found.cases if case.repo == repo and case.label in ("S", "D")):
            for track in ("same_deploy", "timeline"):
                for name, scores in _scores(case, track, rows, documents, rare).items():
                    place = getattr(case, track).index(case.culprit)
                    ranks[name].setdefault(track, []).append(rank_of(scores, place))
    return {name: {track: of_ranks(found) for track, found in tracks.items()} for name, tracks in ranks.items()}


def _scores(
    case: Case,
    track: str,
    rows: Mapping[str, Row],
    documents: Mapping[str, Counter[str]],
    rare: Mapping[str, float],
) -> dict[str, Array]:
    shas: Sequence[str] = getattr(case, track)
    if case.culprit not in shas:
        return {}
    scores = {
        "largest": np.asarray([float(_size(rows[sha])) for sha in shas]),
        "bm25": _bm25(tuple(dict.fromkeys(_words(case.symptom))), [documents[sha] for sha in shas], rare),
    }
    return scores | ({"latest": np.arange(len(shas), dtype=float)} if track == "timeline" else {})


def _words(text: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(text) if len(word) > 1]


def _document(row: Row) -> Counter[str]:
    paths = " ".join(str(file["path"]) for file in row["files"])
    return Counter([*_words(row["title"]), *_words(row.get("description") or ""), *_words(paths)])


def _size(row: Row) -> int:
    return sum((file.get("added") or 0) + (file.get("removed") or 0) for file in row["files"])


def _rarity(documents: Iterable[Counter[str]]) -> dict[str, float]:
    several = list(documents)
    having = Counter(word for document in several for word in document)
    return {word: math.log(1 + (len(several) - count + 0.5) / (count + 0.5)) for word, count in having.items()}


def _bm25(asked: Sequence[str], documents: Sequence[Counter[str]], rare: Mapping[str, float]) -> Array:
    """Robertson and Zaragoza 2009, over the candidates."""
    lengths = [sum(document.values()) for document in documents]
    mean = sum(lengths) / len(lengths) or 1
    return np.asarray(
        [
            sum(
                rare.get(word, 0.0) * d[word] * (_K1 + 1) / (d[word] + _K1 * (1 - _B + _B * length / mean))
                for word in asked
                if word in d
            )
            for d, length in zip(documents, lengths, strict=True)
        ]
    )
