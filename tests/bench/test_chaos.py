"""The chaos bench: its kills are shared out as it says, and what goes wrong is counted."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sqlite3
from collections import Counter
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any, cast

import pytest

from bench.chaos.__main__ import CLEAN, chosen, plan_of, tell
from bench.chaos.moments import AGAIN, Heard, Kill, Moment, draw, heard
from bench.chaos.running import Keeper, Plan, Result, run
from bench.chaos.stories import STORIES
from bench.chaos.troubles import Spread
from bench.chaos.truth import (
    KINDS,
    LOST,
    NOT_ENDED,
    SECOND_CARD,
    SECOND_PAPER,
    SECOND_ROLLBACK,
    UNRECORDED,
    wrongs,
)
from sandbox.gitlab.records import Issue
from sandbox.player import eventually
from tests.hostile.attacking import quiet
from tests.scenarios.looking import alert_card, card_says, roll_back
from tests.scenarios.stage import Scene, scene, told
from tests.slow.dying import Nursery, Play
from tests.slow.test_chaos import ALERT_TWICE

STEPS = tuple(f"step_{nth:02}" for nth in range(24))
EFFECTS = ("retry", "note", "chat.update", "chat.postMessage")


def recorded() -> dict[str, tuple[Heard, ...]]:
    """As a clean run leaves it: each step with its three moments, some of them twice, and effects in between."""
    seen = []
    for at, step in enumerate((*STEPS, *STEPS[:5])):
        seen += [(at + part / 10, moment, step) for part, moment in enumerate(("before", "after", "recorded"))]
    for at, name in enumerate(EFFECTS):
        seen += [(at + 0.05, "gitlab-before", name), (at + 0.06, "gitlab-after", name)]
    return {"rollback": heard(seen), "joined": heard(seen[:30])}


@pytest.mark.parametrize("more", [{}, {"gitops": heard([(0.0, "gitlab-after", "pipeline")])}], ids=["even", "odd"])
def test_half_of_the_kills_are_moments_and_half_lie_between(more: dict[str, tuple[Heard, ...]]) -> None:
    """Of each name as well, as far as it goes. None of those between is later than the next moment."""
    made = [draw({**recorded(), **more}, 1, run) for run in range(300)]
    by_name = {kill.moment.name: [one for one in made if one.moment.name == kill.moment.name] for kill in made}

    assert sum(1 for kill in made if kill.delay_s == 0) in (149, 150, 151)
    for kills in by_name.values():
        assert abs(sum(1 if kill.delay_s else -1 for kill in kills)) <= 1
    gaps = {(story, one.moment): one.gap_s for story, moments in {**recorded(), **more}.items() for one in moments}
    assert all(kill.delay_s <= gaps[kill.story, kill.moment] for kill in made)


def test_each_step_is_killed_often_enough() -> None:
    """In 300 runs five times or more, and each effect as well; before, after and recorded alike."""
    made = [draw(recorded(), 1, run).moment for run in range(300)]
    counts = Counter(moment.name for moment in made)

    assert {name for name, count in counts.items() if count >= 5} == {*STEPS, *EFFECTS}
    kinds = Counter(moment.kind for moment in made if moment.is_step)
    assert min(kinds.values()) > max(kinds.values()) / 2


def test_a_run_that_is_drawn_anew_is_of_the_same_step() -> None:
    """It makes up for the kill that never came: in the same manner, at another time."""
    made = [draw(recorded(), 1, run) for run in range(100)]
    anew = [draw(recorded(), 1, run + AGAIN) for run in range(100)]

    same = [(kill.moment.name, kill.moment.kind, bool(kill.delay_s)) for kill in made]
    assert same == [(kill.moment.name, kill.moment.kind, bool(kill.delay_s)) for kill in anew]
    assert made != anew


def test_a_run_is_repeated_by_its_number() -> None:
    """The same kill and the same troubles, also where another recording lacks a moment of no concern."""
    whole = recorded()
    plans = [plan_of(whole, 7, run) for run in range(40)]
    assert plans == [plan_of(whole, 7, run) for run in range(40)]

    for plan in plans:
        assert plan.kill is not None
        kept = {plan.kill.moment, Moment("before", "step_01", 2)}
        fewer = {
            name: tuple(one for one in moments if one.moment in kept or one.moment.nth == 1)
            for name, moments in whole.items()
        }
        again = plan_of(fewer, 7, plan.run)
        assert again.kill is not None
        assert (again.kill.moment, again.troubles) == (plan.kill.moment, plan.troubles)


def test_another_seed_draws_others() -> None:
    """Else a long series of benches would try the same again and again."""
    assert [plan_of(recorded(), 1, run) for run in range(20)] != [plan_of(recorded(), 2, run) for run in range(20)]


def test_kills_can_be_had_where_they_are_wanted() -> None:
    """In the steps and effects that are named alone, each as often; and a name that no story knows is an error."""
    only = chosen(recorded(), ["step_03", "retry"])
    made = Counter(draw(only, 1, run).moment.name for run in range(20))

    assert made == {"step_03": 10, "retry": 10}
    assert chosen(recorded(), None) == recorded()
    with pytest.raises(SystemExit, match="none of the stories"):
        chosen(recorded(), ["step_99"])


@pytest.mark.parametrize("kind", KINDS)
def test_a_wrong_run_ends_the_bench_with_1(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    """And its last line counts it."""
    kill = Kill("rollback", Moment("before", "follow", 1), 0.0)
    plan = Plan(3, 1, "rollback", kill, CLEAN)
    well = Result(plan, 1, 2, reached=True, wrong=(), seconds=1.0)

    assert tell([well], recorded(), 1, 1.0) == 0
    assert tell([well, replace(well, wrong=((kind, "x"),))], recorded(), 1, 1.0) == 1
    last = capsys.readouterr().out.splitlines()[-1]
    assert last.startswith("2 runs, 2 kills (0 after the story), 4 faults: ")
    assert f"1 {kind}" in last


@pytest.mark.parametrize("step", ["step_07", "step_23"])
@pytest.mark.parametrize("hits", [0, 4])
def test_a_long_bench_that_kills_a_step_too_seldom_ends_with_1(
    step: str, hits: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also one that it never kills; a kill that came after the story was none in its step."""
    plans = [plan_of(recorded(), 1, run) for run in range(300)]
    results = [Result(plan, 1, 0, reached=True, wrong=(), seconds=1.0) for plan in plans]
    assert tell(results, recorded(), 1, 1.0) == 0

    its = [one for one in results if one.plan.kill is not None and one.plan.kill.moment.name == step]
    late = [replace(one, reached=one not in its[hits:]) for one in results]
    assert tell(late, recorded(), 1, 1.0) == 1
    *_, said, _, _, last = capsys.readouterr().out.splitlines()
    assert said == f"killed in fewer than 5 runs: {step}"
    assert f"({len(its) - hits} after the story)" in last


