"""Who did what: the rollback under the state, where nobody overlooks it, and all else in small print. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from bot.cards import NOBODY_PAGED, WITHOUT_SUCCESS, ActionLine, CardView, IncidentState, LegLine, Waiting
from bot.slack import blocks
from bot.slack.blocks import Block
from bot.slack.headline import stage_words
from bot.slack.sentences import MOST_NAME, counted, moment
from bot.slack.text import escape, link

CLAIM = "claim"
"""The kind of press by which somebody takes an incident on."""
_WAS = "was on it"
MOST_DEEDS = 8
MOST_UNDONE = 12
MOST_SAYS = 400
MOST_URL = 600

_UNPAGED = {NOBODY_PAGED: "Nobody was paged", WITHOUT_SUCCESS: "The page did not go through"}


def name_of(slack_user: str, view: CardView) -> str:
    """The GitLab username, escaped; empty where it is not known. A mention would ping at each edit of the card."""
    names = {slack_id: username for username, slack_id in view.slack_ids.items()}
    return escape(names.get(slack_user, ""), MOST_NAME)


def member(slack_user: str, view: CardView) -> str:
    """The same; where it is not known, the Slack id."""
    return name_of(slack_user, view) or escape(f"Slack member {slack_user}", MOST_NAME)


def rollback_line(view: CardView) -> ActionLine | None:
    """The newest attempt to go back."""
    return next((line for line in reversed(view.actions) if line.kind == "roll_back"), None)


def claim_line(view: CardView) -> ActionLine | None:
    """Who is at work on it, by the newest claim that went well."""
    claims = (line for line in reversed(view.actions) if line.kind == CLAIM)
    return next((line for line in claims if WITHOUT_SUCCESS not in line.says), None)


def claimed(view: CardView) -> list[Block]:
    """Said where nobody overlooks it, so that two people don't do the same."""
    line = claim_line(view)
    if line is None or view.state is IncidentState.RESOLVED:
        return []
    return blocks.section((f"*{_who(line, view)} is on it*, since {moment(line.at)}.",), 400)


def rollback_deed(view: CardView) -> list[Block]:
    line = rollback_line(view)
    return blocks.section((_told(line, view), *map(_leg, view.legs)) if line else (), 2000)


def _leg(leg: LegLine) -> str:
    says = f"{leg.says[:1].upper()}{leg.says[1:]}"
    stage = stage_words(leg.stage)
    return f"• {link(leg.url, says, 250)}{f'. {stage}' if stage else ''}"


def waiting(view: CardView) -> list[Block]:
    """That a rollback waits for somebody else, until when, and what the one who asked for it was told of it."""
    if view.waiting is None:
        return []
    return blocks.section(_asked_of_second(view, view.waiting), 2900)


def _asked_of_second(view: CardView, waiting: Waiting) -> Iterator[str]:
    who = name_of(waiting.slack_user, view) or "whoever asked"
    yield f"*A second person has to agree*, until {moment(waiting.until)}: anybody who may deploy there but {who}."
    if waiting.cancels:
        yield f"It first cancels deployment {' and '.join(map(str, waiting.cancels))}, if it still runs."
    if waiting.undoes:
        shown, more = waiting.undoes[:MOST_UNDONE], len(waiting.undoes) - MOST_UNDONE
        listed = ", ".join(link(change.url, change.label) for change in shown)
        verb = "brings back" if waiting.is_forward else "undoes"
        yield f"It {verb} {counted(len(waiting.undoes), 'change')}: {listed}{f' and {more} more' if more > 0 else ''}."
    if waiting.cautions:
        yield "*Before it begins*"
        yield from (f"• {escape(says, MOST_SAYS)}" for says in waiting.cautions)


def unpaged(view: CardView) -> list[Block]:
    """That nobody comes, where that is how the newest page ended: who relies on it must see it."""
    line = _newest_page(view)
    if line is None:
        return []
    for mark, words in _UNPAGED.items():
        _, found, why = line.says.partition(mark)
        if found:
            return blocks.section((f"*{words}: {escape(why, 400)}*",), 600)
    return []


def small_deeds(view: CardView) -> list[Block]:
    """All but what stands at the top. The same once more is counted, and stands where it was done last."""
    shown = (rollback_line(view), claim_line(view) if claimed(view) else None)
    rest = [line for line in view.actions if all(line is not one for one in shown)]
    newest = {_same(line): line for line in rest}
    times = Counter(_same(line) for line in rest)
    lines = sorted(newest.values(), key=lambda line: line.at)[-MOST_DEEDS:]
    return blocks.context((_small(line, times[_same(line)], view) for line in lines), 1600)


def _newest_page(view: CardView) -> ActionLine | None:
    return next((line for line in reversed(view.actions) if line.kind == "page"), None)


def _same(line: ActionLine) -> tuple[str, str, str]:
    return line.slack_user, line.kind, line.says


def _small(line: ActionLine, times: int, view: CardView) -> str:
    if line is _newest_page(view):
        # The reason stands at the top.
        for mark in _UNPAGED:
            line = replace(line, says=line.says.partition(mark)[0])
    newest = claim_line(view)
    if line.kind == CLAIM and newest is not None and line is not newest and WITHOUT_SUCCESS not in line.says:
        # Somebody else took over since.
        line = replace(line, says=_WAS)
    return f"{_told(line, view)} ({times} times)" if times > 1 else _told(line, view)


def _told(line: ActionLine, view: CardView) -> str:
    who = _who(line, view)
    # A line that is too long would not be shown at all.
    url = line.url if len(line.url) <= MOST_URL else ""
    return f"{who} {link(url, line.says, 250)}, {moment(line.at)}"


def _who(line: ActionLine, view: CardView) -> str:
    return member(line.slack_user, view)
