"""The card, as golden JSON and by what must hold for each of them.

After a wanted change: ``UPDATE_GOLDEN=1 pytest tests/bot/slack/test_card.py``, and read the difference.
"""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from backtrace_core.model import Caution, ChangeKind, Deployment, Evidence, GoingBack, Verdict
from backtrace_core.proof import Stage
from bot.cards import ActionLine, Buttons, CardView, IncidentLink, IncidentState, RollbackProgress
from bot.slack.cancel_button import CANCEL
from bot.slack.card import render_card
from sandbox.slack.blocks import check_blocks
from tests.bot.slack import stories

GOLDEN = Path(__file__).parent / "golden"
ROLL_BACK = "backtrace:roll_back"


def drawn(view: CardView) -> str:
    return json.dumps(render_card(view).blocks, ensure_ascii=False)


def elements(view: CardView) -> list[dict[str, Any]]:
    return [e for block in render_card(view).blocks if block["type"] == "actions" for e in block["elements"]]


def action_ids(view: CardView) -> list[str]:
    return [element["action_id"].removeprefix("backtrace:") for element in elements(view)]


@pytest.mark.parametrize("name", sorted(stories.CARDS))
def test_the_card_is_the_one_that_was_read_and_approved(name: str) -> None:
    """Each outcome and state draws exactly the card that is kept."""
    card = render_card(stories.CARDS[name])
    got = json.dumps(
        {"text": card.text, "facts": dict(card.facts), "blocks": card.blocks}, indent=1, ensure_ascii=False
    )
    kept = GOLDEN / f"{name}.json"
    if os.environ.get("UPDATE_GOLDEN"):
        kept.write_text(got + "\n", encoding="utf-8")

    assert got + "\n" == kept.read_text(encoding="utf-8")


def test_no_kept_card_is_left_over() -> None:
    """Each kept card belongs to a story."""
    assert {path.stem for path in GOLDEN.glob("*.json")} == set(stories.CARDS)


@pytest.mark.parametrize("name", sorted(stories.CARDS))
def test_slack_takes_every_card(name: str) -> None:
    """No card breaks a rule of Block Kit."""
    assert check_blocks(list(render_card(stories.CARDS[name]).blocks), "message") == []


@pytest.mark.parametrize("name", sorted(stories.CARDS))
def test_every_text_is_a_sentence(name: str) -> None:
    """Notifications and screen readers get words that end."""
    text = render_card(stories.CARDS[name]).text

    assert len(text) > 20
    assert text[-1] in ".…"


@pytest.mark.parametrize("name", sorted(stories.CARDS))
def test_nobody_is_mentioned_by_a_card(name: str) -> None:
    """A card names people in plain words; it pings nobody, each time it is edited."""
    assert "<@" not in drawn(stories.CARDS[name])
    assert "<!s" not in drawn(stories.CARDS[name])


@pytest.mark.parametrize("name", sorted(stories.CARDS))
def test_every_button_says_what_it_does(name: str) -> None:
    """A button's label for screen readers says more than its face."""
    for element in elements(stories.CARDS[name]):
        if element["type"] == "button":
            assert len(element["accessibility_label"]) > len("Roll back")


def test_a_named_culprit_has_all_seven_buttons_and_a_menu() -> None:
    """The buttons of the story: roll back first, in red, with the incident's id and nothing else."""
    view = stories.CARDS["named"]

    assert action_ids(view) == ["roll_back", "assign", "page", "claim", "open_mr", "why", "not_culprit", "more"]
    first = elements(view)[0]
    assert first["style"] == "danger"
    assert first["value"] == stories.INCIDENT
    assert first["accessibility_label"] == "Roll back production to deployment 55 (55abcdef)"


