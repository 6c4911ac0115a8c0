"""Words that are spelled alike, though they are not the same."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backtrace_core.evidence.context import context_of
from backtrace_core.evidence.spelled_alike import spelled_alike
from backtrace_core.model import Alert, Candidate, Change
from backtrace_core.spelling import Spelling, spelled, threes_of
from tests.core.builders import alert, before, change, changed, deployment, harvest, lines
from tests.core.test_evidence import judged, said

ASKED = alert("Authentication of customers expired")


@pytest.mark.parametrize(
    ("culprit", "words"),
    [
        (change(1, "Shorten expiry"), '"expiry" and "expired"'),
        (change(1, "Rework CustomerAuth"), '"customerauth" and "customers"'),
        (change(2, "Rework", closes="Expiration is late"), '"expiration" and "expired"'),
        (change(1, "Customers pay twice"), '"customers"'),
    ],
)
def test_the_words_are_told(culprit: Change, words: str) -> None:
    """A stem that no stemmer finds, a part of a name, a work item's word, the very word: each is said with both."""
    found = judged(spelled_alike, culprit, ASKED)

    assert said(found) == f"Is spelled more like what the alert says than changes usually are, as by {words}"
    assert found is not None
    assert found.weight > 0


def test_a_description_counts_without_its_links() -> None:
    """What a description says is compared; the words of an address in it are not."""
    told = replace(change(1, "Rework"), description="Expiry is shorter now")
    linked = replace(change(1, "Rework"), description="See https://wiki.acme.test/expiry/of/customers")

    assert '"expiry"' in said(judged(spelled_alike, told, ASKED))
    assert judged(spelled_alike, linked, ASKED) is None


def test_other_letters_speak_against_what_was_read() -> None:
    """A change that has less of the alert than others have is told so; one whose text nobody read is not."""
    alike = tuple(change(50 + n, f"Expired customers {n}", changed(f"p{n}.py", lines("z"))) for n in range(6))
    unlike = change(1, "Blue logo", changed("web/logo.py", lines("x")))
    found = judged(spelled_alike, unlike, ASKED, *alike)

    assert said(found) == "Is spelled less like what the alert says than changes usually are"
    assert judged(spelled_alike, replace(unlike, files=()), ASKED, *alike) is None


def test_order_and_times_change_nothing() -> None:
    """The same changes in another order, at other times, get the same weights to the last digit."""
    several = tuple(change(n, title, changed(f"f{n}.py", lines("x"))) for n, title in enumerate(TITLES, 1))

    assert weights(several, ASKED, 5) == weights(several[::-1], ASKED, 90)


TITLES = ("Shorten expiry", "Customers pay twice", "Blue logo", "Expire carts", "Authorise the customer")


def weights(several: tuple[Change, ...], asked: Alert, minutes: float) -> dict[str, float]:
    shipped = deployment(7, before(minutes))
    candidates = tuple(Candidate(each, shipped, ()) for each in several)
    context = context_of(candidates, asked, harvest((shipped, several)))
    found = ((each.change.key, spelled_alike(each, asked, context)) for each in candidates)
    return {key: evidence.weight for key, evidence in found if evidence is not None}


def test_words_of_any_script_have_threes() -> None:
    """Letters that are none of the Latin ones count as well; a word has as many threes as letters."""
    assert [len(threes_of(word)) for word in ("expiry", "größe", "支付失败", "x")] == [6, 5, 4, 1]
    assert threes_of("größe") != threes_of("grosse")


def test_likeness_goes_from_nought_to_one() -> None:
    """A text is wholly like itself, a little like one that shares letters, not at all like one that shares none."""
    texts = [spelled(each.split()) for each in ("payment expired", "expiry", "logo", "")]
    known = Spelling(texts)
    same, near, apart, empty = known.alike(known.worth(texts[0])).tolist()

    assert same == pytest.approx(1)
    assert 0 < near < 1
    assert (apart, empty) == (0, 0)
