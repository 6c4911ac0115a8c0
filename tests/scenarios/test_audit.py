"""The record of presses: written before anything is done, read in Slack and as JSON lines."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.__main__ import main
from sandbox.gitlab import Fault
from sandbox.player import eventually
from tests.scenarios.looking import alert_card, card_says, confirm, modal_says, press, ready_to_submit, roll_back
from tests.scenarios.stage import PROMPT, Scene, scene
from tests.scenarios.test_forward import forward_modal
from tests.scenarios.test_legs import EU, US
from tests.scenarios.town import GUEST, TOWN


async def audit(play: Scene, slack_user: str, words: str = "audit") -> str:
    reply = await play.stage.slack.command(slack_user, play.stage.alerts, words)
    assert reply.error == ""
    return reply.text


async def exported(play: Scene, capsys: pytest.CaptureFixture[str], *options: str) -> list[dict[str, Any]]:
    """What the command prints, beside the bot that is at work."""
    capsys.readouterr()
    words = ["audit", "--config", str(play.folder / "backtrace.toml"), *options]
    assert await asyncio.to_thread(main, words) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


async def test_a_rollback_is_on_record(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Who pressed and who confirmed, with what in view, what was sent to GitLab and what it answered."""
    async with scene("login", tmp_path) as play:
        await alert_card(play)
        await roll_back(play, "mara")
        await card_says(play, "rolled production back")

        said = await audit(play, play.stage.slack_id("mara"))
        assert 'mara pressed "Roll back" (to deployment 49519)' in said
        assert "mara confirmed a rollback of production (to deployment 49519)" in said
        (job,) = play.stage.gitlab.state.retries
        assert f"POST /projects/shop%2Fweb/jobs/{job.job_id}/retry: done: {job.new_job_id}" in said

        pressed, confirmed = await exported(play, capsys)
        assert (pressed["did"], confirmed["did"]) == ("roll_back", "roll_back_confirmed")
        for entry in (pressed, confirmed):
            assert entry["gitlab_user"] == "mara"
            assert entry["in_view"]["target"] == 49519
            assert entry["in_view"]["live"] == 49558
            assert "shop/web!45" in entry["in_view"]["undoes"]
        assert confirmed["result"] == "success"
        assert (confirmed["project"], confirmed["environment"]) == ("shop/web", "production")
        assert (confirmed["target_id"], confirmed["how"]) == (49519, "retry")
        assert (confirmed["second_user"], confirmed["stopped_by"]) == ("", "")
        assert [asked["answer"] for asked in confirmed["gitlab"]] == [f"done: {job.new_job_id}"]