def test_what_is_left_on_its_branch_can_be_reverted() -> None:
    """Before a rollback from the menu, afterwards by a button, and once that was done the button leads there."""
    menu = elements(stories.CARDS["named"])[-1]
    assert menu["options"][0]["text"]["text"] == "Open a merge request that reverts !45"
    back = stories.CARDS["named_rolled_back"]
    button = next(one for one in elements(back) if one["action_id"] == "backtrace:revert")
    assert button["value"] == f"{stories.INCIDENT} shop/web!45"
    opened = IncidentLink("!51", f"{stories.GITLAB}/-/merge_requests/51")
    after = replace(back, reverts={"shop/web!45": opened})
    link = next(one for one in elements(after) if one["action_id"] == "backtrace:open_revert")
    assert (link["text"]["text"], link["url"]) == ("View revert !51", opened.url)
    assert "revert" not in action_ids(after)
    assert "> reverts !45, once it is merged." in drawn(after)


def test_a_flag_is_not_reverted_by_a_merge_request() -> None:
    """Nor is a job: there is nothing on a branch."""
    flag = replace(stories.CULPRIT.candidate.change, kind=ChangeKind.FEATURE_FLAG, iid=None)
    suspect = replace(stories.CULPRIT, candidate=replace(stories.CULPRIT.candidate, change=flag, deployment=None))
    of = replace(stories.NAMED, suspects=(suspect,))

    assert "more" not in action_ids(stories.view(of))
    assert "revert" not in action_ids(replace(stories.CARDS["named_rolled_back"], verdict=of))


def test_each_of_several_suspects_has_its_own_two_buttons() -> None:
    """To look at it, and to say that it is not this one; each carries the key of its change."""
    pairs = [
        [(one["text"]["text"], one.get("url", one.get("value"))) for one in block["elements"]]
        for block in render_card(stories.CARDS["shortlist"]).blocks
        if block["type"] == "actions"
    ]

    for pair, iid in zip(pairs[:3], (45, 44, 41), strict=True):
        assert pair == [
            (f"View !{iid}", f"{stories.GITLAB}/-/merge_requests/{iid}"),
            (f"Not !{iid}", f"{stories.INCIDENT} shop/web!{iid}"),
        ]
    assert [words for words, _ in pairs[3]] == [
        "Roll back to before all of them",
        "Page on-call",
        "Open incident",
        "I'm on it",
        "Why?",
    ]


def test_looking_at_a_change_is_not_called_opening_one() -> None:
    """To open a merge request is to make one."""
    commit = replace(stories.CULPRIT.candidate.change, iid=None)
    pushed = replace(stories.CULPRIT, candidate=replace(stories.CULPRIT.candidate, change=commit))

    assert elements(stories.CARDS["named"])[4]["text"]["text"] == "View !45"
    assert elements(stories.view(replace(stories.NAMED, suspects=(pushed,))))[4]["text"]["text"] == "View commit"


@pytest.mark.parametrize("name", ["no_change", "no_change_links", "failed", "named_no_target"])
def test_there_is_no_rollback_in_sight(name: str) -> None:
    """Where nothing shipped explains it, or there is nothing to go back to, no button goes back."""
    assert "roll_back" not in drawn(stories.CARDS[name])


def test_no_change_names_nobody() -> None:
    """A card that says "no change explains this" shows neither changes nor their authors, and links the list."""
    words = drawn(stories.CARDS["no_change"]).replace("diff of !44", "")

    assert not [name for name in ("Vani", "Piet", "vani", "piet", "!44", "!41") if name in words]
    assert f"<{stories.GITLAB}/-/environments/3|14 deployments>" in words


def test_where_no_change_explains_it_the_card_says_where_else_to_look() -> None:
    """That nothing was shipped is said as that, and not as that nothing fits."""
    nothing = replace(stories.NO_CHANGE, looked_at=replace(stories.NO_CHANGE.looked_at, changes=0), suspects=())
    fits, shipped = drawn(stories.CARDS["no_change"]), drawn(stories.view(nothing))

    assert "none of them fits what the alert says" in fits
    assert ": nothing was shipped in that time." in shipped
    for words in (fits, shipped):
        assert "What does not ship with web may have changed: settings, data, traffic" in words


