"""Cards from monstrous and hostile verdicts: Slack takes each of them, and none does what its foreign text asks for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from backtrace_core.model import (
    Caution,
    ChangeRef,
    Evidence,
    FlagState,
    Gap,
    LookedAt,
    Outcome,
    Person,
    Scope,
    Service,
    Suspect,
    Verdict,
    WorkItem,
)
from bot.cards import ActionLine, Buttons, CardView, IncidentLink, IncidentState, RuledOut
from bot.slack.card import render_card
from sandbox.slack.blocks import check_blocks, text_length
from tests.bot.slack import stories

MOST_TEXT = 12_000
OURS = re.compile(
    r"<(?:https?://[^|<>\s]+\|[^<>|]+|!date\^\d+\^\{date_short_pretty\} \{time\}\|\d\d [A-Z][a-z]{2} \d\d:\d\d UTC)>"
)

hostile = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        [
            "<!channel> *hi* <@U0VANI>",
            "<https://evil.test|Click>",
            "&" * 5000,
            "<" * 3000,
            "x" * 9000,
            "```\n/assign @root\n```",
            "@here #general :fire:",
            "\u202egnp.exe\x1b[31m\x00",
            "| > _a_ ~b~",
            "Z" + "\u0300" * 900,
        ]
    ),
)
urls = st.one_of(
    st.just("https://gitlab.test/x?a=1&b=2"),
    st.just("https://gitlab.test/" + "p" * 1900),
    st.just("https://gitlab.test/" + "p" * 400),
    hostile,
    st.just("javascript:alert(1)"),
)
people = st.builds(Person, st.integers(1, 9), hostile, hostile, urls)


@st.composite
def suspects(draw: st.DrawFn) -> Suspect:
    change = replace(
        stories.CULPRIT.candidate.change,
        iid=draw(st.one_of(st.none(), st.integers(1, 10**12))),
        sha=draw(hostile),
        title=draw(hostile),
        url=draw(urls),
        author=draw(st.one_of(st.none(), people)),
        author_name=draw(hostile),
        work_items=tuple(draw(st.lists(st.builds(WorkItem, hostile, st.integers(1, 9), hostile, urls), max_size=5))),
    )
    deployment = replace(
        draw(st.sampled_from([stories.LATEST, stories.deployment(58, 2, running=True), stories.deployment(59, -3)])),
        sha=draw(hostile),
        environment=draw(hostile),
        url=draw(urls),
        deployer=draw(st.one_of(st.none(), people)),
    )
    evidence = st.builds(Evidence, st.just("rule"), st.floats(-3, 3), hostile, urls)
    candidate = replace(stories.CULPRIT.candidate, change=change, deployment=deployment)
    return Suspect(candidate, tuple(draw(st.lists(evidence, max_size=12))), 0.5)


@st.composite
def verdicts(draw: st.DrawFn) -> Verdict:
    target = replace(stories.TARGET, sha=draw(hostile), environment=draw(hostile), url=draw(urls))
    refs = st.builds(ChangeRef, hostile, hostile, hostile, urls, hostile)
    plan = stories.plan(
        target=draw(st.sampled_from([None, target])),
        cancel=draw(st.sampled_from([None, stories.LATEST])),
        undoes=tuple(draw(st.lists(refs, max_size=40))),
        cautions=tuple(draw(st.lists(st.builds(Caution, hostile, urls), max_size=20))),
        why_none=draw(hostile),
    )
    states = st.lists(st.tuples(hostile, hostile), max_size=9).map(tuple)
    flags = st.builds(FlagState, hostile, states, st.just(stories.T0), urls)
    found = tuple(draw(st.lists(suspects(), min_size=1, max_size=9)))
    scope = stories.NAMED.scope
    return replace(
        stories.verdict(draw(st.sampled_from(list(Outcome))), found, draw(st.sampled_from([None, plan]))),
        alert=stories.alert(draw(hostile)),
        scope=Scope(Service(draw(hostile), "shop/web"), draw(hostile), scope.onset, scope.since),
        looked_at=LookedAt(10**9, 10**9, scope.since, draw(urls)),
        gaps=tuple(draw(st.lists(st.builds(Gap, hostile, hostile, hostile), max_size=12))),
        advice=draw(hostile),
        flag=draw(hostile),
        flags=tuple(draw(st.lists(flags, max_size=5))),
    )


@st.composite
def views(draw: st.DrawFn) -> CardView:
    lines = st.builds(ActionLine, hostile, st.just("roll_back"), hostile, st.just(stories.T0), urls)
    refs = st.builds(ChangeRef, hostile, hostile, hostile, urls, hostile)
    rulings = st.builds(RuledOut, refs, st.lists(hostile, max_size=5).map(tuple))
    return stories.view(
        draw(st.one_of(st.none(), verdicts())),
        state=draw(st.sampled_from(list(IncidentState))),
        buttons=draw(st.sampled_from(list(Buttons))),
        actions=tuple(draw(st.lists(lines, max_size=20))),
        incident=draw(st.one_of(st.none(), st.builds(IncidentLink, hostile, urls))),
        failure=draw(hostile),
        late_by_s=draw(st.integers(0, 10**7)),
        resolved_at=draw(st.sampled_from([None, stories.T0])),
        ruled_out=tuple(draw(st.lists(rulings, max_size=9))),
    )


def mrkdwn(thing: Any) -> Iterator[dict[str, Any]]:
    if isinstance(thing, dict):
        if thing.get("type") == "mrkdwn":
            yield thing
        for value in thing.values():
            yield from mrkdwn(value)
    if isinstance(thing, list | tuple):
        for value in thing:
            yield from mrkdwn(value)


@settings(max_examples=150, deadline=None)
@given(views())
def test_slack_takes_every_card_and_no_foreign_word_is_markup(view: CardView) -> None:
    """All limits hold, and the only tokens are our links and times."""
    card = render_card(view)

    assert check_blocks(list(card.blocks), "message") == []
    assert text_length(list(card.blocks)) <= MOST_TEXT
    assert 0 < len(card.text) <= 2000
    assert not set("<>") & set(card.text)
    for text in mrkdwn(card.blocks):
        assert text["verbatim"] is True
        rest = OURS.sub("", text["text"])
        assert not set("<>") & set(rest)
        assert not re.search(r"&(?!amp;|lt;|gt;)", rest)
