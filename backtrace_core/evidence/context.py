"""What the rules know beside the candidate: what the alert asks, what the project's changes teach."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from backtrace_core.corpus import Corpus, corpus_of
from backtrace_core.evidence.change_words import ChangeWords
from backtrace_core.evidence.file_kinds import is_product_code
from backtrace_core.evidence.layout import layout_of
from backtrace_core.evidence.messages import Messages, messages_of
from backtrace_core.evidence.quoted_values import QuotedValues, quoted_values
from backtrace_core.evidence.trace_paths import TracePaths, trace_paths
from backtrace_core.exposure import Exposure, exposure
from backtrace_core.history import BROKEN_OFF
from backtrace_core.likeness import Likeness, likeness
from backtrace_core.model import Alert, Blame, Candidate, Change, Harvest, Outlived
from backtrace_core.occasion import teller
from backtrace_core.query import Query, query_of
from backtrace_core.raised import Raised, raised_of
from backtrace_core.ranking_model import RankingModel, shipped
from backtrace_core.reverts import taken_back
from backtrace_core.same_code import LAYOUT, NAMES, NEW, what_stays_same
from backtrace_core.subjects import Array
from backtrace_core.symptom import Symptom, symptoms
from backtrace_core.touched import touched_of
from backtrace_core.words import tokens

ENOUGH_WORDS = 4
Touches = tuple[tuple[str, frozenset[str]], ...]
"""Files, each with the names that are touched in it."""


@dataclass(frozen=True, slots=True)
class Context:
    """``query``: what the alert says. ``likeness``: how much each change has to do with that. ``model``: what that is
    worth. ``arrivals``: when the candidates' deployments went live, earliest first; ``switches``: when flags and jobs
    took effect. ``teller``: who says all that, ``the alert`` or ``the question``. ``taken_back``: see
    :mod:`backtrace_core.reverts`. ``service``: the alert's own. ``trace``: which of the candidates' files the alert's
    trace passes. ``raised``: what it says was raised. ``touches``: by key, which names of the code that raised a
    candidate touches in which file; ``touching``: how many
    do. ``same``: by key, what a candidate touches after which the code does what it did. ``exposure``: in which of the
    versions that the alert says they are. ``quoted``: which values that the alert quotes their lines have.
    ``outlived``: by key, what a rollback took away while the trouble went on. ``messages``: what of the alert may be an
    error's message.
    """

    query: Query
    corpus: Corpus
    likeness: Likeness
    model: RankingModel
    arrivals: tuple[datetime, ...]
    switches: tuple[datetime, ...]
    symptoms: tuple[Symptom, ...]
    teller: str
    taken_back: Mapping[str, Candidate]
    service: str
    trace: TracePaths
    blames: tuple[Blame, ...]
    raised: Raised
    touches: Mapping[str, Touches]
    touching: Mapping[str, int]
    same: Mapping[str, tuple[str, ...]]
    exposure: Exposure
    outlived: Mapping[str, Outlived]
    quoted: QuotedValues
    messages: Messages

    @property
    def said(self) -> Mapping[str, float]:
        return self.query.said

    @property
    def names(self) -> frozenset[str]:
        return self.query.names

    @property
    def background(self) -> Array:
        """What the text rules measured of the project's changes, without those about another change: a revert tells
        what the reverted one broke, often in an alert's own words, and explains no later trouble. As it was measured:
        also where a candidate's fact would be too faint to be told.
        """
        return self.likeness.strengths[[self.likeness.rows[key] for key in self.corpus.telling]]

    def words(self, key: str) -> ChangeWords:
        return self.corpus.words[key]

    def written(self, word: str) -> str:
        """How the alert writes a word, in lower case."""
        return self.query.written.get(word, word).lower()

    def shared(self, key: str) -> dict[str, tuple[str, float]]:
        """The telling words that the alert and a change share: each with the field that says most, and how much."""
        found = self.likeness.shared.get(key, {})
        return {word: told for word, told in found.items() if word in self.query.said}


def later(moments: Sequence[datetime], moment: datetime | None) -> int:
    """How many of them, earliest first, come after that one."""
    return 0 if moment is None else len(moments) - bisect_right(moments, moment)


def says_enough(alert: Alert, context: Context) -> bool:
    """Whether the alert has enough telling words, or a trace, for their absence to mean something."""
    return len(context.said) >= ENOUGH_WORDS or bool(alert.frames)


def corpus_for(candidates: tuple[Candidate, ...], harvest: Harvest) -> Corpus:
    """What the changes of the harvest teach: it depends on no alert, and takes the longest of a ranking."""
    changes = [candidate.change for candidate in candidates]
    return corpus_of((*harvest.changes, *changes), layout_of(changes, harvest.changes))


def context_of(
    candidates: tuple[Candidate, ...],
    alert: Alert,
    harvest: Harvest,
    corpus: Corpus | None = None,
    model: RankingModel | None = None,
) -> Context:
    """``corpus``: what the project's changes teach, where it is known already; it has the candidates too."""
    query = query_of(alert, harvest.scope)
    known = corpus if corpus is not None else corpus_for(candidates, harvest)
    raised = raised_of(alert)
    touches = _touches(candidates, raised)
    arrivals, switches = _arrivals(candidates, alert)
    passing = _passing(candidates, alert)
    return Context(
        query=query,
        corpus=known,
        likeness=likeness(query, known, (c.change.key for c in candidates)),
        model=model if model is not None else shipped(),
        arrivals=arrivals,
        switches=switches,
        service=harvest.scope.service.name,
        symptoms=symptoms(_symptom_words(alert, query)),
        teller=teller(alert),
        taken_back=taken_back(candidates, alert),
        trace=passing,
        blames=harvest.blames,
        raised=raised,
        touches=touches,
        touching=_counted(touches),
        same=_same(candidates, raised, passing),
        exposure=exposure(candidates, harvest),
        outlived={one.key: one for one in harvest.outlived},
        quoted=quoted_values(candidates, alert),
        messages=messages_of(alert),
    )