@pytest.mark.parametrize("state", [IncidentState.ROLLING_BACK, IncidentState.ROLLED_BACK, IncidentState.RESOLVED])
@pytest.mark.parametrize("verdict", [stories.NAMED, stories.SHORTLIST, stories.NOT_ENOUGH])
@pytest.mark.parametrize("buttons", list(Buttons))
def test_a_rollback_that_is_under_way_or_done_is_not_offered_again(state, verdict, buttons) -> None:  # type: ignore[no-untyped-def]  # three parametrised values
    """The Roll back button is gone once it was used, in each form."""
    view = stories.view(verdict, state=state, buttons=buttons)

    assert "roll_back" not in json.dumps(elements(view))
    assert "open_job" not in action_ids(view)


def test_a_rollback_that_failed_may_be_tried_again() -> None:
    """After a failure the button is back."""
    assert "roll_back" in action_ids(stories.CARDS["named_rollback_failed"])


@pytest.mark.parametrize("name", [name for name in stories.CARDS if name.endswith("_links")])
def test_links_only_lead_to_gitlab(name: str) -> None:
    """With a token that only reads, every button is a link to a page of GitLab."""
    for element in elements(stories.CARDS[name]):
        assert element["url"].startswith(stories.GITLAB)
        assert "value" not in element


def test_with_little_evidence_going_back_is_only_in_the_menu() -> None:
    """Two options, as Slack wants; the one that acts says that it is not shown to be the cause."""
    menu = elements(stories.CARDS["not_enough"])[-1]

    assert menu["type"] == "overflow"
    assert [option["value"] for option in menu["options"]] == ["roll_back_last", "deployments"]
    assert "not shown to be the cause" in menu["options"][0]["text"]["text"]
    assert ROLL_BACK not in drawn(stories.CARDS["not_enough"])


def test_where_nobody_is_named_it_is_said_that_somebody_went_back_already() -> None:
    """Else the changes that the card lists would be taken for live. Of its own rollback the card has other words."""
    was_back = "production was already rolled back 4 min ago (deployment 90, 1a2b3c4d)."
    thin = replace(stories.NOT_ENOUGH, rollback=stories.plan(target=None, why_none=was_back))
    done = stories.view(thin, state=IncidentState.ROLLED_BACK, rolled_back=True, gone_back=stories.BOTH_BACK)

    assert f"*No rollback target.* {was_back}" in drawn(stories.view(thin))
    assert was_back not in drawn(done)
    assert "No rollback target" not in drawn(stories.view(stories.NOT_ENOUGH))


def test_a_running_deployment_is_cancelled_first_and_the_button_says_so() -> None:
    """Where the suspect still deploys, the face of the button names what it cancels."""
    assert elements(stories.CARDS["named_running"])[0]["text"]["text"] == "Cancel deployment 58 and roll back"


def without_target(running: Deployment) -> Verdict:
    none = stories.plan(target=None, cancel=running, why_none="No earlier successful deployment is known.")
    return replace(stories.NAMED, rollback=none)


def test_a_running_deployment_before_which_nothing_is_known_has_a_button_of_its_own() -> None:
    """Where there is no target, what can still be done against it is offered, with the way to its job."""
    running = stories.deployment(58, 2, running=True)
    view = stories.view(without_target(running))

    assert running.job is not None
    assert f"<{running.job.url}|Deployment 58> has not ended." in drawn(view)
    assert elements(view)[0]["text"]["text"] == "Cancel deployment 58"
    cancelled = replace(view, cancelled=frozenset((58,)))
    assert "Deployment 58> was cancelled." in drawn(cancelled)
    assert CANCEL not in drawn(cancelled)
    assert CANCEL not in drawn(replace(view, state=IncidentState.RESOLVED))


