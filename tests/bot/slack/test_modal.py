"""The modals: what the confirmation shows, what it carries, and that none breaks Slack's rules."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backtrace_core.model import Caution
from bot.cards import LegView, RollbackView
from bot.slack import modal
from bot.slack.modal_legs import ticked
from bot.slack.text import MOST_READ
from sandbox.slack.blocks import check_view
from tests.bot.slack import stories
from tests.bot.slack.test_card_limits import OURS, hostile, mrkdwn, urls, verdicts

ROLLBACK = RollbackView(
    incident_id=stories.INCIDENT,
    legs=(LegView("k1", "production", stories.TARGET, stories.LATEST),),
    undoes=stories.plan().undoes,
    username="vani",
    seen="5eeeen",
    cautions=(Caution("!45 migrated the database", "https://gitlab.test/x"), Caution("Going back undoes 12 changes")),
    suspects=frozenset(("shop/web!45",)),
)

US = replace(stories.TARGET, environment="production/us", id=54)
SEVERAL = replace(
    ROLLBACK,
    legs=(
        LegView("k1", "production/eu", stories.TARGET, stories.LATEST),
        LegView("k2", "production/us", US, stories.LATEST, stories.deployment(58, 2, running=True)),
        LegView("k3", "production/ap", None, stories.LATEST, why_not="Every earlier deployment contains it."),
    ),
)

FORMS = {
    "checking": modal.checking_modal(),
    "rollback": modal.rollback_modal(ROLLBACK),
    "several": modal.rollback_modal(SEVERAL),
    "refusal": modal.refusal_modal(("You are a guest in shop/web.", "Only maintainers may deploy to production.")),
    "busy": modal.busy_modal("U0PIET0001", stories.T0),
    "started": modal.started_modal("started a rollback of production to deployment 55 (55abcdef)"),
}


def words(view: dict[str, Any]) -> str:
    return json.dumps(view["blocks"], ensure_ascii=False)


@pytest.mark.parametrize("name", sorted(FORMS))
def test_slack_takes_every_form(name: str) -> None:
    """No modal breaks a rule of Block Kit."""
    assert check_view(FORMS[name]) == []


def test_going_forward_is_never_called_going_back() -> None:
    """Each form that only tells has the other title and the other words."""
    way = modal.FORWARD
    forms = (
        modal.checking_modal(way),
        modal.refusal_modal(("You are a guest.",), way=way),
        modal.busy_modal("U0PIET0001", stories.T0, way),
        modal.started_modal("started a roll-forward of production to deployment 58 (58abcdef)", way),
        modal.waits_modal(stories.T0, way),
    )

    assert {form["title"]["text"] for form in forms} == {"Roll forward again"}
    assert not any("undoes" in words(form) or "a rollback" in words(form) for form in forms)
    assert all("started this rollback" not in words(form) for form in forms)


@pytest.mark.parametrize("name", sorted(FORMS))
def test_only_the_checked_form_can_be_submitted(name: str) -> None:
    """One form confirms; the others only tell."""
    assert ("submit" in FORMS[name]) is (name in ("rollback", "several"))


def test_the_confirmation_shows_what_will_happen() -> None:
    """Target, what is live, what is taken away, what speaks against it, and as whom."""
    shown = words(FORMS["rollback"])

    assert "|deployment 55> (`55abcdef`) to production again" in shown
    assert "Live now: " in shown
    assert "It takes 2 changes away" in shown
    assert "!44 Show the basket in the header>, by vani" in shown
    assert "Going back undoes 12 changes" in shown
    assert "In GitLab you are vani" in shown


def test_the_confirmation_carries_the_incident_and_what_was_seen() -> None:
    """The submit brings both back."""
    view = FORMS["rollback"]

    assert view["callback_id"] == "backtrace:roll_back_submit"
    assert modal.submitted(view) == (stories.INCIDENT, "5eeeen")


@pytest.mark.parametrize("carried", ["", "{", "[]", "null", '"x"', None])
def test_a_submit_that_carries_junk_means_no_incident(carried: str | None) -> None:
    """What comes back from outside may be anything."""
    assert modal.submitted({"private_metadata": carried}) == ("", "")


def test_refusals_take_the_submit_away() -> None:
    """Who may not do it sees why, and can't do it."""
    view = modal.rollback_modal(replace(ROLLBACK, refusals=("You are not in the people table.",)))

    assert "submit" not in view
    assert "You are not in the people table." in words(view)


def test_thin_evidence_is_said_first() -> None:
    """Rolling the last deployment back is not made to look like an answer."""
    view = modal.rollback_modal(replace(ROLLBACK, not_shown_to_be_cause="Not shown to be the cause."))

    assert view["blocks"][0]["text"]["text"].startswith("*Not shown to be the cause.*")


RUNNING = stories.deployment(58, 2, running=True)


def test_a_running_deployment_is_cancelled_in_sight() -> None:
    """What is cancelled, since when it is under way, and why what is live is deployed again: without contradiction."""
    view = modal.rollback_modal(
        replace(ROLLBACK, legs=(LegView("k1", "production", stories.TARGET, stories.TARGET, RUNNING),))
    )
    shown = words(view)

    assert "|Deployment 58> (`58abcdef`) is being rolled out to production since <!date^1795351080^" in shown
    assert "This cancels it, and deploys <" in shown
    assert "(`55abcdef`), which is live, again, so that nothing of 58 stays." in shown
    assert "Live now" not in shown
    assert view["submit"]["text"] == "Cancel and roll back"