def sleeping() -> int:
    return os.posix_spawnp("sleep", ("sleep", "60"), os.environ)


def end_of(pid: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


async def test_a_run_that_can_not_be_played_is_counted(tmp_path: Path) -> None:
    """As one that did not end well; it does not end the bench."""
    plan = Plan(0, 1, "rollback", Kill("rollback", Moment("before", "follow", 1), 0.0), CLEAN)
    result = await run(plan, cast("Nursery", None), told("login"), tmp_path / "nowhere")

    ((kind, why),) = result.wrong
    assert (kind, why.split(":")[0]) == (NOT_ENDED, "FileNotFoundError")
    assert tell([result], recorded(), 1, 1.0) == 1


def test_deliveries_come_late_and_twice_as_often_as_drawn() -> None:
    """And what came so is counted; without disorder none does."""
    calm, spread = Spread(Random(1), 0.0), Spread(Random(1), 0.3)  # noqa: S311
    assert [calm() for _ in range(100)] == [(0.0,)] * 100
    assert calm.disturbed == 0
    came = [spread() for _ in range(1000)]
    assert 250 < sum(1 for waits in came if len(waits) == 2) < 350
    assert 250 < sum(1 for waits in came if waits[0]) < 350
    assert spread.disturbed == sum(1 for waits in came if waits != (0.0,))


def test_the_seed_of_the_slow_test_brings_the_alert_twice() -> None:
    """Where what is drawn has changed, it needs another one: no fault, and a first delivery that comes twice."""
    plan = plan_of(recorded(), ALERT_TWICE, 0)
    spread = Spread(Random(f"{ALERT_TWICE}-0-disorder"), plan.troubles.disorder)  # noqa: S311
    assert plan.troubles.faults == ()
    assert len(spread()) == 2


class Sleeper:
    """What a keeper keeps: a process that does nothing, and is killed in its moment, if it has one."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.pid, self.orders = folder, 0, list[dict[str, Any]]()

    async def fork(self, **order: Any) -> None:
        self.orders.append(order)
        self.pid = sleeping()
        if "die" in order:
            self.kill()

    async def was_killed(self) -> bool:
        pid, self.pid = self.pid, 0
        return end_of(pid) == -signal.SIGKILL

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)


@pytest.mark.parametrize("moment", [Moment("before", "follow", 1), Moment("gitlab-before", "retry", 1)])
async def test_a_moment_that_never_came_was_not_reached(moment: Moment, tmp_path: Path) -> None:
    """The bot is killed all the same, once the story is over."""
    kill, comes = Kill("rollback", moment, 0.0), moment.is_step
    sleeper = Sleeper(tmp_path)
    keeper = Keeper(cast("Play", sleeper), Plan(0, 1, "rollback", kill, CLEAN))
    keeper.task = asyncio.create_task(keeper.keep())
    await eventually("a start", lambda: asyncio.sleep(0, len(sleeper.orders) == 1 + comes), 5.0)
    if not comes:
        keeper.kill_late()
        await eventually("a second start", lambda: asyncio.sleep(0, len(sleeper.orders) == 2), 5.0)
    await keeper.close()

    assert (keeper.kills, keeper.reached) == (1, comes)


# --- the truth ------------------------------------------------------------------------------------------------------


async def found(play: Scene) -> set[str]:
    return {kind for kind, _ in await wrongs(cast("Play", play), STORIES["rollback"])}


async def post(play: Scene, card: dict[str, Any]) -> None:
    fields = ("text", "blocks", "metadata", "thread_ts", "bot_id", "user")
    play.stage.slack.state.add(play.stage.alerts, {name: card[name] for name in fields if name in card})


async def test_each_wrong_is_seen(tmp_path: Path) -> None:
    """A story that ended well has none; then each is made by hand, where it would be found."""
    async with scene("login", tmp_path) as play:
        await alert_card(play)
        await roll_back(play, "mara")
        await card_says(play, "Rolled back.")
        await play.stage.slack.post_webhook(play.stage.alerts, dict(play.world.alert.resolved))
        await card_says(play, "Resolved")
        await quiet(play)
        assert await found(play) == set()

        state, slack = play.stage.gitlab.state, play.stage.slack.state
        card = await play.player.card()
        await post(play, card)
        assert await found(play) == {SECOND_CARD}
        for one in [one for one in slack.messages[play.stage.alerts] if one.get("metadata")]:
            slack.remove(play.stage.alerts, one["ts"])
        assert await found(play) == {LOST, NOT_ENDED}
        await post(play, card)

        retry = state.retries[0]
        state.retries.append(replace(retry, new_job_id=retry.new_job_id + 1))
        assert await found(play) == {SECOND_ROLLBACK, UNRECORDED}
        state.retries[:] = []
        assert await found(play) == {NOT_ENDED}
        state.retries[:] = [retry]
        state.issues[900] = Issue(9900, 900, "x", "", "kim", state.now(), state.now(), kind="incident")
        assert await found(play) == {SECOND_PAPER}
        del state.issues[900]
        assert await found(play) == set()

        change(tmp_path, "UPDATE rollbacks SET slack_user = 'U0SOMEBODY'")
        assert await found(play) == {UNRECORDED}
        change(tmp_path, "UPDATE rollbacks SET slack_user = (SELECT slack_user FROM gitlab_writes)")
        assert await found(play) == set()
        change(tmp_path, "DELETE FROM gitlab_writes")
        assert await found(play) == {UNRECORDED}
        change(tmp_path, "DELETE FROM messages")
        assert await found(play) == {UNRECORDED, LOST}


def change(folder: Path, statement: str) -> None:
    """Let the record say something else than what happened."""
    with contextlib.closing(sqlite3.connect(folder / "data" / "backtrace.sqlite")) as connection, connection:
        connection.execute(statement)