def test_where_no_button_cancels_it_it_is_cancelled_in_gitlab() -> None:
    """Backtrace may not write, two have to agree, people go back by hand, no job of GitLab's deploys it."""
    running = stories.deployment(58, 2, running=True)
    verdict = without_target(running)
    scope = verdict.scope

    def of(**more: Any) -> CardView:
        return stories.view(replace(verdict, scope=replace(scope, service=replace(scope.service, **more))))

    views = (
        replace(stories.view(verdict), buttons=Buttons.LINKS),
        of(second_person=True),
        of(rollback=GoingBack.LINK),
        stories.view(without_target(replace(running, job=None))),
    )
    for view in views:
        assert "Deployment 58> has not ended: cancel it in GitLab, if it is to stop." in drawn(view)
        assert CANCEL not in drawn(view)


def test_resolved_says_how_long_after() -> None:
    """The state line counts from the alert and from the rollback."""
    done = drawn(stories.CARDS["named_rolled_back_resolved"])
    assert "*Resolved 8 min after the alert, 4 min after the rollback.*" in done
    # A rollback that was not done by then has ended nothing.
    assert "*Resolved 6 min after the alert.*" in drawn(stories.CARDS["named_resolved"])
    early = replace(stories.BACK, at=stories.T0 + stories.minutes(10))
    assert "after the rollback" not in drawn(replace(stories.CARDS["named_resolved"], gone_back=early))
    assert "This card came late: 12 min after the alert." in drawn(stories.CARDS["named_resolved"])


def test_people_of_the_table_are_named_as_in_gitlab() -> None:
    """A press is told with the presser's GitLab name, or the bare member id."""
    words = drawn(stories.CARDS["named_rolled_back"])

    assert "piet <https://gitlab.test/shop/web/-/jobs/999|rolled production back" in words
    assert "Slack member U0OTHER assigned Vani Rao" in words


WEAK = replace(stories.CULPRIT.evidence[0], weight=-1.0, says="Changes only tests")


def sections(view: CardView) -> list[str]:
    return [block["text"]["text"] for block in render_card(view).blocks if block["type"] == "section"]


def test_evidence_against_a_suspect_has_a_heading_of_its_own() -> None:
    """A rule that speaks against the change is not read as one that speaks for it."""
    culprit = replace(stories.CULPRIT, evidence=(*stories.CULPRIT.evidence[1:], WEAK))
    shown = sections(stories.view(replace(stories.NAMED, suspects=(culprit,))))

    (against,) = (words for words in shown if words.startswith("*What speaks against it*\n"))
    (speaking,) = (words for words in shown if words.startswith("*What speaks for it*\n"))
    assert "Changes only tests" in against
    assert "Changes only tests" not in speaking


def test_in_a_shortlist_evidence_against_is_said_to_be_that() -> None:
    """There it has no heading."""
    culprit = replace(stories.CULPRIT, evidence=(WEAK,))

    assert "• Against it: Changes only tests" in drawn(stories.view(replace(stories.SHORTLIST, suspects=(culprit,))))


@pytest.mark.parametrize(
    ("says", "line"),
    [
        ('Changes auth/session.py:41, and "is_expired" is in it', '• Changes <U|auth/session.py:41>, and "is˰'),
        ("Changes settings.py", "• Changes <U|settings.py>"),
        ("Went live 1 h 20 min before the alert", "• Went live <U|1 h 20 min> before the alert"),
        ("Went live less than a minute before the alert", "• Went live <U|less than a minute> before the alert"),
        ("Nothing that is known of it is mentioned", "• Nothing that is known of it is mentioned (<U|look>)"),
        ("<!channel> a*b/c.py <x> ", "• &lt;!channel&gt; a\u2217<U|b/c.py> &lt;x&gt;"),
    ],
)
def test_of_the_evidence_only_the_file_or_the_time_is_a_link(says: str, line: str) -> None:
    """A sentence that is blue from end to end is hard to read."""
    url = f"{stories.GITLAB}/x"
    culprit = replace(stories.CULPRIT, evidence=(Evidence("rule", 1.0, says, url),))
    shown = sections(stories.view(replace(stories.NAMED, suspects=(culprit,))))

    assert line.replace("<U|", f"<{url}|").partition("˰")[0] in "\n".join(shown)