async def test_each_leg_is_on_record_by_itself(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With its own environment and target, what the dialog said of it, and whether it was ticked at all."""
    async with scene("regions", tmp_path) as play:
        await alert_card(play)
        await ready_to_submit(play, "mara")
        await confirm(play, "mara", ticks=(EU,))
        await card_says(play, "Partly rolled back.", f"Rolled {EU} back")

        pressed, eu, us = await exported(play, capsys)
        assert (eu["environment"], us["environment"]) == (EU, US)
        assert (eu["result"], us["result"]) == ("success", "left_out")
        assert {leg["environment"]: leg["target"] for leg in pressed["in_view"]["legs"]} == {
            EU: eu["target_id"],
            US: us["target_id"],
        }
        for leg in (eu, us):
            assert leg["in_view"]["target"] == leg["target_id"]
            deployment = play.stage.gitlab.state.deployments[leg["target_id"]]
            assert deployment.environment == leg["environment"]
        said = await audit(play, play.stage.slack_id("mara"))
        assert f"({EU} to deployment {eu['target_id']}, {US} to deployment {us['target_id']})" in said
        assert f"mara confirmed a rollback of {EU} (to deployment {eu['target_id']})" in said
        assert f"mara left {US} out of the rollback" in said


async def test_a_dialog_that_was_shown_anew_is_on_record_as_it_was_then(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The second submit stands there with what the second dialog said."""
    async with scene("login", tmp_path) as play:
        await alert_card(play)
        await ready_to_submit(play, "mara")
        job_id = play.stage.gitlab.state.deployments[49519].job_id
        assert job_id is not None
        play.stage.gitlab.state.jobs[job_id].archived = True
        await confirm(play, "mara")
        await modal_says(play, "mara", "This deploys deployment 49451")
        await confirm(play, "mara")
        await card_says(play, "Rolled back.")

        _, first, second = await exported(play, capsys)
        assert (first["result"], first["in_view"]["target"]) == ("changed", 49519)
        assert (second["result"], second["in_view"]["target"]) == ("success", 49451)
        assert len(second["in_view"]["undoes"]) == 11


async def test_going_forward_is_on_record_as_that(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Not as a rollback, and with what its own dialog said."""
    async with scene("login", tmp_path) as play:
        await alert_card(play)
        await roll_back(play, "mara")
        await card_says(play, "Rolled back.", "Roll forward again")
        await forward_modal(play, "kim")
        await confirm(play, "kim")
        await card_says(play, "Rolled forward again.")

        forward = (await exported(play, capsys))[-1]
        assert (forward["did"], forward["how"]) == ("roll_forward_confirmed", "forward")
        assert (forward["in_view"]["target"], forward["target_id"]) == (49558, 49558)
        assert any("!45" in caution for caution in forward["in_view"]["cautions"])
        assert "shop/web!45" in forward["in_view"]["brings"]
        assert "undoes" not in forward["in_view"]
        said = await audit(play, play.stage.slack_id("mara"))
        assert 'kim pressed "Roll forward again" (to deployment 49558)' in said
        assert "kim confirmed a roll-forward of production (to deployment 49558)" in said


async def test_who_only_looks_is_not_told_to_have_gone_back(tmp_path: Path) -> None:
    """Opening the dialog starts nothing, and the record says that."""
    async with scene("login", tmp_path) as play:
        await alert_card(play)
        await ready_to_submit(play, "mara")

        async def looked() -> str:
            # That the press has ended is noted a moment after its dialog is there.
            said = await audit(play, play.stage.slack_id("mara"))
            return said if "which opened the dialog; nothing is started by that" in said else ""

        said = await eventually("an entry of a press that has ended", looked)
        assert 'mara pressed "Roll back" (to deployment 49519), which opened the dialog' in said
        assert "done" not in said


async def test_what_gitlab_refused_is_on_record(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A refused retry stands there with GitLab's reason."""
    async with scene("login", tmp_path) as play:
        await alert_card(play)
        play.stage.gitlab.faults.add(Fault("POST", "/projects/*/jobs/*/retry", "403"))
        await roll_back(play, "mara")
        await card_says(play, "without success")

        confirmed = (await exported(play, capsys))[-1]
        assert "403" in confirmed["gitlab"][0]["answer"]
        assert confirmed["result"] == "failed"


async def test_the_record_is_there_before_the_press_is_followed(tmp_path: Path) -> None:
    """When GitLab gets the retry, the record already holds that it is being sent, without an answer."""
    async with scene("login", tmp_path) as play:
        await alert_card(play)
        play.stage.gitlab.faults.add(Fault("POST", "/projects/*/jobs/*/retry", "latency", seconds=1.0))
        await roll_back(play, "mara")

        async def on_record() -> bool:
            return "/retry: no answer is known" in await audit(play, play.stage.slack_id("mara"))

        assert await eventually("the request on record", on_record)
        assert play.stage.gitlab.state.retries == []
        await card_says(play, "rolled production back")


async def test_other_presses_are_on_record(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Also one that was refused; the newest few can be asked for, and a moment from which on."""
    async with scene("login", tmp_path, bot_options=replace(PROMPT, service='on_call = ["kim"]')) as play:
        await alert_card(play)
        await press(play, "mara", "page")
        await card_says(play, "mara mentioned @kim")

        said = await audit(play, play.stage.slack_id("mara"), "audit 1")
        assert said.count("\n") == 1
        assert 'mara pressed "Page on-call": mentioned @kim' in said
        assert await exported(play, capsys, "--since", "0m") == []
        assert [entry["did"] for entry in await exported(play, capsys, "--since", "2020-01-01")] == ["page"]


async def test_a_guest_reads_no_record(tmp_path: Path) -> None:
    """Who may not read answers may not read who pressed what either."""
    async with scene("login", tmp_path, TOWN) as play:
        said = await audit(play, GUEST)
        assert "pressed" not in said
        assert "guest" in said.lower()


async def test_without_presses(tmp_path: Path) -> None:
    """An empty record is said in words."""
    async with scene("login", tmp_path) as play:
        assert "Nobody has pressed anything" in await audit(play, play.stage.slack_id("mara"))


def test_without_a_bot(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where no bot has run there is no record: the command says where it looked, and makes nothing."""
    config = tmp_path / "backtrace.toml"
    config.write_text(f'[bot]\ndata = "{tmp_path}/data"\n')
    assert main(["audit", "--config", str(config)]) == 1
    assert f"{tmp_path}/data/backtrace.sqlite: no such file" in capsys.readouterr().err
    assert not (tmp_path / "data").exists()
