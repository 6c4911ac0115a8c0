"""What the modal behind "Why?" says."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from backtrace_core.model import Evidence, Gap, Verdict
from bot.slack.why import no_why_modal, why_modal
from sandbox.slack.blocks import check_blocks
from tests.bot.slack import stories

WITH_VERDICT = {name: view.verdict for name, view in stories.CARDS.items() if view.verdict is not None}
URL = f"{stories.GITLAB}/-/merge_requests/45"


def drawn(verdict: Verdict) -> str:
    return json.dumps(why_modal(verdict), ensure_ascii=False)


def explained(*facts: Evidence, score: float = 2.0) -> str:
    verdict = WITH_VERDICT["named"]
    first = replace(verdict.suspects[0], evidence=facts, score=score)
    return drawn(replace(verdict, suspects=(first, *verdict.suspects[1:])))


@pytest.mark.parametrize("name", sorted(WITH_VERDICT))
def test_slack_takes_it_for_every_card(name: str) -> None:
    """No modal breaks a rule of Block Kit."""
    assert check_blocks(list(why_modal(WITH_VERDICT[name])["blocks"]), "modal") == []
    assert check_blocks(list(no_why_modal("Nothing.")["blocks"]), "modal") == []


def test_each_fact_is_shown_with_its_odds() -> None:
    """Nats as odds: what a fact counts for, and the strongest of those against first."""
    for_it = Evidence("a", 3.0, "Says a lot", URL, counts=2.5)
    against = Evidence("b", -1.0, "Speaks against", URL, counts=-0.7)
    more = Evidence("c", -3.0, "Speaks against it even more", URL, counts=-2.4)
    says = explained(for_it, against, more)

    assert "`\N{MULTIPLICATION SIGN}12` Says a lot" in says
    assert "_strongest against it_ `\N{DIVISION SIGN}11` Speaks against it even more" in says
    assert "Of facts that say the same, each alone counts little." in says
    assert says.index("even more") < says.index("`\N{DIVISION SIGN}2.0` Speaks against")


def test_a_verdict_of_an_earlier_release_has_its_facts_without_odds() -> None:
    """It was stored without what each fact counts."""
    says = explained(Evidence("a", 3.0, "Says a lot", URL), score=0.0)

    assert "Says a lot" in says
    assert "\N{MULTIPLICATION SIGN}" not in says


def test_what_was_not_read_and_what_came_later_is_said() -> None:
    """Gaps, and the changes that shipped only after the trouble began."""
    verdict = WITH_VERDICT["named"]
    looked = replace(verdict.looked_at, left_out_later=2)
    says = drawn(replace(verdict, looked_at=looked, gaps=(Gap("GitLab", "diff of !45", "<too> large"),)))

    assert "Not read: diff of !45 (&lt;too&gt; large)." in says
    assert "Ruled out: 2 changes that shipped only after the trouble began." in says