def test_evidence_without_a_page_has_no_link() -> None:
    """Nothing says "look" that leads nowhere."""
    culprit = replace(stories.CULPRIT, evidence=(Evidence("rule", 1.0, "Changes only tests", ""),))

    assert "• Changes only tests" in sections(stories.view(replace(stories.NAMED, suspects=(culprit,))))[1]
    assert "look" not in sections(stories.view(replace(stories.NAMED, suspects=(culprit,))))[1]


def test_of_what_else_was_shipped_three_are_named_and_the_rest_are_behind_a_link() -> None:
    """One line each; the list of deployments has the others."""
    many = tuple(
        stories.suspect(stories.change(number, "Rewrite " + "everything " * 20), stories.LATEST)
        for number in range(60, 97)
    )
    named = replace(stories.NAMED, suspects=(stories.CULPRIT, *many))
    all_of_them = replace(named, looked_at=replace(named.looked_at, changes=38))
    shown = sections(stories.view(all_of_them))[-1].splitlines()

    assert shown[0] == "*Also shipped in the last 3 days*"
    assert [line.partition("|")[2][:3] for line in shown[1:4]] == ["!60", "!61", "!62"]
    assert all(len(line.partition("|")[2]) < 110 for line in shown)
    assert shown[4:] == [f"… and <{stories.GITLAB}/-/environments/3|34 more>"]

    cut = replace(named, looked_at=replace(named.looked_at, changes=299))
    assert sections(stories.view(cut))[-1].splitlines()[4:] == [f"… and <{stories.GITLAB}/-/environments/3|295 more>"]


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("search [production] memory leak", "memory leak"),
        ("[search] Production: memory leak", "memory leak"),
        ("search, production: memory leak", "memory leak"),
        ("search - memory leak", "memory leak"),
        ("search-index is stale", "search-index is stale"),
        ("searching fails", "searching fails"),
        ("Search", "Search"),
        ("memory leak in search", "memory leak in search"),
    ],
)
def test_the_service_and_the_environment_are_said_once(title: str, shown: str) -> None:
    """Alert titles often begin with them."""
    scope = replace(stories.NAMED.scope, service=replace(stories.SERVICE, name="search"))
    card = render_card(stories.view(replace(stories.NAMED, scope=scope, alert=stories.alert(title))))

    assert card.blocks[1]["elements"][0]["text"] == f"search, production: {shown}"


def test_a_rollout_that_ended_after_the_alert_is_told_in_two_sentences() -> None:
    """It was under way, and then live."""
    late = replace(stories.CULPRIT, candidate=replace(stories.CULPRIT.candidate, deployment=stories.deployment(57, -3)))
    words = drawn(stories.view(replace(stories.NAMED, suspects=(late,))))

    assert "(`57abcdef`) when the alert fired. It was live 3 min later, <!date^" in words


def test_only_the_last_actions_are_shown() -> None:
    """A long history does not push the card over its limits."""
    many = tuple(ActionLine("U0VANI", "page", f"paged number {n}", stories.T0) for n in range(30))
    words = drawn(stories.view(stories.NAMED, actions=many))

    assert "paged number 29" in words
    assert "paged number 21," not in words


