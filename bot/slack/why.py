"""The modal behind "Why?": the facts of the first suspects with their odds, what was ruled out, what not read. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import chain

from backtrace_core.model import Evidence, Outcome, Suspect, Verdict
from bot.percent import percent
from bot.slack import blocks
from bot.slack.evidence import fact_line
from bot.slack.modal import View, notice
from bot.slack.sentences import change_link, counted, when_live
from bot.slack.text import escape

_TITLE = "Why?"
_SMALL_PRINT = (
    "The factor is what the odds would lose without that fact. Of facts that say the same, each alone counts little.",
    "Time and kind of change tell the changes apart from each other, not from “no change explains this”.",
    "How it is weighed, and what that is worth, stands in Backtrace's docs/ranking.md.",
)
MOST_SUSPECTS, MOST_FACTS, MOST_GAPS = 3, 12, 6
_NO_ODDS = 1.05
_TIMES, _BY = "\N{MULTIPLICATION SIGN}", "\N{DIVISION SIGN}"


def why_modal(verdict: Verdict) -> View:
    """How the answer came about. Of a verdict that an earlier release stored, the odds of facts are not known."""
    parts = (
        blocks.section(_in_short(verdict), 2000),
        *(blocks.section(_of(suspect, verdict), 2900) for suspect in verdict.suspects[:MOST_SUSPECTS]),
        blocks.section(_left_out(verdict), 2000),
        blocks.context(_SMALL_PRINT, 500),
    )
    return notice(_TITLE, list(chain.from_iterable(parts)))


def no_why_modal(says: str) -> View:
    """Where nothing can be explained: what to do instead."""
    return notice(_TITLE, blocks.section((escape(says, 500),), 600))


_OUTCOMES = {
    Outcome.NAMED: "*One change is named*: likely enough, ahead of the next, and tied to what the alert says.",
    Outcome.SHORTLIST: "*Several changes can't be told apart*: each is tied to what the alert says.",
    Outcome.NO_CHANGE: "*No change explains this*: that is likelier than any single change.",
    Outcome.NOT_ENOUGH: "*Nobody is named*: what is known does not tie any change to the alert firmly enough.",
}


def _in_short(verdict: Verdict) -> Iterator[str]:
    yield _OUTCOMES[verdict.outcome]
    yield f"That none of these changes explains it: {percent(verdict.probability_none)}."


def _of(suspect: Suspect, verdict: Verdict) -> Iterator[str]:
    change = suspect.candidate.change
    when = when_live(suspect.candidate, verdict.alert)
    yield f"*{change_link(change)}*, {when}: {percent(suspect.probability)}"
    told = sorted(suspect.evidence, key=lambda fact: -fact.counts)
    speaking = [fact for fact in told if fact.counts >= 0 or not suspect.score]
    against = [fact for fact in reversed(told) if fact.counts < 0]
    yield from (f"• {_odds(fact)}{fact_line(fact)}" for fact in speaking[:MOST_FACTS])
    for number, fact in enumerate(against[:MOST_FACTS]):
        yield f"• {'_strongest against it_ ' if number == 0 else ''}{_odds(fact)}{fact_line(fact)}"


def _odds(fact: Evidence) -> str:
    """How many times likelier (times), or less likely (divided by), the fact makes the change."""
    odds = math.exp(abs(fact.counts))
    if odds < _NO_ODDS:
        return ""
    shown = f"{odds:.0f}" if odds >= 10 else f"{odds:.1f}"  # noqa: PLR2004 - one digit after the point below ten
    return f"`{_TIMES if fact.counts > 0 else _BY}{shown}` "


def _left_out(verdict: Verdict) -> Iterator[str]:
    looked = verdict.looked_at
    rest = looked.changes - min(MOST_SUSPECTS, len(verdict.suspects))
    if rest > 0:
        yield f"{counted(rest, 'other change')} scored lower."
    if looked.left_out_later:
        yield f"Ruled out: {counted(looked.left_out_later, 'change')} that shipped only after the trouble began."
    if verdict.ruled_out:
        yield f"Ruled out by people: {', '.join(change_link(one, 80) for one in verdict.ruled_out[:MOST_FACTS])}."
    for gap in verdict.gaps[:MOST_GAPS]:
        yield f"Not read: {escape(gap.what, 120)} ({escape(gap.why, 160)})."
