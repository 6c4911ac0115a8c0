"""How much of a change's title the alert says."""

from __future__ import annotations

from dataclasses import replace

from backtrace_core.evidence.title_said import title_said
from tests.core.builders import alert, change
from tests.core.test_evidence import judged, said

ASKED = alert("Floating addresses vanish from the pool")


def test_several_words_of_the_title_are_said() -> None:
    """Two words or more of a title, inflected or not, are a fact that quotes them as the alert writes them."""
    found = said(judged(title_said, change(1, "Keep a floating address"), ASKED))
    assert found == 'Of its title the alert says "addresses" and "floating"'


def test_one_word_is_no_subject() -> None:
    """A title of which the alert says one word only is told by the shared words, and not again."""
    assert judged(title_said, change(1, "Keep every address"), ASKED) is None


def test_the_description_does_not_count() -> None:
    """What only the description says is no title."""
    assert judged(title_said, replace(change(1, "Rework"), description="Floating address pool"), ASKED) is None


def test_a_whole_title_weighs_more_than_a_part() -> None:
    """Of two titles with the same shared words the one that says nothing else weighs more."""
    whole = judged(title_said, change(1, "Floating address"), ASKED)
    part = judged(title_said, change(1, "Floating address and other resources of tenants in quotas"), ASKED)

    assert whole is not None
    assert part is not None
    assert whole.weight > part.weight > 0
