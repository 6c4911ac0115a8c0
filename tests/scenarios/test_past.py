"""What fired before, and what was to blame then, when a rollback is planned."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from backtrace_core.model import Verdict
from bot.store import NewIncident
from bot.workflows.past import past_of
from sandbox.player import facts_of
from tests.scenarios.looking import alert_card, modal_says, press, ready_to_submit
from tests.scenarios.stage import Scene, scene

HOUR_AGO = timedelta(hours=1)


async def an_earlier_one(play: Scene, title: str, *, same: bool, when: timedelta = HOUR_AGO) -> Verdict:
    """An incident of the same service, whose card stands where the alert stands; ``same``: of the same fingerprint."""
    store, now = play.bot.house.store, play.clock()
    (incident,) = await store.incidents.open_since(now - timedelta(hours=1))
    assert incident.verdict is not None
    assert incident.alert is not None
    told_at = now - when
    fingerprint = incident.alert.fingerprint if same else "another"
    alert = replace(incident.alert, title=title, received_at=told_at, started_at=told_at, fingerprint=fingerprint)
    new = NewIncident("T-earlier", incident.team, incident.channel, "1.1", told_at, alert=alert)
    assert await store.incidents.keep("e-earlier", new)
    await store.incidents.save_verdict("T-earlier", incident.verdict)
    await store.incidents.save_card("T-earlier", (await play.player.card())["ts"], told_at)
    return incident.verdict


async def test_what_fired_in_the_targets_time_is_a_warning_with_its_link(tmp_path: Path) -> None:
    """The target was live for three hours; an hour ago another alert fired. The link leads to its card."""
    async with scene("login", tmp_path) as play:
        await alert_card(play)
        await an_earlier_one(play, "DiskAlmostFull", same=False)

        await ready_to_submit(play, "mara")

        await modal_says(play, "mara", "deployment 49519", "While it was live 1 h ago, this fired: DiskAlmostFull")
        view = await play.stage.slack.view_of(play.stage.slack_id("mara"))
        assert f".slack.com/archives/{play.stage.alerts}/p" in json.dumps(view)


async def test_where_this_very_alert_fired_the_next_older_one_is_the_target(tmp_path: Path) -> None:
    """What is free of the suspect had the same trouble: going back there would not end it."""
    async with scene("login", tmp_path) as play:
        card = await alert_card(play)
        assert facts_of(card)["target"] == "49519"
        await an_earlier_one(play, "LoginErrorRateHigh web", same=True)

        await ready_to_submit(play, "mara")

        await modal_says(
            play,
            "mara",
            "This deploys deployment 49451",
            "Deployment 49519 (2e670f91) would be nearer, but this alert fired in its time too, 1 h ago",
        )


async def test_what_fired_before_the_target_was_live_is_not_its_own(tmp_path: Path) -> None:
    """Ten hours ago another version was live."""
    async with scene("login", tmp_path) as play:
        await alert_card(play)
        await an_earlier_one(play, "LoginErrorRateHigh web", same=True, when=timedelta(hours=10))

        await press(play, "mara", "roll_back")

        assert "fired in its time" not in await modal_says(play, "mara", "This deploys deployment 49519")


async def test_what_earlier_incidents_named_is_known_by_its_key(tmp_path: Path) -> None:
    """A fix for one of them is recognised by what it takes back; what this incident names itself is no earlier one."""
    async with scene("login", tmp_path) as play:
        await alert_card(play)
        verdict = await an_earlier_one(play, "CheckoutErrors", same=False)
        house = play.bot.house
        (incident,) = [
            one for one in await house.store.incidents.open_since(play.clock() - HOUR_AGO / 2) if one.id != "T-earlier"
        ]
        past = await past_of(house, incident, verdict.scope)

        assert [(one.key, one.title) for one in past.culprits] == [
            (verdict.named[0].candidate.change.key, "CheckoutErrors")
        ]
        assert [one.is_ours for one in past.fired if one.title == "CheckoutErrors"] == [False]