def _passing(candidates: tuple[Candidate, ...], alert: Alert) -> TracePaths:
    brought = (candidate.change for candidate in candidates if candidate.via is not None)
    return trace_paths(alert.frames, (candidate.change for candidate in candidates), brought)


def _arrivals(candidates: Iterable[Candidate], alert: Alert) -> tuple[tuple[datetime, ...], tuple[datetime, ...]]:
    """When deployments went live, each once, but those that broke off; when what came by none took effect."""
    rows: dict[tuple[str, int], datetime] = {}
    switches: list[datetime] = []
    for candidate in candidates:
        moment, row = candidate.live_at, candidate.deployment
        if moment is None or moment > alert.began:
            continue
        if row is None:
            switches.append(moment)
        elif row.status not in BROKEN_OFF:
            rows[row.project, row.id] = moment
    return tuple(sorted(rows.values())), tuple(sorted(switches))


def _symptom_words(alert: Alert, query: Query) -> set[str]:
    """Words as they are plus tokens that have digits in them (``p99``), which are no words to compare."""
    return {*query.said, *(token.lower() for token in tokens(f"{alert.title}\n{alert.text}"))}


def _touches(candidates: Iterable[Candidate], raised: Raised) -> Mapping[str, Touches]:
    """By key, for those that touch any."""
    if not raised.names:
        return {}
    any_name = re.compile("|".join(re.escape(name) for name in sorted(raised.names)))
    found = {c.change.key: tuple(_touched(c.change, raised, any_name)) for c in candidates}
    return {key: touches for key, touches in found.items() if touches}


def _touched(change: Change, raised: Raised, any_name: re.Pattern[str]) -> Iterator[tuple[str, frozenset[str]]]:
    for file in filter(is_product_code, change.files):
        # Most lines have none of the names, and then nothing has to be compared.
        if any(any_name.search(text) for hunk in file.hunks for _, text in (*hunk.added, *hunk.removed)):
            touched = touched_of(file)
            names = frozenset(name for name in raised.names if touched.has(name))
            if names:
                yield file.path, names


def _counted(touches: Mapping[str, Touches]) -> Mapping[str, int]:
    return Counter(name for files in touches.values() for name in frozenset().union(*(names for _, names in files)))


def _same(candidates: Iterable[Candidate], raised: Raised, trace: TracePaths) -> Mapping[str, tuple[str, ...]]:
    """Only of what the trace passes: nobody blames another."""
    passed = [c.change for c in candidates if any(file.path in trace.possible for file in c.change.files)]
    known = ((change, what_stays_same(change.files, raised.passed, trace.possible)) for change in passed)
    return {change.key: what for change, what in known if what and not _shows(what, change, raised, trace)}


def _shows(what: tuple[str, ...], change: Change, raised: Raised, trace: TracePaths) -> bool:
    """Whether the alert shows that it does something all the same: a name that is missing, a frame in a new line."""
    if what == (LAYOUT,):
        return False
    added = {(file.path, number) for file in change.files for hunk in file.hunks for number, _ in hunk.added}
    hit = any((path, frame.line) in added for path, frames in trace.passing.items() for _, frame in frames)
    may_miss, may_raise = set(what) - {LAYOUT, NEW}, set(what) - {LAYOUT, NAMES}
    return (raised.no_such_name and bool(may_miss)) or (hit and bool(may_raise))
