"""The command, see :mod:`bench.chaos`."""

from __future__ import annotations

import argparse
import multiprocessing
import shlex
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from random import Random

from bench.chaos import acts, moments, troubles
from bench.chaos.running import Plan, Result
from bench.chaos.stories import STORIES
from bench.chaos.troubles import Troubles
from bench.chaos.truth import KINDS
from bench.chaos.working import open_worker, work
from bot.workflows.durable import STEPS
from tests.slow.broken import BREAKS

FEWEST = 5
"""How often each step is killed, in a bench that is long enough."""

LONG = 300
REDRAWN = 3
"""How often a run is drawn anew, at most, where the moment of its kill never came."""

CLEAN = Troubles((), 0.0, 0.0, 0.0)
Recorded = Mapping[str, Sequence[moments.Heard]]


def main() -> int:
    options = _options()
    # Shells let what they start in the background ignore an interrupt.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    began, folder = time.monotonic(), Path(tempfile.mkdtemp(prefix="backtrace-chaos-"))
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(options.jobs, context, open_worker, (str(folder), options.keep, options.patience))
    results: list[Result] = []
    try:
        recorded = chosen(record(pool, options), options.names)
        numbers, redraws = _numbers(options), 0 if options.only else REDRAWN
        for _ in range(1 + redraws):
            plans = [plan_of(recorded, options.seed, number, options.breaks) for number in numbers]
            for result in _played(pool, plans, _again(options)):
                results.append(result)  # noqa: PERF402 - those that there are count, also where it is stopped
            numbers = [one.plan.run + moments.AGAIN for one in results[-len(plans) :] if not one.reached]
            if not numbers:
                break
        told = tell(results, recorded, options.seed, time.monotonic() - began)
    except (KeyboardInterrupt, BrokenProcessPool) as error:
        print(f"stopped ({type(error).__name__}): what follows is of {len(results)} runs", flush=True)
        tell(results, {}, options.seed, time.monotonic() - began)
        told = 1
    finally:
        pool.shutdown(cancel_futures=True)
        if not options.keep:
            shutil.rmtree(folder, ignore_errors=True)
    return told


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.chaos", description=__doc__)
    parser.add_argument("--runs", type=int, default=LONG, help="how many (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="what all is drawn from (default: %(default)s)")
    parser.add_argument("--jobs", type=int, default=2, help="how many at once (default: %(default)s)")
    parser.add_argument("--only", type=int, nargs="+", help="repeat these runs alone")
    parser.add_argument("--stories", choices=STORIES, nargs="+", default=[*STORIES], help="of these alone")
    parser.add_argument("--names", nargs="+", help="kill in these steps and effects alone")
    parser.add_argument("--breaks", choices=BREAKS, default="", help="play a bot that is broken, which has to be found")
    parser.add_argument("--patience", type=float, default=acts.PATIENCE_S, help="how many seconds people wait")
    parser.add_argument("--keep", action="store_true", help="leave the folders of runs that went wrong")
    return parser.parse_args()


def _numbers(options: argparse.Namespace) -> Sequence[int]:
    return options.only or range(options.runs)


def _again(options: argparse.Namespace) -> str:
    """The command, up to the number of the run."""
    given = {"stories": options.stories if options.stories != [*STORIES] else (), "names": options.names or ()}
    given |= {"breaks": [options.breaks] if options.breaks else ()}
    words = [word for name, values in given.items() if values for word in (f"--{name}", *values)]
    return shlex.join(("python", "-m", "bench.chaos", "--seed", str(options.seed), *words, "--only"))


def chosen(recorded: Recorded, names: Sequence[str] | None) -> Recorded:
    """The moments in which the bot is killed: those of these names, or all.

    :raises SystemExit: when there are none.
    """
    if not names:
        return recorded
    chosen = {story: [one for one in heard if one.moment.name in names] for story, heard in recorded.items()}
    if not any(chosen.values()):
        raise SystemExit(f"none of the stories comes through {', '.join(names)}")
    return chosen


def record(pool: ProcessPoolExecutor, options: argparse.Namespace) -> Recorded:
    """A clean run of each story, as moments.

    :raises SystemExit: when a story goes wrong without any trouble.
    """
    plans = [Plan(-1 - nth, 0, name, None, CLEAN, options.breaks) for nth, name in enumerate(options.stories)]
    results = [*_played(pool, plans, _again(options))]
    if any(result.wrong for result in results):
        raise SystemExit("a clean run went wrong: there is nothing to trouble yet")
    return {result.plan.story: result.heard for result in results}


def plan_of(recorded: Recorded, seed: int, number: int, breaks: str = "") -> Plan:
    """All that is drawn for one run, by its number."""
    kill = moments.draw(recorded, seed, number)
    rng = Random(f"{seed}-{number}")  # noqa: S311 - to be repeated, not to be secret
    return Plan(number, seed, kill.story, kill, troubles.draw(rng, len(STORIES[kill.story].acts)), breaks)


def _played(pool: ProcessPoolExecutor, plans: Iterable[Plan], again: str) -> Iterator[Result]:
    futures = [pool.submit(work, plan) for plan in plans]
    for done, future in enumerate(as_completed(futures), start=1):
        result = future.result()
        for kind, what in result.wrong:
            print(f"WRONG, {kind}: {what}\n  {result.plan}", flush=True)
            print(f"  again: {again} {result.plan.run}", flush=True)
        if done % 20 == 0:
            print(f"{done} of {len(futures)} runs", flush=True)
        yield result


def tell(results: Sequence[Result], recorded: Recorded, seed: int, seconds: float) -> int:
    """Print what came of it; 1 where anything went wrong, or a step was killed too seldom."""
    wrong = Counter(kind for result in results for kind in {kind for kind, _ in result.wrong})
    hit = [one.plan.kill for one in results if one.reached and one.plan.kill is not None]
    few = _tell_kills(hit, moments.names_of(recorded, of_steps=True), is_long=len(results) >= LONG)
    longest = max((one.seconds for one in results), default=0.0)
    between = sum(1 for kill in hit if kill.delay_s)
    disturbed = sum(one.disturbed for one in results)
    print(f"{len(hit) - between} killed in a moment, {between} between two; {disturbed} deliveries late or double")
    print(f"seed {seed}; {seconds:.0f} s, longest run {longest:.0f} s")
    faults, kills = sum(one.faults for one in results), sum(one.kills for one in results)
    counts = ", ".join(f"{wrong[kind]} {kind}" for kind in KINDS)
    late = len(results) - len(hit)
    print(f"{len(results)} runs, {kills} kills ({late} after the story), {faults} faults: {counts}")
    return 1 if wrong or few else 0


def _tell_kills(hit: Sequence[moments.Kill], steps: Sequence[str], *, is_long: bool) -> bool:
    """Print how often each step was killed; whether some were too seldom, where that is asked."""
    counts = Counter(kill.moment.name for kill in hit if kill.moment.is_step)
    if steps:
        print("killed in steps: " + ", ".join(f"{name} {counts[name]}" for name in steps))
    elsewhere = sorted(STEPS - {*steps}) if is_long else []
    if elsewhere:
        print(f"in no story, killed one by one by tests/slow: {', '.join(elsewhere)}")
    few = [name for name in steps if counts[name] < FEWEST] if is_long else []
    if few:
        print(f"killed in fewer than {FEWEST} runs: {', '.join(few)}")
    return bool(few)


if __name__ == "__main__":
    sys.exit(main())
