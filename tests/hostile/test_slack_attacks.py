"""Attacks by way of Slack: each is refused in words, and the embedded parties have nothing to count.

:mod:`tests.hostile.table` lists all attacks with their tests.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from sandbox.gitlab.records import Access
from sandbox.slack import SlackChannel, SlackUser
from sandbox.slack.transport import Delivery
from tests.hostile.attacking import (
    changed,
    done,
    last_view,
    press_body,
    quiet,
    refused,
    sent,
    submit_body,
    target,
    told,
)
from tests.scenarios.looking import card_says, confirm, id_of, press, ready_to_submit, roll_back
from tests.scenarios.stage import PROMPT, QUICK, Clock, Scene, scene

GUEST, STRANGER, LEAVER = "U0GUEST", "U0STRANGER", "U0LEAVER"
VISITORS = (
    SlackUser(id=GUEST, name="guest", is_restricted=True),
    SlackUser(id=STRANGER, name="stranger", team_id="T0OTHER", is_stranger=True),
    SlackUser(id=LEAVER, name="leaver", deleted=True),
)
SHARED = SlackChannel(id="C0ALERTS01", name="alerts", is_ext_shared=True)
VISITED = replace(QUICK, visitors=VISITORS, channels=(SHARED, SlackChannel(id="C0GENERAL1", name="general")))
ALLOWED = replace(PROMPT, slack='allow_shared_channels = ["C0ALERTS01"]')
PREMIUM = replace(QUICK, gitlab=replace(QUICK.gitlab, tier="premium"))
ACTING = ("roll_back", "assign", "page", "not_culprit")
ANOTHER = "T0ACME0001-C0ALERTS01-1.000001"


async def pressed(play: Scene, who: str, action: str) -> str:
    """What the presser is shown."""
    await press(play, who, action)
    user = id_of(play, who)
    return await (last_view(play, user) if action == "roll_back" else told(play, user))


# --- the door -------------------------------------------------------------------------------------------------------


async def deliveries(play: Scene) -> list[Delivery]:
    """A press, a submit, a command and a message, as Slack would send them now."""
    card = await play.player.card()
    mara = play.stage.team.user(id_of(play, "mara"))
    assert mara is not None
    await ready_to_submit(play, "mara")
    command = {"team_id": "T0ACME0001", "channel_id": play.stage.alerts, "user_id": mara.id, "command": "/backtrace"}
    message = {"type": "message", "channel": play.stage.alerts, "ts": "1795351200.000100", "text": "FIRING: web errors"}
    event = {"type": "event_callback", "team_id": "T0ACME0001", "event_id": "Ev0FORGED", "event": message}
    return [
        Delivery("interactive", press_body(play, card, mara, "assign")),
        Delivery("interactive", await submit_body(play, "mara")),
        Delivery("slash_commands", {**command, "text": "pause 1h", "trigger_id": "1.2", "response_url": "http://x"}),
        Delivery("events_api", {**event, "event": {**message, "subtype": "bot_message", "bot_id": "B0HOOK0001"}}),
    ]


async def test_a_wrong_signature(tmp_path: Path) -> None:
    """Whoever does not know the signing secret speaks for nobody."""
    async with target(tmp_path) as play:
        for delivery in await deliveries(play):
            await refused(play, lambda one=delivery: sent(play, one, secret="another"), "401", "wrongly signed")


@pytest.mark.parametrize("off", [timedelta(seconds=-301), timedelta(seconds=330)])
async def test_an_old_timestamp(off: timedelta, tmp_path: Path) -> None:
    """Rightly signed, and more than five minutes off: in the future by so much that it still is when it is read."""
    async with target(tmp_path) as play:
        then = Clock(play.clock() + off)
        for delivery in await deliveries(play):
            await refused(play, lambda one=delivery: sent(play, one, clock=then), "401", "too old")


async def test_a_replay(tmp_path: Path) -> None:
    """Within five minutes it is the press, and the submit, that was answered already; later it is too old."""
    async with target(tmp_path) as play:
        then = Clock(play.clock())
        await press(play, "mara", "assign")
        await roll_back(play, "mara")
        await card_says(play, "Rolled back.", "mara assigned")
        await quiet(play)
        taken = [
            Delivery("interactive", exchange.request)
            for exchange in play.stage.slack.recorded
            if (exchange.kind, exchange.name) == ("delivery", "interactive")
        ]
        assert len(taken) == 3

        for delivery in taken:
            # A used trigger opens no second modal: that press then fails, in Slack's own words.
            await refused(play, lambda one=delivery: sent(play, one, clock=then))
        play.clock.forward(timedelta(minutes=6))
        for delivery in taken:
            await refused(play, lambda one=delivery: sent(play, one, clock=then), "401", "too old")
        assert done(play)["retries"] == 1


# --- who ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("action", ACTING)
async def test_another_workspace(action: str, tmp_path: Path) -> None:
    """A press that Slack tells from another workspace of the same app."""
    async with target(tmp_path, VISITED, ALLOWED) as play:
        body = press_body(play, await play.player.card(), VISITORS[1], action)

        async def attack() -> str:
            assert "200" in await sent(play, Delivery("interactive", body))
            return await (last_view(play, STRANGER) if action == "roll_back" else told(play, STRANGER))

        await refused(play, attack, "members of its own workspace only")


async def test_another_workspaces_alert_and_command(tmp_path: Path) -> None:
    """Neither is kept; whoever types is told."""
    async with target(tmp_path) as play:
        *_, command, event = await deliveries(play)
        foreign = {"team_id": "T0OTHER"}

        await refused(play, lambda: sent(play, replace(event, payload={**event.payload, **foreign})), "200")
        words = "members of its own workspace only"
        await refused(play, lambda: sent(play, replace(command, payload={**command.payload, **foreign})), words)


@pytest.mark.parametrize("action", ACTING)
async def test_a_slack_connect_member(action: str, tmp_path: Path) -> None:
    """In a channel that is shared on purpose, somebody of the other organisation sees the buttons."""
    async with target(tmp_path, VISITED, ALLOWED) as play:
        await refused(play, lambda: pressed(play, STRANGER, action), "members of its own workspace only")


async def test_a_slack_connect_member_whose_press_names_no_workspace(tmp_path: Path) -> None:
    """Then Slack is asked who that is."""
    async with target(tmp_path, VISITED, ALLOWED) as play:
        body = press_body(play, await play.player.card(), VISITORS[1], "roll_back")

        async def attack() -> str:
            await sent(play, Delivery("interactive", changed(body, lambda made: made["user"].pop("team_id"))))
            return await last_view(play, STRANGER)

        await refused(play, attack, "members of its own workspace only")


async def test_a_shared_channel_gets_no_card(tmp_path: Path) -> None:
    """One that nobody has allowed: others read along."""
    shared = replace(QUICK, channels=(SHARED, SlackChannel(id="C0GENERAL1", name="general")))
    async with scene("login", tmp_path, shared) as play:
        await play.player.fire()
        await quiet(play)
        tomas = play.stage.slack_id("tomas")
        await play.stage.slack.command(tomas, play.stage.alerts, "login errors")
        await quiet(play)

        assert "shared with other organisations" in await told(play, tomas)
        assert "chat.postMessage" not in done(play)["slack"]


@pytest.mark.parametrize("action", ACTING)
@pytest.mark.parametrize(("who", "why"), [(GUEST, "does not answer guests"), (LEAVER, "deactivated")])
async def test_a_guest(who: str, why: str, action: str, tmp_path: Path) -> None:
    """Somebody who is in the workspace as a guest, or is no more."""
    async with target(tmp_path, replace(QUICK, visitors=VISITORS)) as play:
        await refused(play, lambda: pressed(play, who, action), why)


async def test_another_users_modal(tmp_path: Path) -> None:
    """Confirmed by somebody else than whoever opened it, be it a person with every right."""
    async with target(tmp_path, replace(QUICK, visitors=VISITORS)) as play:
        await ready_to_submit(play, "mara")
        body = await submit_body(play, "mara")

        for other in (id_of(play, "kim"), GUEST, "U0NOBODY", ""):
            foreign = changed(body, lambda made, user=other: made["user"].update(id=user))
            await refused(
                play, lambda one=foreign: sent(play, Delivery("interactive", one)), "was not opened by you for this"
            )
        await confirm(play, "mara")
        await card_says(play, "Rolled back.")


async def test_a_person_without_the_right(tmp_path: Path) -> None:
    """In the channel, in the people table, and a guest of the project in GitLab."""
    async with target(tmp_path) as play:
        play.stage.gitlab.state.levels["tomas"] = 10

        await refused(play, lambda: pressed(play, "tomas", "roll_back"), "needs at least the role Developer")


async def test_a_person_whom_the_protection_leaves_out(tmp_path: Path) -> None:
    """Maintainers deploy to production; a Developer opens the modal, and sends a submit that it does not offer."""
    async with target(tmp_path, PREMIUM) as play:
        play.stage.gitlab.state.protected_environments["production"] = (Access(level=40),)
        await refused(play, lambda: pressed(play, "tomas", "roll_back"), "production is protected", "tomas")
        await ready_to_submit(play, "mara")
        theirs = await submit_body(play, "mara")

        async def attack() -> str:
            tomas = id_of(play, "tomas")
            held = await play.stage.slack.view_of(tomas)
            assert held is not None
            own = {**theirs["view"], "id": held["id"]}
            await sent(play, Delivery("interactive", {**theirs, "user": {"id": tomas}, "view": own}))
            return await last_view(play, tomas)

        await refused(play, attack, "production is protected", "tomas")


async def test_a_protection_that_cannot_be_read(tmp_path: Path) -> None:
    """Then nobody may, not even an owner."""
    developer = replace(PREMIUM, gitlab=replace(PREMIUM.gitlab, bot_level=30))
    async with target(tmp_path, developer) as play:
        await refused(play, lambda: pressed(play, "kim", "roll_back"), "can't read who may deploy to production")