def test_what_is_live_is_said_where_it_is_neither_cancelled_nor_the_target() -> None:
    """Then three deployments play a part."""
    leg = LegView("k1", "production", stories.TARGET, stories.LATEST, RUNNING)
    shown = words(modal.rollback_modal(replace(ROLLBACK, legs=(leg,))))

    assert "(`55abcdef`) again, so that nothing of 58 stays." in shown
    assert "Live now: " in shown


@pytest.mark.parametrize("suspects", [("shop/web!44",), ("shop/web!44", "shop/web!45")])
def test_the_suspects_are_marked_among_what_is_taken_away(suspects: tuple[str, ...]) -> None:
    """Who confirms sees which of the changes it is about, and which only go with it."""
    shown = words(modal.rollback_modal(replace(ROLLBACK, suspects=frozenset(suspects))))
    mark = "likely culprit" if len(suspects) == 1 else "may be the cause"

    assert f"!44 Show the basket in the header>, by vani: *{mark}*" in shown
    assert shown.count(mark) == len(suspects)
    assert shown.index("!44 Show") < shown.index("!45 Tighten") or len(suspects) == 2


def test_warnings_come_first_and_lead_to_their_page() -> None:
    """Before the target is named, with the link to the migration."""
    shown = words(FORMS["rollback"])

    assert shown.index("<https://gitlab.test/x|!45 migrated the database>") < shown.index("This deploys")


def test_somebody_without_a_member_id_is_somebody() -> None:
    """The name of who was first is a member id, or no name."""
    assert "<@U0PIET0001> already started" in words(FORMS["busy"])
    assert "Somebody already started" in words(modal.busy_modal("<!channel>", stories.T0))


@settings(max_examples=60, deadline=None)
@given(verdicts(), hostile, urls, st.lists(hostile, max_size=20))
def test_slack_takes_every_confirmation(verdict: Any, word: str, url: str, many: list[str]) -> None:
    """All limits hold for monstrous input, and no foreign word is markup."""
    target = replace(stories.TARGET, sha=word, environment=word, url=url)
    undoes = verdict.rollback.undoes if verdict.rollback else ()
    cautions, suspects = tuple(Caution(one, url) for one in many), frozenset(ref.key for ref in undoes)
    one = LegView("k", word, target, target, target)
    legs = (one, *(replace(one, key=f"k{n}", why_not=words) for n, words in enumerate((*many, *[""] * len(many)))))
    view = RollbackView(stories.INCIDENT, legs, undoes, word, "seen", (), cautions, suspects, word)
    for made in (modal.rollback_modal(view), modal.refusal_modal(many), modal.started_modal(word[:MOST_READ])):
        assert check_view(made) == []
        for text in mrkdwn(made["blocks"]):
            assert not set("<>") & set(OURS.sub("", text["text"]))


def test_of_a_bump_it_is_said_what_it_brought() -> None:
    """Going back takes the bump away; the culprit is the library's change that came by it."""
    shown = words(modal.rollback_modal(replace(ROLLBACK, brought={"shop/web!45": "shop/billing!7"})))

    assert "brings shop/billing!7, likely culprit" in shown


def test_each_of_several_legs_has_a_tick_at_first() -> None:
    """What goes back where, from what; what can't says why and has no tick."""
    view = FORMS["several"]
    shown = words(view)
    (block,) = [block for block in view["blocks"] if block["type"] == "input"]
    element = block["element"]

    assert "*production/eu* to <" in shown
    assert "*production/us* to <" in shown
    assert "first <" in shown
    assert "*production/ap* stays as it is: Every earlier deployment contains it." in shown
    assert [option["value"] for option in element["options"]] == ["k1", "k2"]
    assert element["initial_options"] == element["options"]
    assert view["submit"]["text"] == "Cancel and roll back"


def test_a_single_leg_has_nothing_to_tick() -> None:
    """It goes back, or the modal is closed."""
    assert all(block["type"] != "input" for block in FORMS["rollback"]["blocks"])


def test_more_legs_than_one_element_takes_have_several() -> None:
    """Ten options are the most; each element may then be left empty, as another has ticks."""
    legs = tuple(LegView(f"k{n}", f"production/{n}", stories.TARGET) for n in range(23))
    view = modal.rollback_modal(replace(ROLLBACK, legs=legs))
    inputs = [block for block in view["blocks"] if block["type"] == "input"]

    assert check_view(view) == []
    assert [len(block["element"]["options"]) for block in inputs] == [10, 10, 3]
    assert all(block["optional"] for block in inputs)


@pytest.mark.parametrize(
    ("state", "found"),
    [
        ({"values": {"legs-0": {"backtrace:legs": {"selected_options": [{"value": "k1"}]}}}}, {"k1"}),
        (
            {
                "values": {
                    "legs-0": {"backtrace:legs": {"selected_options": [{"value": "k1"}]}},
                    "legs-1": {"backtrace:legs": {"selected_options": [{"value": "k2"}, {"value": 3}, "k4"]}},
                }
            },
            {"k1", "k2"},
        ),
        ({"values": {"legs-0": {"other": {"selected_options": [{"value": "k1"}]}}}}, set()),
        ({"values": []}, set()),
        ({"values": {"legs-0": []}}, set()),
        ({"values": {"legs-0": {"backtrace:legs": {"selected_options": None}}}}, set()),
        (None, set()),
    ],
)
def test_what_is_ticked_is_read_and_junk_ticks_nothing(state: Any, found: set[str]) -> None:
    """What comes back from outside may be anything."""
    assert ticked({"state": state}) == found
