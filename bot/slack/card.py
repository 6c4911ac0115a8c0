"""The card: one verdict, one state, as Slack blocks. One small builder a block. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import chain

from backtrace_core.advice import where_else
from backtrace_core.evidence.spans import span
from backtrace_core.model import Alert, Change, LookedAt, Outcome, Suspect, Verdict
from backtrace_core.occasion import QUESTION, teller
from backtrace_core.spoken_of import says_which
from bot.cards import Buttons, CardView
from bot.slack import blocks
from bot.slack.blocks import Block
from bot.slack.card_buttons import agree, buttons, suspect_buttons
from bot.slack.command import COMMAND
from bot.slack.deeds import claimed, name_of, rollback_deed, small_deeds, unpaged, waiting
from bot.slack.evidence import in_short, speaking_against, speaking_for
from bot.slack.facts import facts_of
from bot.slack.flag_lines import flag_lines
from bot.slack.going_back import going_back, gone_back, gone_back_or_why_not
from bot.slack.headline import headline, state_words, whole_sentence
from bot.slack.joined import told_by_several
from bot.slack.people import people
from bot.slack.ruled_out import ruled_out
from bot.slack.sentences import (
    MOST_NAME,
    change_link,
    counted,
    lineage,
    moment,
    taken_by,
    went_live,
    when_live,
    without_place,
    work_item,
)
from bot.slack.text import escape, link
from bot.slack.told import told_deployments

GENERIC = "generic"
NOT_KNOWN = "Backtrace has no reader of its own for this sender."
MOST_SAYS = 400
MOST_OTHERS = 3
MOST_OTHER = 60
MOST_EVIDENCE = 6
MOST_AGAINST = 3
EVIDENCE_IN_SHORTLIST = 2


@dataclass(frozen=True, slots=True)
class Card:
    """``text`` is what notifications show; ``facts`` go into the message's metadata beside the incident's id."""

    text: str
    blocks: tuple[Block, ...]
    facts: Mapping[str, str] = field(default_factory=dict)


def render_card(view: CardView) -> Card:
    """Draw the card. The limits of the blocks add up to less than the 12,000 characters that Slack takes in all."""
    if view.verdict is None:
        body = [_failed(view)]
    else:
        body = [builder(view, view.verdict) for builder in _OF_OUTCOME[view.verdict.outcome]]
    top = (_title(view), unpaged(view), _state(view), claimed(view), rollback_deed(view), waiting(view), agree(view))
    shown = (*top, *body, _small_print(view), small_deeds(view), buttons(view))
    return Card(escape(whole_sentence(view), 2000), tuple(chain.from_iterable(shown)), facts_of(view))


def _title(view: CardView) -> list[Block]:
    return [blocks.header(headline(view)), *_about(view, view.verdict), *told_by_several(view)]


def _about(view: CardView, verdict: Verdict | None) -> list[Block]:
    if verdict is None:
        return []
    scope = verdict.scope
    service, environment = escape(scope.service.name, MOST_NAME), escape(scope.environment, MOST_NAME)
    title = without_place(verdict.alert.title, scope.service.name, scope.service.project, scope.environment)
    about = (f"{service}, {environment}: {escape(title, 200)}", _answered_for(verdict), _asked(view, verdict.alert))
    return blocks.context(about, 1000)


def _answered_for(verdict: Verdict) -> str:
    """Of a question that names no service whom it is about all the same: the asker may have meant another."""
    alert, scope = verdict.alert, verdict.scope
    if alert.sender != QUESTION or says_which(alert, scope.service):
        return ""
    place = f"{escape(scope.service.name, MOST_NAME)}, in {escape(scope.environment, MOST_NAME)}"
    return f"The question names no service that Backtrace knows: it was answered for the only one, {place}."


def _asked(view: CardView, alert: Alert) -> str:
    """Of a question who asked it, and what was understood of when it began."""
    if alert.sender != QUESTION:
        return ""
    who = name_of(view.asked_by, view)
    if alert.started_at is not None:
        return f"Began about {moment(alert.started_at)}{f', as {who} said' if who else ''}."
    given = f"{who} gave no time" if who else "No time was given"
    return f"{given}: taken to have just begun when it was asked ({moment(alert.began)})."


def _state(view: CardView) -> list[Block]:
    words = state_words(view)
    url = view.progress.url if view.progress else ""
    return blocks.section((f"*{link(url, words, 200)}*",) if words else (), 1200)


def _failed(view: CardView) -> list[Block]:
    # A short reason stands in the headline as a whole.
    why = escape(view.failure, 1500) if len(headline(view)) > blocks.MOST_HEADER else ""
    return blocks.section((why, *_ways_on(view)), 2800)


def _ways_on(view: CardView) -> Iterator[str]:
    way = view.way_on
    if way is None:
        yield f"Ask again with `{COMMAND}` and what is wrong."
        return
    yield f"Ask again with `{COMMAND} {escape(way.question, 300)}`"
    listed = link(way.deployments_url, "lists the deployments")
    if listed.startswith("<"):
        yield f"Until then GitLab {listed} of {escape(way.service, MOST_NAME)}."


def _culprit(_view: CardView, verdict: Verdict) -> list[Block]:
    suspect = verdict.named[0]
    change = suspect.candidate.change
    # The headline has the title already.
    says = went_live(suspect, verdict.alert, link(change.url, change.called))
    taken = taken_by(suspect, verdict.scope.service.name)
    lines = (says, taken, lineage(change), _whose(suspect), people(suspect), _work_items(change))
    return blocks.section(lines, 2500)


def _whose(suspect: Suspect) -> str:
    service = suspect.candidate.service
    return f"It belongs to another service: {escape(service, MOST_NAME)}." if service else ""


def _work_items(change: Change) -> str:
    closed = sorted(change.work_items, key=lambda item: not item.closes)[:3]
    return f"Work item: {', '.join(work_item(item) for item in closed)}" if closed else ""


def _why(_view: CardView, verdict: Verdict) -> list[Block]:
    suspect = verdict.named[0]
    return [
        *_headed("*What speaks for it*", speaking_for(suspect, MOST_EVIDENCE), 2400),
        *_headed("*What speaks against it*", speaking_against(suspect, MOST_AGAINST), 1200),
    ]


def _headed(title: str, lines: Sequence[str], limit: int) -> list[Block]:
    return blocks.section((title, *lines) if lines else (), limit)


def _shortlist(view: CardView, verdict: Verdict) -> list[Block]:
    shown = (
        [*_short(suspect, verdict), *suspect_buttons(view, suspect.candidate, number)]
        for number, suspect in enumerate(verdict.named)
    )
    return list(chain.from_iterable(shown))


def _short(suspect: Suspect, verdict: Verdict) -> list[Block]:
    change = suspect.candidate.change
    lines = (
        went_live(suspect, verdict.alert, f"*{change_link(change)}*"),
        taken_by(suspect, verdict.scope.service.name),
        lineage(change),
        _whose(suspect),
        people(suspect),
        _work_items(change),
        *in_short(suspect, EVIDENCE_IN_SHORTLIST),
    )
    return blocks.section(lines, 1400)


def _looked_at(_view: CardView, verdict: Verdict) -> list[Block]:
    looked = verdict.looked_at
    deployments = link(looked.deployments_url, counted(looked.deployments, "deployment"))
    environment = escape(verdict.scope.environment, MOST_NAME)
    says = (
        f"Looked at {deployments} to {environment} and {counted(looked.changes, 'change')} since {moment(looked.since)}"
    )
    if verdict.outcome is not Outcome.NO_CHANGE:
        return blocks.context((f"{says}.{_left_out(looked)}",), 1200)
    none = (
        f"none of them fits what {teller(verdict.alert)} says" if looked.changes else "nothing was shipped in that time"
    )
    elsewhere = escape(where_else(verdict.scope.service.name), 400)
    return blocks.section((f"{says}: {none}.{_left_out(looked)}", elsewhere), 1200)


def _left_out(looked: LookedAt) -> str:
    if not looked.left_out_later:
        return ""
    verb = "is" if looked.left_out_later == 1 else "are"
    return f" {counted(looked.left_out_later, 'change')} that shipped later {verb} left out."


def _advice(_view: CardView, verdict: Verdict) -> list[Block]:
    return blocks.section((escape(verdict.advice, 800),), 1000)


def _gone_back(view: CardView, _verdict: Verdict) -> list[Block]:
    return gone_back(view)


def _ruled_out(view: CardView, _verdict: Verdict) -> list[Block]:
    return ruled_out(view)


def _others(_view: CardView, verdict: Verdict) -> list[Block]:
    rest = verdict.suspects[len(verdict.named) :]
    lines = [f"• {_other(suspect, verdict)}" for suspect in rest[:MOST_OTHERS]]
    if len(rest) > MOST_OTHERS:
        # Of very many suspects the verdict has the first alone.
        more = max(len(rest), verdict.looked_at.changes - len(verdict.named)) - MOST_OTHERS
        lines.append(f"… and {link(verdict.looked_at.deployments_url, f'{more} more')}")
    shipped = f"hipped in {_window(verdict)}"
    title = f"*Also s{shipped}*" if verdict.named else f"*S{shipped}, none shown to be the cause*"
    return _headed(title, lines, 1200)


def _window(verdict: Verdict) -> str:
    since, alert = verdict.looked_at.since, verdict.alert
    if alert.sender == QUESTION and alert.started_at is not None:
        return f"the {span(alert.started_at - since)} before it began"
    return f"the last {span(verdict.decided_at - since)}"


def _other(suspect: Suspect, verdict: Verdict) -> str:
    service = suspect.candidate.service
    whose = f" of {escape(service, MOST_NAME)}" if service else ""
    return f"{change_link(suspect.candidate.change, MOST_OTHER)}{whose}, {when_live(suspect.candidate, verdict.alert)}"


def _gaps(_view: CardView, verdict: Verdict) -> list[Block]:
    lines = [
        f"• {escape(gap.source, 40)}: {escape(gap.what, 120)} ({escape(gap.why, 160)})" for gap in verdict.gaps[:5]
    ]
    if len(verdict.gaps) > len(lines):
        lines.append(f"… and {len(verdict.gaps) - len(lines)} more")
    return blocks.context(("Could not be read:", *lines) if lines else (), 900)


_OF_OUTCOME = {
    Outcome.NAMED: (_culprit, _why, flag_lines, going_back, _ruled_out, _others, _gaps, _looked_at, told_deployments),
    Outcome.SHORTLIST: (_shortlist, flag_lines, going_back, _ruled_out, _others, _gaps, _looked_at, told_deployments),
    Outcome.NO_CHANGE: (_ruled_out, _gone_back, _looked_at, told_deployments, _gaps),
    Outcome.NOT_ENOUGH: (_ruled_out, _advice, gone_back_or_why_not, _others, _gaps, _looked_at, told_deployments),
}


def _small_print(view: CardView) -> list[Block]:
    lines = []
    if view.verdict is not None and view.verdict.alert.sender == GENERIC:
        lines.append(f"{NOT_KNOWN} `backtrace parse --explain` shows what was read of its message.")
    if view.late_by_s:
        lines.append(f"This card came late: {span(timedelta(seconds=view.late_by_s))} after the alert.")
    if view.was_split:
        lines.append("It came with another incident first, and was split from it.")
    if view.incident is not None:
        lines.append(f"Incident in GitLab: {link(view.incident.url, view.incident.label)}")
    if view.failure and view.verdict is not None:
        lines.append(f"Something went wrong since: {escape(view.failure, MOST_SAYS)}")
    if view.buttons is Buttons.LINKS and view.verdict is not None:
        lines.append("Backtrace does not write to GitLab here; the buttons lead there.")
    return blocks.context(lines, 900)
