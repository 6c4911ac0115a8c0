"""From the alert to the posted card: ``python -m bench.latency [--scale N] [--json]``.

The embedded GitLab runs in a process of its own and takes 100 ms for each answer; the bot is ``backtrace serve`` as its
users start it; the embedded Slack runs here. Cold: fresh data, a fresh process. Warm: another alert on the same
environment right after. Sequential: ``bench.sequential``. All times are medians of several runs.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bench import sequential
from bench.apart import GitLabApart, bot_apart, free_port, gitlab_apart, peak_mb
from bench.results import keep
from sandbox.gitlab import BOT_TOKEN
from sandbox.slack import Slack, serve_slack, team_of_world
from sandbox.worlds import busy
from sandbox.worlds.people import PEOPLE
from sandbox.worlds.senders import alertmanager

ANSWER_S = 0.1
LIMIT_S = 5 * ANSWER_S
"""Five rounds: environment and deployments; their merge requests; details; diffs and blame; work items."""

RUNS, BIG = 5, 10
CARD_S, PAUSE_S = 90, 3
BARS = (
    ("cold_s", "cold, s", 1.25),
    ("warm_s", "warm, s", 0.5),
    ("requests_cold", "requests, cold", 90),
    ("peak_mb", f"peak memory at {BIG} times, MB", 250),
)


@dataclass(frozen=True, slots=True)
class Run:
    """One fresh bot: two alerts, one after the other."""

    cold_s: float
    warm_s: float
    requests_cold: int
    requests_warm: int
    peak_mb: float
    verdict: str


async def measure(scale: int, runs: int, *, with_sequential: bool) -> dict[str, Any]:
    """The figures of one size of the world."""
    t0 = datetime.now(UTC)
    async with gitlab_apart(t0, scale, ANSWER_S) as gitlab:
        firing = _alerts(t0, scale)
        # The first run fills the embedded GitLab's memory, so that the others measure the bot and not GitLab.
        await _run(gitlab, firing)
        done = [await _run(gitlab, firing) for _ in range(runs)]
        found = _medians(done)
        if with_sequential:
            found |= await _sequential(gitlab, t0, runs)
    return found


def _alerts(t0: datetime, scale: int) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        firing = busy.build(t0, Path(folder), scale).alert.firing
    text = firing["attachments"][0]["text"]
    return firing, alertmanager("RefundsSlow mono", "production critical", text).firing


async def _run(gitlab: GitLabApart, alerts: tuple[Mapping[str, Any], Mapping[str, Any]]) -> Run:
    team = team_of_world(PEOPLE)
    channel, port = team.channels[0].id, free_port()
    secrets = {
        "BACKTRACE_GITLAB_TOKEN": BOT_TOKEN,
        "SLACK_BOT_TOKEN": team.bot_token,
        "SLACK_SIGNING_SECRET": team.signing_secret,
    }
    with tempfile.TemporaryDirectory(prefix="backtrace-bench-") as folder:
        async with serve_slack(team, lambda: datetime.now(UTC)) as slack:
            settings = _written(folder, _toml(gitlab.url, slack.url, channel, port, folder))
            async with bot_apart(settings, secrets, port) as pid:
                slack.request_url = f"http://127.0.0.1:{port}/slack/events"
                await gitlab.requests()
                cold_s, card = await _answered(slack, channel, alerts[0])
                asked = await gitlab.requests()
                # Slack takes one message a second and channel; without a pause that would be measured.
                await asyncio.sleep(PAUSE_S)
                warm_s, _ = await _answered(slack, channel, alerts[1])
                asked_again = await gitlab.requests()
                return Run(cold_s, warm_s, len(asked), len(asked_again), peak_mb(pid), _verdict(card))


def _written(folder: str, toml: str) -> Path:
    path = Path(folder, "backtrace.toml")
    path.write_text(toml, encoding="utf-8")
    return path


async def _answered(slack: Slack, channel: str, alert: Mapping[str, Any]) -> tuple[float, Mapping[str, Any]]:
    """Seconds from the alert to its card, by Slack's own clock, and the card."""
    ts = await slack.post_webhook(channel, dict(alert))

    def cards() -> list[Mapping[str, Any]]:
        return [m for m in slack.state.replies(channel, ts) if m.get("metadata", {}).get("event_type")]

    await slack.until(cards, CARD_S)
    return float(cards()[0]["ts"]) - float(ts), cards()[0]


