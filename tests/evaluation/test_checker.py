"""The checker finds a true sentence again, and refuses it as soon as anything in it is not so."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

import pytest

from backtrace_core.evidence.kind_of_change import KINDS
from backtrace_core.evidence.rules import RULES
from backtrace_core.model import Candidate, FileDiff, Hunk
from evaluation.checker import CLAIMS, facts_of, holds, readings, unproven
from evaluation.derivations.given import Given, is_about_another, lines_of, page_at
from tests.evaluation.falsified import saying, with_false_element
from tests.evaluation.gallery import all_incidents
from tests.evaluation.incidents import NOBODY

ELEMENTS = [
    (rule, number, name)
    for rule, claims in CLAIMS.items()
    for number, each in enumerate(claims)
    for name in each.form.groupindex
    if name != "aside"
]
"""That something is left aside is a clause, and has no other value."""
CLAUSES = {
    "; 3 deployments brought others since": r"; \d+ deployments? brought others since",
    "; 2 flags or jobs came since": r"; \d+ flags? or jobs? came since",
    "; 3 others have it in their lines": r"; \d+ others? ha\w+ it in \w+ lines",
    " beside tests, documents and what tools or others wrote": " beside tests, .* wrote",
    " beside tests or documents": " beside tests or documents",
    ", and changes only what is logged": ", and changes only .*",
    " too": " too(?=,)",
}
"""What a sentence has or has not: without it, it claims that there is nothing of the kind."""


@lru_cache(maxsize=1)
def everything() -> tuple[Given, ...]:
    return tuple(fact for each in all_incidents() for fact in facts_of(each.suspects, each.alert, each.harvest))


def test_every_rule_has_a_derivation() -> None:
    """A new rule of evidence, or a new kind of change, that the checker can't derive is an error."""
    rules = {sys.modules[rule.__module__].RULE for rule in RULES} | {kind.rule for kind in KINDS}

    assert rules == CLAIMS.keys()


def test_a_rule_without_a_derivation_is_an_error() -> None:
    """It is not passed over as if it held."""
    given = everything()[0]

    with pytest.raises(KeyError, match="no_such_rule"):
        holds(replace(given, fact=replace(given.fact, rule="no_such_rule")))


def test_what_the_rules_say_is_found_again() -> None:
    """Every sentence of every rule, in each of its forms."""
    wrong = [says for each in all_incidents() for says in unproven(each.suspects, each.alert, each.harvest)]
    said = {
        (given.fact.rule, CLAIMS[given.fact.rule].index(form))
        for given in everything()
        for form, _ in readings(given.fact)
    }

    assert wrong == []
    assert said == {(rule, number) for rule, claims in CLAIMS.items() for number in range(len(claims))}


@pytest.mark.parametrize(("rule", "number", "name"), ELEMENTS)
def test_a_false_element_is_refused(rule: str, number: int, name: str) -> None:
    """Another word, path, line, number, time, name or version: each printed element is looked at."""
    facts = (given for given in everything() if given.fact.rule == rule)
    wrong = [false for given in facts for false in with_false_element(given, CLAIMS[rule][number], name)]

    assert wrong
    assert [false.fact.says for false in wrong if holds(false)] == []


@pytest.mark.parametrize(("clause", "pattern"), CLAUSES.items())
def test_a_clause_that_is_dropped_or_added_is_refused(clause: str, pattern: str) -> None:
    """That others came since, that files are left aside, that others have it: told where it is so, and only there."""
    tried = set()
    for given in everything():
        says = given.fact.says
        for value in (re.sub(pattern, "", says), *_with(clause, says)):
            if value != says and any(True for _ in readings(replace(given.fact, says=value))):
                tried.add(len(value) > len(says))
                assert not holds(saying(given, value)), value
    assert tried == {True, False}


def _with(clause: str, says: str) -> Iterator[str]:
    """The clause at the end, and before what follows on a colon or a comma."""
    yield f"{says}{clause}"
    yield from (f"{says[: at.start()]}{clause}{says[at.start() :]}" for at in re.finditer("[:,]", says))


def test_no_fact_holds_with_another_page() -> None:
    """The page belongs to the sentence: another file's, another change's, none."""
    for given in everything():
        for url in ("", f"{given.fact.url}x", "https://gitlab.acme.test/shop/web/-/merge_requests/1"):
            assert not holds(replace(given, fact=replace(given.fact, url=url))), given.fact.says


def test_no_fact_holds_of_another_candidate() -> None:
    """What is said of one is false of another, but where the same is said of that one."""
    for given in everything():
        for other in given.candidates:
            if not _says_so_itself(other, given):
                assert not holds(replace(given, candidate=other)), (given.fact.says, other.change.label)


def test_no_fact_holds_of_a_bystander() -> None:
    """Not even with his own page: nothing that the alert says is in what he did."""
    for given in everything():
        bystander = next(each for each in given.candidates if each.change.key == NOBODY.key)
        pages = [NOBODY.url, f"{NOBODY.url}/diffs", page_at(NOBODY, "garage/door.go"), given.fact.url]
        for url in pages:
            own = replace(given, candidate=bystander, fact=replace(given.fact, url=url))
            is_so = own.fact.says.startswith("Speaks mostly of other things") or _says_so_itself(bystander, own)
            if not is_so:
                assert not holds(own), (given.fact.says, url)


def _says_so_itself(candidate: Candidate, given: Given) -> bool:
    facts = (each.fact for each in everything() if each.candidate is candidate and each.alert is given.alert)
    return any((fact.says, fact.url) == (given.fact.says, given.fact.url) for fact in facts)


@pytest.mark.parametrize(
    ("title", "expected"),
    [("Roll call info on fatality notices", False), ("Roll back the cache", True), ("Reapply the cache", True)],
)
def test_only_what_takes_another_back_or_brings_it_again_is_about_it(title: str, *, expected: bool) -> None:
    """The checker counts by the title's verb as people write it, not by how it begins."""
    assert is_about_another(title) is expected


def test_a_file_that_is_told_of_twice_is_read_whole() -> None:
    """Git tells of a link that became a file as of one that went and one that came."""
    link, file = (FileDiff("a.php", "a.php", (Hunk(1, 1, 1, 1, added=((1, text),)),)) for text in ("../a", "echo 1"))
    given = everything()[0]
    change = replace(given.candidate.change, files=(link, file))

    found = replace(given, candidate=replace(given.candidate, change=change)).file("a.php")

    assert found is not None
    assert lines_of(found) == ["../a", "echo 1"]
