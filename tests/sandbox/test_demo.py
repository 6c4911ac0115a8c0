"""The demo: what it tells, what it says when something is wrong, and that it never calls a miss a success."""

from __future__ import annotations

import asyncio
import shlex
import shutil
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest

from sandbox.__main__ import main
from sandbox.demo import on_call, opening, play_once, report
from sandbox.player import NeverCameError, eventually
from sandbox.telling import Teller
from sandbox.worlds import WORLDS, build
from sandbox.worlds.model import Step, World
from tests.scenarios.looking import alert_card, card_says, press
from tests.scenarios.stage import PROMPT, Scene, scene

NOWHERE = "http://127.0.0.1:9/slack/events"


def expecting_another(world: World) -> World:
    assert world.expect is not None
    return replace(world, expect=replace(world.expect, culprit=99, card_says=("a miracle",)))


async def told_by(play: Scene) -> list[tuple[str, str]]:
    lines: list[tuple[str, str]] = []
    teller = Teller(play.stage, lambda who, what: lines.append((who, what)))
    await play_once(play.stage)
    await play.stage.slack.settled()
    teller.look()
    teller.look()
    return lines


async def test_a_miss_is_said_and_is_no_success(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each expectation that did not come true has its line after the verdict, and the exit code is 1."""
    async with scene("login", tmp_path, change=expecting_another) as play:
        code = report(await play_once(play.stage))

    said = capsys.readouterr().out.splitlines()
    assert code == 1
    assert said[-3].startswith("verdict: named culprit=!45 ")
    assert said[-2:] == [
        "did not come true: culprit: expected !99, got !45",
        'did not come true: the card does not say "a miracle"',
    ]


async def test_somebody_is_on_call_in_the_demo(tmp_path: Path) -> None:
    """Page on-call is no dead end there: it mentions one of the story's people."""
    world = build("login", datetime.now(UTC), tmp_path / "world")
    async with scene("login", tmp_path, bot_options=replace(PROMPT, service=on_call(world))) as play:
        await alert_card(play)
        await press(play, "mara", "page")
        await card_says(play, "mara mentioned @kim")


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl here")
async def test_the_command_that_it_prints_opens_an_incident(tmp_path: Path) -> None:
    """Typed as it stands it is traced, and has its note, without any alert."""
    async with scene("login", tmp_path) as play:
        ran = await asyncio.create_subprocess_exec(*shlex.split(opening(play.stage)), stdout=asyncio.subprocess.PIPE)
        assert '"issue_type": "incident"' in (await ran.communicate())[0].decode()
        await play.bot.polls.look()
        (issue,) = play.stage.gitlab.state.incidents

        async def noted() -> bool:
            return bool(issue.notes)

        await eventually("its note", noted, 20)


async def test_what_comes_true_is_a_success(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The card is drawn, the verdict is the last line, the exit code is 0."""
    async with scene("login", tmp_path) as play:
        code = report(await play_once(play.stage))

    said = capsys.readouterr().out
    assert code == 0
    assert "Likely culprit: !45 Tighten session expiry\n=====" in said
    assert said.splitlines()[-1].startswith("verdict: named culprit=!45 author=vani work_item=#1 ")


async def test_the_last_card_is_whole(tmp_path: Path) -> None:
    """What is live after a rollback, and what went back with it, is written after the state that a world ends in."""
    async with scene("slow-burn", tmp_path) as play:
        played = await play_once(play.stage)

    assert "seen live" in played.drawn
    assert "!62, !61, !60 and 2 more went back with it." in played.drawn


async def test_a_step_that_fails_is_told_at_once(tmp_path: Path) -> None:
    """A press that the bot does not answer is an error in words, not a minute of silence."""
    async with scene("login", tmp_path) as play:
        await play.player.fire()
        await play.player.card()
        play.stage.slack.request_url = NOWHERE
        with pytest.raises(NeverCameError, match="mara pressed assign, and Slack says dispatch_failed"):
            await play.player.play(Step("press", "mara", "assign"))


async def test_a_submit_that_fails_is_told_at_once(tmp_path: Path) -> None:
    """So is a confirmation."""
    async with scene("login", tmp_path) as play:
        await play.player.fire()
        await play.player.play(Step("press", "mara", "roll_back"))
        await ready(play)
        play.stage.slack.request_url = NOWHERE
        with pytest.raises(NeverCameError, match="mara submitted the modal, and Slack says dispatch_failed"):
            await play.player.play(Step("submit", "mara"))


async def ready(play: Scene) -> None:
    """Returns once the modal that mara sees can be submitted."""
    slack, mara = play.stage.slack, play.stage.slack_id("mara")
    await slack.until(lambda: any(held.view.get("submit") for held in slack.state.views.get(mara, ())), 20)


async def test_what_each_party_does_is_told(tmp_path: Path) -> None:
    """In the order of the story, with the words that a person would use."""
    async with scene("login", tmp_path) as play:
        lines = await told_by(play)

    story = [
        ("slack", "Alertmanager writes: [FIRING:1] LoginErrorRateHigh"),
        ("slack", "Backtrace posts: Likely culprit: !45 Tighten session expiry"),
        ("slack", "mara presses Roll back"),
        ("slack", "Backtrace opens the modal: Roll back"),
        ("slack", "mara submits the modal"),
        ("slack", "Backtrace edits its card: rolling back"),
        ("slack", "Backtrace edits its card: rolled back"),
        ("slack", "Alertmanager writes: [RESOLVED] LoginErrorRateHigh"),
        ("slack", "Backtrace edits its card: resolved"),
    ]
    places = [
        next(n for n, (who, what) in enumerate(lines) if who == wanted and what.startswith(begins))
        for wanted, begins in story
    ]
    assert places == sorted(places)
    assert [what for who, what in lines if who == "gitlab" and what.startswith("POST")] == [
        "POST /projects/shop/web/jobs/824262/retry -> 201"
    ]


async def test_echoes_and_repetitions_are_kept_out(tmp_path: Path) -> None:
    """The bot's own posts come back as events, and polling asks the same again: nobody wants to read that."""
    async with scene("login", tmp_path) as play:
        lines = await told_by(play)

    slack = [what for who, what in lines if who == "slack"]
    assert [line.split()[0] for line in slack if " writes: " in line] == ["Alertmanager", "Alertmanager"]
    assert all(first != second for first, second in pairwise(slack))
    assert not any("conversations." in line or "auth.test" in line for line in slack)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--repo", "{folder}/nowhere", "--symptom", "x"), "is not a git repository: give the folder of one"),
        (("--repo", "{folder}", "--symptom", "x"), "is not a git repository: give the folder of one"),
        (("--repo", "{folder}"), "--repo and --symptom go together"),
        (("--symptom", "x"), "--repo and --symptom go together"),
        (("--repo", "{folder}", "--symptom", " "), "say what went wrong"),
        (("--repo", "{folder}", "--symptom", "x", "--every", "0"), "a deployment needs at least one merge request"),
        (("--repo", "{folder}", "--symptom", "x", "--at", "yesterday"), "--at yesterday is not a time: write it as"),
        (("--at", "2026-11-20T14:00"), "--at goes with --repo"),
        (("--world", "atlantis"), "there is no world 'atlantis'; there are login, checkout"),
    ],
)
def test_bad_input_gets_one_sentence(
    arguments: tuple[str, ...], says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is wrong and what to do, on one line, and exit code 2."""
    code = main([*(argument.format(folder=tmp_path) for argument in arguments), "--once"])
    (sentence,) = capsys.readouterr().err.splitlines()

    assert code == 2
    assert sentence.startswith("demo: ")
    assert says in sentence


def test_a_repository_is_a_world_of_its_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A world that is asked for beside it is refused, not ignored."""
    with pytest.raises(SystemExit) as ended:
        main(["--repo", str(tmp_path), "--symptom", "x", "--world", "storm", "--once"])

    assert ended.value.code == 2
    assert "argument --world: not allowed with argument --repo" in capsys.readouterr().err


def test_the_worlds_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    """A line each: the name that --world takes, and what the world is about."""
    assert main(["--list"]) == 0
    listed = capsys.readouterr().out.splitlines()

    assert [line.split()[0] for line in listed] == [world.name for world in WORLDS]
    assert all(len(line.split()) > 3 for line in listed)
