"""One run: a story on a stage of its own, while the bot is killed and started again."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from bench.chaos import troubles as drawing
from bench.chaos.moments import Heard, Kill, Moment, heard
from bench.chaos.stories import STORIES, Story
from bench.chaos.troubles import Troubles
from bench.chaos.truth import FOR_GOOD, NOT_ENDED, Wrong, wrongs
from sandbox.gitlab.records import Hook
from sandbox.player import eventually
from sandbox.slack import Effect
from sandbox.slack.transport import Delivery
from sandbox.stage import HOOK_SECRET
from sandbox.worlds.model import World
from tests.slow.dying import Nursery, Play, set_stage_of

EVENTS = frozenset(("issues_events", "confidential_issues_events", "deployment_events", "pipeline_events"))
RUN_S = 240.0
CALM_S = 75.0
ROUNDS_S = 2.0
"""The rounds that a bot makes each minute: what waits for the next one would make each run a minute longer."""


@dataclass(frozen=True, slots=True)
class Plan:
    """``kill`` None: a clean run, which is recorded. ``breaks``: in which way the bot is broken on purpose, see
    :mod:`tests.slow.broken`."""

    run: int
    seed: int
    story: str
    kill: Kill | None
    troubles: Troubles
    breaks: str = ""

    def __str__(self) -> str:
        return f"run {self.run}, {self.story}: {self.kill}; {self.troubles}"


@dataclass(frozen=True, slots=True)
class Result:
    """``kills``: how often the bot was killed. ``reached``: whether the drawn moment came; where it did not, the bot
    was killed once the story was over. ``disturbed``: deliveries that came late, or twice.
    """

    plan: Plan
    kills: int
    faults: int
    reached: bool
    wrong: tuple[Wrong, ...]
    seconds: float
    disturbed: int = 0
    heard: tuple[Heard, ...] = ()


@dataclass(slots=True)
class Keeper:
    """Starts the bot, and starts it again whenever it has ended, as a supervisor does."""

    play: Play
    plan: Plan
    kills: int = 0
    reached: bool = False
    late: bool = False
    closing: bool = False
    task: asyncio.Task[None] | None = None
    _again: asyncio.TimerHandle | None = field(default=None)

    async def keep(self) -> None:
        order, first = self._order(), True
        while not self.closing:
            await self.play.fork(**order)
            if not first and self.plan.troubles.again_after_s and self.kills == 1:
                loop = asyncio.get_running_loop()
                self._again = loop.call_later(self.plan.troubles.again_after_s, self.kill)
            await ended(self.play.pid)
            if self._again is not None:
                self._again.cancel()
            was_killed = await self.play.was_killed()
            self.kills += was_killed and not self.closing
            self.reached = self.reached or (first and was_killed and not (self.late or self.closing))
            order, first = self._common(), False
            if not self.closing:
                await asyncio.sleep(self.plan.troubles.away_s if was_killed else 0.2)

    def kill(self) -> None:
        """At once, where it runs."""
        if self.play.pid:
            with contextlib.suppress(ProcessLookupError):
                self.play.kill()

    def kill_late(self) -> None:
        """The story is over, and the moment that was drawn never came."""
        self.late = True
        self.kill()

    async def close(self) -> None:
        self.closing = True
        self.kill()
        if self.task is not None:
            await self.task

    def _common(self) -> dict[str, object]:
        return {"moments": str(self.play.folder / "moments.log"), "rounds_s": ROUNDS_S, "breaks": self.plan.breaks}

    def _order(self) -> dict[str, object]:
        kill = self.plan.kill
        if kill is None or not kill.moment.is_step:
            return self._common()
        at = {"die": f"{kill.moment.kind}:{kill.moment.name}", "nth": kill.moment.nth, "delay_s": kill.delay_s}
        return {**self._common(), **at}


async def ended(pid: int) -> None:
    """Returns when that process has ended; it need not be a child of ours."""
    loop, over = asyncio.get_running_loop(), asyncio.Event()
    handle = os.pidfd_open(pid)
    loop.add_reader(handle, over.set)
    try:
        await over.wait()
    finally:
        loop.remove_reader(handle)
        os.close(handle)


class Effects:
    """Writes down each effect that the parties see, and each delivery that Slack is about to send or has an answer to,
    and kills in the one that was drawn."""

    def __init__(self, kill: Kill | None, deadly: Callable[[], None]) -> None:
        self.seen: list[tuple[float, str, str]] = []
        self._kill, self._deadly = kill, deadly
        self._counts: Counter[tuple[str, str]] = Counter()

    def watch(self, play: Play) -> None:
        play.stage.gitlab.state.on_effect = lambda moment, name: self._told(f"gitlab-{moment}", name)
        play.stage.slack.state.on_effect = self._by_slack
        own = play.stage.team.bot_id
        play.stage.slack.courier.on_delivery = lambda moment, delivery: self._delivered(own, moment, delivery)

    def _delivered(self, own_bot_id: str, moment: str, delivery: Delivery) -> None:
        event = delivery.payload.get("event", {})
        # Of what the bot says itself it is told as well, and keeps nothing.
        if own_bot_id not in (event.get("bot_id"), event.get("message", {}).get("bot_id")):
            self._told(f"slack-{moment}", delivery.kind)

    def _by_slack(self, effect: Effect) -> None:
        self._told(f"slack-{effect.phase}", effect.method)

    def _told(self, kind: str, name: str) -> None:
        self.seen.append((time.monotonic(), kind, name))
        self._counts[kind, name] += 1
        kill = self._kill
        if kill is not None and kill.moment == Moment(kind, name, self._counts[kind, name]):
            if kill.delay_s:
                asyncio.get_running_loop().call_later(kill.delay_s, self._deadly)
            else:
                self._deadly()


async def run(plan: Plan, nursery: Nursery, world: World, folder: Path) -> Result:
    """Play it to its end. What goes wrong is a wrong end of the run, never an exception."""
    try:
        return await _run(plan, nursery, world, folder)
    except Exception as error:  # noqa: BLE001 - the bench goes on, and has to count it
        return Result(plan, 0, 0, reached=False, wrong=(_not_ended(error),), seconds=0.0)


async def _run(plan: Plan, nursery: Nursery, world: World, folder: Path) -> Result:
    story, began = STORIES[plan.story], time.monotonic()
    async with set_stage_of(world, nursery, folder, story.stage, story.bot) as play:
        keeper = Keeper(play, plan)
        effects = Effects(plan.kill, keeper.kill)
        spread = _disturb(play, plan)
        effects.watch(play)
        keeper.task = asyncio.create_task(keeper.keep())
        try:
            async with asyncio.timeout(RUN_S):
                found = await _played(play, story, plan, keeper)
        except Exception as error:  # noqa: BLE001 - whatever it is, what can be counted is
            found = [_not_ended(error)]
            found += [one for one in await wrongs(play, story) if one[0] in FOR_GOOD]
        finally:
            await keeper.close()
        exchanges = (*play.stage.gitlab.recorded, *play.stage.slack.recorded)
        faults = sum(1 for one in exchanges if one.fault)
    moments = heard((*effects.seen, *_steps(folder))) if plan.kill is None else ()
    seconds = time.monotonic() - began
    return Result(plan, keeper.kills, faults, keeper.reached, tuple(found), seconds, spread.disturbed, moments)


def _not_ended(error: Exception) -> Wrong:
    shown = [line for line in traceback.format_exception(error) if line.strip().startswith("File")]
    where = " ".join(shown[-1].split()) if shown else ""
    return NOT_ENDED, f"{type(error).__name__}: {error} {where}"


async def _played(play: Play, story: Story, plan: Plan, keeper: Keeper) -> list[Wrong]:
    # A bot that starts for the first time answers what comes from then on.
    await eventually("the bot", play.is_healthy, CALM_S)
    for number, act in enumerate(story.acts):
        for trouble in plan.troubles.faults:
            if trouble.act == number:
                trouble.arm(play.stage)
        await act(play)
    if plan.kill is not None and not keeper.kills:
        keeper.kill_late()
    await asyncio.sleep(0.1)
    play.stage.gitlab.faults.clear()
    play.stage.slack.faults.waiting.clear()
    await eventually("a bot that is well", play.is_healthy, CALM_S)
    async with asyncio.timeout(CALM_S):
        await play.stage.slack.settled()
    await eventually("an end of the work", play.is_quiet, CALM_S)
    return await wrongs(play, story)


def _disturb(play: Play, plan: Plan) -> drawing.Spread:
    """Hooks, and deliveries that come late and twice."""
    rng = Random(f"{plan.seed}-{plan.run}-disorder")  # noqa: S311 - to be repeated, not to be secret
    state = play.stage.gitlab.state
    state.hooks[1] = Hook(1, f"{play.url}/gitlab/webhook", EVENTS, HOOK_SECRET, "", state.now())
    spread = drawing.Spread(rng, plan.troubles.disorder)
    play.stage.slack.courier.spread = state.hook_spread = spread
    return spread


def _steps(folder: Path) -> list[tuple[float, str, str]]:
    lines = (folder / "moments.log").read_text(encoding="utf-8").splitlines()
    split = (line.split(" ", 2) for line in lines)
    return [(float(at), moment, step) for at, moment, step in split]