def _verdict(card: Mapping[str, Any]) -> str:
    payload = card["metadata"]["event_payload"]
    return f"{payload.get('outcome')} {payload.get('culprit')}"


def _toml(gitlab: str, slack: str, channel: str, port: int, folder: str) -> str:
    """Its window is so short that the second alert joins nothing, and gets a card of its own."""
    return f"""[gitlab]
url = "{gitlab}"

[slack]
mode = "http"
channels = ["{channel}"]
api_url = "{slack}/api"

[bot]
port = {port}
data = "{folder}/data"
join_window_minutes = 0.01

[[service]]
name = "mono"
project = "{busy.PATH}"
"""


def _medians(runs: Iterable[Run]) -> dict[str, Any]:
    done = list(runs)
    return {
        "cold_s": round(statistics.median(run.cold_s for run in done), 3),
        "warm_s": round(statistics.median(run.warm_s for run in done), 3),
        "requests_cold": max(run.requests_cold for run in done),
        "requests_warm": max(run.requests_warm for run in done),
        "peak_mb": round(max(run.peak_mb for run in done), 1),
        "verdict": ", ".join(sorted({run.verdict for run in done})),
    }


async def _sequential(gitlab: GitLabApart, t0: datetime, runs: int) -> dict[str, Any]:
    await gitlab.requests()
    times = []
    for _ in range(runs):
        began = time.monotonic()
        await asyncio.to_thread(
            sequential.trace, gitlab.url, BOT_TOKEN, busy.PATH, "production", t0 - timedelta(hours=24)
        )
        times.append(time.monotonic() - began)
    asked = len(await gitlab.requests()) // runs
    return {"sequential_s": round(statistics.median(times), 3), "requests_sequential": asked}


def table(found: Mapping[str, Any]) -> str:
    """The figures and their bars, for people."""
    lines = [f"{'latency':<34}{'found':>10}{'bar':>12}"]
    lines += [f"{says:<34}{found[name]:>10}{f'<= {bar}':>12}" for name, says, bar in BARS if name in found]
    if found.get("sequential_s"):
        times = round(found["sequential_s"] / found["cold_s"], 1)
        lines += [f"{'sequential script, s':<34}{found['sequential_s']:>10}{'':>12}"]
        lines += [f"{'requests, sequential script':<34}{found['requests_sequential']:>10}{'222 +- 5':>12}"]
        lines += [f"{'times as fast as the script':<34}{times:>10}{'>= 15':>12}"]
    if found.get("scale10_s"):
        times = round(found["scale10_s"] / found["cold_s"], 2)
        lines += [f"{f'cold, {BIG} times the world, s':<34}{found['scale10_s']:>10}{'':>12}"]
        lines += [f"{'that is times the usual':<34}{times:>10}{'<= 4':>12}"]
    lines += [f"{'the limit (5 x 100 ms), s':<34}{LIMIT_S:>10}{'':>12}"]
    lines += [f"{'requests, warm':<34}{found['requests_warm']:>10}{'':>12}", f"verdict: {found['verdict']}"]
    return "\n".join(lines)


async def run(runs: int = RUNS) -> dict[str, Any]:
    """The whole bench; its figures are kept in ``results.json``."""
    found = await measure(1, runs, with_sequential=True)
    big = await measure(BIG, runs, with_sequential=False)
    found |= {"limit_s": LIMIT_S, "scale10_s": big["cold_s"], "peak_mb": big["peak_mb"]}
    keep("latency", {name: found[name] for name in KEPT})
    return found


KEPT = (
    "cold_s",
    "warm_s",
    "sequential_s",
    "limit_s",
    "requests_cold",
    "requests_sequential",
    "peak_mb",
    "scale10_s",
)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.latency", description=__doc__)
    parser.add_argument("--scale", type=int, help="only the bot, on a world this many times as big; nothing is kept")
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if options.scale is None:
        found = asyncio.run(run(options.runs))
    else:
        found = asyncio.run(measure(options.scale, options.runs, with_sequential=False))
    print(json.dumps(found) if options.json else table(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