@pytest.mark.parametrize("name", ["named_rolled_back", "named_rolled_back_resolved"])
def test_once_rolled_back_the_card_says_what_is_left_to_do(name: str) -> None:
    """No target, no warning, no list of what goes: the change is still on its branch, with the way there."""
    words = drawn(stories.CARDS[name])

    for over in ("Rollback target", "Going back", "Rolling back first", "Before going back"):
        assert over not in words
        assert over not in render_card(stories.CARDS[name]).text
    still = "|!45> is still on main: the next deployment ships it again unless it is reverted or fixed."
    assert f"<{stories.GITLAB}/-/merge_requests/45{still}" in words


def test_while_rolling_back_the_card_says_what_is_being_done() -> None:
    """Nothing is offered any more; who does it stands right under the state."""
    shown = render_card(stories.CARDS["named_rolling_back"]).blocks
    words = drawn(stories.CARDS["named_rolling_back"])

    assert shown[2]["text"]["text"] == "*Rolling back…*"
    assert "started a rollback of production to deployment 55" in shown[3]["text"]["text"]
    assert words.count("started a rollback") == 1
    assert "This undoes 2 changes: <" in words
    assert "Rollback target" not in words
    assert "Going back undoes" not in words


def test_what_was_confirmed_counts_and_not_the_plan_of_the_card() -> None:
    """A rollback to another target than the card had does not undo what the card's plan undoes."""
    words = drawn(replace(stories.CARDS["named_rolling_back"], progress=RollbackProgress("running", "", 54)))

    assert "This undoes" not in words


def test_a_younger_verdict_changes_nothing_about_what_was_taken_away() -> None:
    """After a rollback that did not help the card ranks anew, and still says what the next deployment would bring."""
    words = drawn(stories.CARDS["shortlist_went_on"])

    assert "*Rolled back. Not resolved 30 min after the rollback: that speaks against !45.*" in words
    assert "|!45> is still on main" in words


@pytest.mark.parametrize(
    ("stage", "words"),
    [
        (Stage.WATCHING, "*Rolled back.*"),
        (Stage.NOT_YET, "*Rolled back. Not resolved yet, 10 min after the rollback.*"),
        (Stage.FIRED_AGAIN, "*Rolled back. “HighLatency &lt;!here&gt;” began to fire 10 min after the rollback: that"),
        (
            Stage.UNTOLD,
            "*Rolled back. 10 min after the rollback no sender here has told whether it is over.*",
        ),
    ],
)
def test_the_state_says_whether_the_rollback_helped(stage: Stage, words: str) -> None:
    """In foreign words that do nothing."""
    at = stories.BACK.at + stories.minutes(10)
    done = replace(stories.BACK, stage=stage, stage_at=at, says="HighLatency <!here>")

    assert words in drawn(replace(stories.CARDS["named_rolled_back"], gone_back=done))


def test_what_may_bring_it_back_stands_below_what_is_left() -> None:
    """With its link."""
    due = Caution("A scheduled pipeline is due", f"{stories.GITLAB}/-/pipeline_schedules")
    words = drawn(replace(stories.CARDS["named_rolled_back"], gone_back=replace(stories.BACK, ahead=(due,))))

    assert f"• <{due.url}|{due.says}>" in words


def test_rolling_the_last_deployment_back_leaves_its_changes_on_their_branch() -> None:
    """Also where nobody was named the next deployment brings everything back."""
    view = stories.view(
        stories.NOT_ENOUGH, state=IncidentState.ROLLED_BACK, rolled_back=True, gone_back=stories.BOTH_BACK
    )

    assert "|!44> are still on main: the next deployment ships them again" in drawn(view)


def test_what_speaks_against_going_back_stands_above_the_target() -> None:
    """With its link, and the button says that it goes back all the same."""
    words = drawn(stories.CARDS["named_risky"])

    assert words.index("db/migrate/2_add.rb|!45 migrated") < words.index("Rollback target")
    button = elements(stories.CARDS["named_risky"])[0]
    assert (button["text"]["text"], button["action_id"]) == ("Roll back anyway", ROLL_BACK)


