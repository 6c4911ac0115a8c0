"""What comes back from Slack was written by the bot, and may have been edited on the way: it is compared, not believed.

:mod:`tests.hostile.table` lists all attacks with their tests.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sandbox.slack.transport import Delivery
from sandbox.worlds.model import FeatureFlag, World
from tests.hostile.attacking import (
    Json,
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
from tests.scenarios.looking import alert_card, card_says, id_of, modal_says, press, ready_to_submit
from tests.scenarios.stage import T0, Scene, scene
from tests.scenarios.test_cancelling import ready as ready_to_cancel
from tests.scenarios.test_cancelling import rolling

ANOTHER = "T0ACME0001-C0ALERTS01-1.000001"


EDITED: tuple[Any, ...] = (
    json.dumps({"incident": ANOTHER, "seen": "x"}),
    json.dumps({"incident": "' OR 1=1 --", "seen": "x"}),
    json.dumps({"incident": ["x"], "seen": {}}),
    json.dumps([]),
    "{" * 3000,
    "",
    None,
)


@pytest.mark.parametrize("edited", EDITED, ids=lambda one: str(one)[:30])
async def test_edited_private_metadata(edited: Any, tmp_path: Path) -> None:
    """Another incident's, nobody's, nonsense: the modal was opened for one card."""
    async with target(tmp_path) as play:
        await ready_to_submit(play, "mara")
        body = await submit_body(play, "mara", private_metadata=edited)

        await refused(play, lambda: sent(play, Delivery("interactive", body)), "was not opened by you for this card")


async def test_edited_metadata_that_says_something_else_was_seen(tmp_path: Path) -> None:
    """Whoever confirms what stands on no screen is shown what there is."""
    async with target(tmp_path) as play:
        await ready_to_submit(play, "mara")
        view = await play.stage.slack.view_of(id_of(play, "mara"))
        assert view is not None
        carried = json.loads(view["private_metadata"])
        edited = json.dumps({name: value if name == "incident" else "0" for name, value in carried.items()})
        body = await submit_body(play, "mara", private_metadata=edited)

        before = done(play)

        await sent(play, Delivery("interactive", body))
        await quiet(play)

        assert done(play) == before
        assert "This deploys" in await last_view(play, id_of(play, "mara"))


async def test_another_view(tmp_path: Path) -> None:
    """A submit of a view that no press of this card opened."""
    async with target(tmp_path) as play:
        await ready_to_submit(play, "mara")
        body = await submit_body(play, "mara", id="V0NOBODYS")

        await refused(play, lambda: sent(play, Delivery("interactive", body)), "was not opened by you for this card")


VALUES = (ANOTHER, "' OR 1=1 --", "../../etc/passwd", "<!channel>", "x" * 2000, "")


@pytest.mark.parametrize("value", VALUES, ids=lambda one: one[:20])
@pytest.mark.parametrize("action", ["roll_back", "assign", "page"])
async def test_an_edited_button_value(action: str, value: str, tmp_path: Path) -> None:
    """Of no incident: whoever pressed is told that there is no such card."""
    async with target(tmp_path) as play:
        mara = play.stage.team.user(id_of(play, "mara"))
        assert mara is not None
        body = press_body(play, await play.player.card(), mara, action)

        async def attack() -> str:
            await sent(play, Delivery("interactive", changed(body, lambda made: _revalue(made, value))))
            return await (last_view(play, mara.id) if action == "roll_back" else told(play, mara.id))

        await refused(play, attack, "does not know this card")


async def test_a_button_value_of_another_channels_card(tmp_path: Path) -> None:
    """A real incident counts only where its card stands."""
    async with target(tmp_path) as play:
        mara = play.stage.team.user(id_of(play, "mara"))
        assert mara is not None
        body = press_body(play, await play.player.card(), mara, "assign")

        async def attack() -> str:
            await sent(play, Delivery("interactive", changed(body, lambda made: _move(made, "C0GENERAL1"))))
            return await told(play, mara.id)

        await refused(play, attack, "does not know this card")


async def test_a_button_that_speaks_of_another_change(tmp_path: Path) -> None:
    """The change behind "Assign" is what the card names, or nothing is done."""
    async with target(tmp_path) as play:
        mara = play.stage.team.user(id_of(play, "mara"))
        assert mara is not None
        body = press_body(play, await play.player.card(), mara, "assign")
        incident = body["actions"][0]["value"].split(" ")[0]

        async def attack() -> str:
            await sent(play, Delivery("interactive", changed(body, lambda made: _revalue(made, f"{incident} mr:1"))))
            return await told(play, mara.id)

        await refused(play, attack, "The card has moved on")


def _revalue(body: Json, value: str) -> None:
    body["actions"][0]["value"] = value


def _move(body: Json, channel: str) -> None:
    body["channel"]["id"] = body["container"]["channel_id"] = channel


# --- the dialog of a feature flag -----------------------------------------------------------------------------------


def with_flags(world: World) -> World:
    """What the culprit says in quotes is a flag, and so is something that it does not name."""
    flags = (
        FeatureFlag(name, "", T0.replace(year=2025), ("production", "staging"), apart=True) for name in ("seen", "pay")
    )
    return replace(world, flags=(*world.flags, *flags))


async def ready_to_switch(play: Scene, who: str) -> Json:
    """The submit of that person's dialog."""
    await press(play, who, "switch_flag")
    await modal_says(play, who, "This switches seen off in production")
    return await submit_body(play, who)


