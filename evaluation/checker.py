"""Whether a printed fact holds: found again in the alert and the harvest, without the rule that said it.

Each sentence is taken apart into what it claims (names, numbers, times, paths, lines), and each of these is derived
anew, with the page that the fact leads to. See :mod:`evaluation.derivations`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from backtrace_core.model import Alert, Evidence, Harvest, Suspect
from evaluation.derivations.given import Claim, Given, Known, Said
from evaluation.derivations.history import HISTORY
from evaluation.derivations.kinds import KINDS
from evaluation.derivations.quotes import QUOTES
from evaluation.derivations.spelling import SPELLING
from evaluation.derivations.spoken import SPOKEN
from evaluation.derivations.times import TIMES
from evaluation.derivations.traces import TRACES
from evaluation.derivations.versions import VERSIONS

CLAIMS: Mapping[str, tuple[Claim, ...]] = {
    **TIMES,
    **VERSIONS,
    **SPOKEN,
    **SPELLING,
    **QUOTES,
    **TRACES,
    **HISTORY,
    **KINDS,
}
"""By rule, the forms that its sentence has."""


def unproven(suspects: Sequence[Suspect], alert: Alert, harvest: Harvest, known: Known | None = None) -> Iterator[str]:
    """The sentences that can't be found again; none where all hold. ``suspects``: all candidates. ``known``: the
    project's known changes, where these are more than the harvest's.

    :raises KeyError: for a fact of a rule that has no derivation.
    """
    for given in facts_of(suspects, alert, harvest, known):
        if not holds(given):
            yield f"{given.fact.rule}: {given.fact.says}"


def facts_of(
    suspects: Sequence[Suspect], alert: Alert, harvest: Harvest, known: Known | None = None
) -> Iterator[Given]:
    """Each printed fact with what it is to be derived from."""
    candidates = tuple(suspect.candidate for suspect in suspects)
    project = known or Known((*harvest.changes, *(candidate.change for candidate in candidates)))
    for suspect in suspects:
        for fact in suspect.evidence:
            yield Given(fact, suspect.candidate, candidates, alert, harvest, project)


def holds(given: Given) -> bool:
    """Whether one reading of the sentence is true, and its page shows that."""
    return any(
        each.holds(said, given) and given.fact.url in set(each.links(said, given))
        for each, said in readings(given.fact)
        if _is_told_by(said, given)
    )


def readings(fact: Evidence) -> Iterator[tuple[Claim, Said]]:
    """The forms that the whole sentence has, each with its printed elements.

    :raises KeyError: for a rule that has no derivation.
    """
    for each in CLAIMS[fact.rule]:
        match = each.form.fullmatch(fact.says)
        if match is not None:
            yield each, match.groupdict()


def _is_told_by(said: Said, given: Given) -> bool:
    asked = given.alert.sender == "question"
    return said.get("teller", "").lower() in ("", "the question" if asked else "the alert")


def rules_of(facts: Iterable[Evidence]) -> set[str]:
    return {fact.rule for fact in facts}