def test_that_nobody_was_paged_is_bold_and_at_the_top() -> None:
    """Somebody waits for help that does not come; what they did stands once, with how often."""
    card = render_card(stories.CARDS["named_unpaged"])
    said = "*Nobody was paged: GitLab has no policy, and on_call is empty for web*"

    assert card.blocks[2]["text"]["text"] == said
    assert drawn(stories.CARDS["named_unpaged"]).count("on_call is empty") == 1
    (small,) = (block["elements"][0]["text"] for block in card.blocks if "asked to page" in json.dumps(block))
    assert small.count("asked to page in shop/web#7") == 1
    assert small.endswith(" (2 times)")


def test_a_page_that_failed_is_at_the_top_as_well() -> None:
    """GitLab did not take it: nobody may rely on it."""
    failed = replace(stories.UNPAGED, says="tried to page, without success: GitLab answers 500")

    assert "*The page did not go through: GitLab answers 500*" in drawn(stories.view(stories.NAMED, actions=(failed,)))


def test_a_page_that_worked_since_takes_the_line_away() -> None:
    """The newest page counts; the one before stays on record, with its reason."""
    paged = replace(stories.UNPAGED, says="paged kim by shop/web#7", at=stories.T0 + stories.minutes(9))
    words = drawn(stories.view(stories.NAMED, actions=(stories.UNPAGED, paged)))

    assert "*Nobody was paged" not in words
    assert "but nobody was paged: GitLab has no policy" in words


def test_the_same_done_by_two_people_is_told_of_both() -> None:
    """Only equal lines are one."""
    mine = ActionLine("U0VANI", "assign", "assigned Vani Rao", stories.T0)
    words = drawn(stories.view(stories.NAMED, actions=(mine, replace(mine, slack_user="U0PIET"), mine)))

    assert words.count("assigned Vani Rao") == 2
    assert words.count("(2 times)") == 1


def context(view: CardView) -> str:
    return str(render_card(view).blocks[1]["elements"][0]["text"])


def test_a_question_says_what_was_understood_of_its_time_and_by_whom() -> None:
    """In the reader's own zone; the asker by their name in GitLab, where it is known."""
    view = stories.CARDS["asked_named"]
    began = "Began about <!date^1795351080^{date_short_pretty} {time}|22 Nov 12:38 UTC>"

    assert context(view).splitlines()[1] == f"{began}, as vani said."
    assert context(replace(view, asked_by="U0OTHER")).splitlines()[1] == f"{began}."


def test_a_question_without_a_time_says_what_that_is_taken_for() -> None:
    """As if it had just begun."""
    view = stories.view(stories.asked(stories.NAMED, since=None), asked_by="U0PIET")

    assert "piet gave no time: taken to have just begun when it was asked (<!date^" in context(view)
    assert "\nNo time was given: " in context(replace(view, asked_by="U0OTHER"))


@pytest.mark.parametrize("verdict", [stories.NAMED, stories.SHORTLIST, stories.NO_CHANGE, stories.NOT_ENOUGH])
@pytest.mark.parametrize("since", [None, stories.T0 - stories.minutes(8)])
@pytest.mark.parametrize("running", [True, False])
def test_what_the_card_says_of_a_question_speaks_of_no_alert(verdict, since, running) -> None:  # type: ignore[no-untyped-def]  # three parametrised values
    """Nobody was alerted. Evidence comes in the core's own words, and is left out here."""
    deployment = stories.deployment(58, 2, running=True) if running else stories.LATEST
    suspects = tuple(
        replace(one, evidence=(), candidate=replace(one.candidate, deployment=deployment)) for one in verdict.suspects
    )
    asked = stories.asked(replace(verdict, suspects=suspects), since=since)
    view = stories.view(asked, state=IncidentState.RESOLVED, resolved_at=stories.T0 + stories.minutes(7))

    assert "alert" not in drawn(view).replace("C0ALERTS", "")
    assert "alert" not in render_card(view).text