async def test_another_users_dialog_of_a_flag(tmp_path: Path) -> None:
    """As with a rollback's: it belongs to whoever opened it."""
    async with scene("login", tmp_path, change=with_flags) as play:
        await alert_card(play)
        await quiet(play)
        body = await ready_to_switch(play, "mara")
        foreign = changed(body, lambda made: made["user"].update(id=id_of(play, "kim")))

        await refused(play, lambda: sent(play, Delivery("interactive", foreign)), "was not opened by you for this card")


async def test_another_users_dialog_of_a_cancellation(tmp_path: Path) -> None:
    """It belongs to whoever opened it, and cancels nothing but what it offered."""
    async with rolling(tmp_path) as play:
        await ready_to_cancel(play, "mara")
        body = await submit_body(play, "mara")
        foreign = changed(body, lambda made: made["user"].update(id=id_of(play, "kim")))
        carried = {**json.loads(body["view"]["private_metadata"]), "seen": "49141"}
        other = changed(body, lambda made: made["view"].update(private_metadata=json.dumps(carried)))

        await refused(play, lambda: sent(play, Delivery("interactive", foreign)), "was not opened by you for this card")
        await refused(
            play, lambda: sent(play, Delivery("interactive", other)), "does not say any more what can be done"
        )


@pytest.mark.parametrize(("name", "strategy"), [("pay", 1), ("pay", 2), ("pay", 3), ("nobody's", 1), ("../../x", 1)])
async def test_edited_metadata_that_names_another_flag(name: str, strategy: int, tmp_path: Path) -> None:
    """Only the flag that the card names is ever switched off."""
    async with scene("login", tmp_path, change=with_flags) as play:
        await alert_card(play)
        await quiet(play)
        body = await ready_to_switch(play, "mara")
        carried = {**json.loads(body["view"]["private_metadata"]), "flag": name, "strategy": strategy}
        flags = play.stage.gitlab.state.flags
        scopes = {flag: flags[flag].scopes for flag in flags}

        await sent(play, Delivery("interactive", changed(body, lambda made: _carry(made, carried))))

        await card_says(play, "without success: the card names another feature flag")
        await quiet(play)
        assert {flag: flags[flag].scopes for flag in flags} == scopes
        assert play.stage.gitlab.state.effects["flag"] == 0


def _carry(body: Json, carried: Json) -> None:
    body["view"]["private_metadata"] = json.dumps(carried)
