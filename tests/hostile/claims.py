"""What holds of every message, whatever is in it: no exception, no markup of others, no block that Slack refuses."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from backtrace_core.alerts import read_message
from backtrace_core.alerts.notices import deploy_notice
from backtrace_core.alerts.slack_text import LONGEST
from backtrace_core.alerts.terms import MOST_TERMS
from backtrace_core.joining import Relation
from backtrace_core.model import Alert, Evidence, Outcome, Scope, Service, Suspect, Verdict
from backtrace_core.scope import Catalog
from bot.cards import IncidentState
from bot.gitlab.note import incident_text
from bot.gitlab.paper_text import Deed, PaperText, happened, paper_note
from bot.slack.card import render_card
from bot.slack.joined import JoinedLine, is_told, joined_words
from sandbox.slack.blocks import check_blocks, text_length
from tests.bot.slack import stories
from tests.bot.slack.test_card_limits import MOST_TEXT, OURS, mrkdwn

CATALOG = Catalog((Service("web", "shop/web", ("production", "staging")), Service("ledger", "shop/ledger")))
KEY = "T0ACME-C0ALERTS-1795351200.000100"

_SPAN = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)")
_FENCED = re.compile(r"^(`{3,})text\n((?:\|.*\n)*)\1$", re.MULTILINE)
_LINK = re.compile(r"\[SPAN\]\(https?://[^\s()<>\[\]`\"\\]+\)")
_REFERENCE = re.compile(r"[@#!~%&]\w")
_CLOSING = re.compile(
    r"\b(clos(e[sd]?|ing)|fix(e[sd]|ing)?|resolv(e[sd]?|ing)|implement(s|ed|ing)?) \W?\w", re.IGNORECASE
)
# Bold and lists are ours; what else Markdown acts on must not be left.
_ACTED_ON = re.compile(r"^\s*/|[<>\[\]`_~]|!\[|^\s*#|\x1b|[\x00-\x08\x0b-\x1f]", re.MULTILINE)


def hold(message: dict[str, Any], outcome: Outcome) -> None:
    """All claims about one message, and a verdict of that outcome on it.

    :raises AssertionError: where one does not hold.
    """
    reading = read_message(message, CATALOG)
    assert read_message(message, CATALOG) == reading
    deploy_notice(message, CATALOG)
    alert = reading.alert
    if alert is None:
        assert reading.why_none
        return
    _within_bounds(alert)
    verdict = verdict_on(alert, outcome)
    _slack(verdict)
    _gitlab(verdict)
    _lines(alert)


def _within_bounds(alert: Alert) -> None:
    assert alert.title.strip()
    assert len(alert.text) <= LONGEST
    assert len(alert.error_terms) <= MOST_TERMS
    assert alert.onset.earliest <= alert.onset.latest <= alert.received_at
    alert.fingerprint.encode("ascii")


def verdict_on(alert: Alert, outcome: Outcome) -> Verdict:
    """With what was read of the alert wherever a trace repeats it."""
    onset = alert.onset
    scope = Scope(Service(alert.service or "web", "shop/web"), alert.environment or "production", onset, onset.earliest)
    says = (*alert.error_terms, *(f"{frame.file} {frame.function}" for frame in alert.frames[:5]))
    evidence = tuple(Evidence("rule", 1.0, f'the alert says "{word}"', _url(alert)) for word in says)
    suspect = Suspect(stories.CULPRIT.candidate, evidence, 0.5)
    made = stories.verdict(outcome, (suspect, stories.ANOTHER), stories.plan())
    return replace(made, alert=alert, scope=scope, advice=alert.title)


def _url(alert: Alert) -> str:
    return alert.links[0].url if alert.links else ""


def _slack(verdict: Verdict) -> None:
    told = {verdict.alert.sender: 2, "sentry": 1}
    card = render_card(stories.view(verdict, state=IncidentState.OPEN, told=told, failure=verdict.alert.title))

    assert check_blocks(list(card.blocks), "message") == []
    assert text_length(list(card.blocks)) <= MOST_TEXT
    assert 0 < len(card.text) <= 2000
    for text in (card.text, *(one["text"] for one in mrkdwn(card.blocks))):
        _no_token(text)


def _lines(alert: Alert) -> None:
    for relation in filter(is_told, Relation):
        words = joined_words([JoinedLine(alert.sender, alert.title, relation, _url(alert))])
        assert len(words) <= MOST_TEXT
        assert len(words.splitlines()) == 1
        _no_token(words)


def _no_token(text: str) -> None:
    rest = OURS.sub("", text)
    assert not set("<>") & set(rest), rest
    assert not re.search(r"&(?!amp;|lt;|gt;)", rest), rest
    text.encode("utf-8")


def _gitlab(verdict: Verdict) -> None:
    alert = verdict.alert
    title, description = incident_text(verdict, KEY)
    assert len(title) <= 255
    assert len(title.splitlines()) == 1
    assert not _REFERENCE.search(title)
    assert not title.startswith("/")
    first, _, rest = description.partition("\n")
    assert first == f"<!-- backtrace:{KEY} -->"
    _only_ours(rest)
    deed = Deed(alert.title, alert.title, alert.received_at)
    limits = {"labels": alert.title, alert.title: alert.text}
    paper = PaperText(verdict, IncidentState.OPEN, deeds=(deed,), card_url=_url(alert), limits=limits)
    _only_ours(paper_note(paper))
    _only_ours(paper_note(replace(paper, verdict=None, failure=alert.title)))
    for event in happened(paper):
        _only_ours(event.says)


def _only_ours(markdown: str) -> None:
    """Foreign words stand in spans and fences, and refer to nothing there either; the deployer's mention is ours."""
    markdown.encode("utf-8")
    fenceless = _FENCED.sub("FENCE", markdown)
    for fence in _FENCED.finditer(markdown):
        assert not _REFERENCE.search(fence[2]), fence[2]
    for span in _SPAN.finditer(fenceless):
        assert not _REFERENCE.search(span[2]), span[2]
    rest = _LINK.sub("LINK", _SPAN.sub("SPAN", fenceless)).replace("deployed by @piet", "")
    assert not _ACTED_ON.search(rest), rest
    assert not _REFERENCE.search(rest), rest
    assert not _CLOSING.search(rest), rest