def test_what_shipped_later_than_asked_for_is_counted() -> None:
    """So that nobody misses it among what was looked at."""
    assert "3 changes that shipped later are left out." in drawn(stories.CARDS["asked_named"])
    assert "3 changes that shipped later are left out." in drawn(stories.CARDS["asked_no_change"])
    assert "left out" not in drawn(stories.CARDS["named"])


def test_before_a_time_that_was_given_is_told_as_that() -> None:
    """The window ends there, not now; and what shipped a little after that time is told as such."""
    words = drawn(stories.CARDS["asked_named"])
    early = drawn(stories.view(stories.asked(stories.NAMED, since=stories.T0 - stories.minutes(30))))

    assert "*Also shipped in the 3 days before it began*" in words
    assert "with <" in early
    assert "20 min after the time that was given. The rollout began <!date^" in early


def test_a_failed_trace_names_the_service_and_the_gitlab_and_leaves_a_way_on() -> None:
    """The words to ask again are ready to copy, and the list of deployments is a click away."""
    words = drawn(stories.CARDS["failed"])

    assert "The trace of web failed: GitLab (https://gitlab.test) does not answer: 503" in words
    assert "Ask again with `/backtrace web production login error rate \u2019jumped\u2019 5x`" in words
    assert f"<{stories.GITLAB}/-/environments|lists the deployments> of web." in words
    assert "Ask again with `/backtrace` and what is wrong." in drawn(stories.CARDS["failed_unclear"])


def test_a_change_of_another_service_is_said_to_be_theirs() -> None:
    """Named, or among the others: nobody takes it for the alert's own service's."""
    named = stories.CARDS["named"]
    assert named.verdict is not None
    first, *rest = named.verdict.suspects
    theirs = replace(first, candidate=replace(first.candidate, service="payments"))
    culprit = replace(named, verdict=replace(named.verdict, suspects=(theirs, *rest)))
    among = replace(named, verdict=replace(named.verdict, suspects=(first, theirs)))

    assert "It belongs to another service: payments." in drawn(culprit)
    assert "of payments, deployed" in drawn(among)
    assert "payments" not in drawn(named)


def test_nobody_is_assigned_where_nobody_is_known() -> None:
    """Of a flag that was switched nobody knows by whom there is no author to assign."""
    flag = ChangeKind.FEATURE_FLAG
    change = replace(stories.CULPRIT.candidate.change, kind=flag, author=None, merged_by=None, approvers=())
    nobody = replace(stories.CULPRIT, candidate=replace(stories.CULPRIT.candidate, change=change, deployment=None))
    view = stories.CARDS["named"]
    assert view.verdict is not None
    shown = replace(view, verdict=replace(view.verdict, suspects=(nobody,)))

    assert "assign" in action_ids(view)
    assert "assign" not in action_ids(shown)


def test_what_was_gone_back_to_is_said_while_it_is_not_known_to_be_gone() -> None:
    """At most three of those that went back too; nothing where something else went live since; also where nobody is
    blamed any more."""
    card = stories.CARDS["named_rolled_back"]
    others = tuple(replace(stories.BACK.with_them[0], key=f"shop/web!{iid}", label=f"!{iid}") for iid in range(30, 36))
    many = replace(card, gone_back=replace(stories.BACK, with_them=others))

    assert "|!32> and 3 more went back with it." in drawn(many)
    assert "*Went back* to" in drawn(many)
    overtaken = replace(stories.BACK, stage=Stage.OVERTAKEN, says="deployment 61")
    assert "*Went back* to" not in drawn(replace(card, gone_back=overtaken))
    unblamed = replace(stories.BACK, blamed=())
    assert "|!44> went back." in drawn(replace(card, gone_back=unblamed))
    assert "is still on main" not in drawn(replace(card, gone_back=unblamed))
