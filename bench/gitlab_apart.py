"""The embedded GitLab in a process of its own, with a world that stands still and a latency.

``python -m bench.gitlab_apart --scale 1 --latency 0.1`` prints its address as JSON. For each line on its standard input
it prints how many requests it has answered since the last one; it ends with its input.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from sandbox.gitlab import GitLabOptions, serve_gitlab
from sandbox.worlds import busy


async def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory(prefix="backtrace-bench-") as folder:
        world = busy.build(datetime.fromisoformat(options.t0), Path(folder), options.scale)
        behaviour = GitLabOptions(link_after=0.0, answer_after=options.latency, stands_still=True)
        async with serve_gitlab(world, lambda: datetime.now(UTC), options=behaviour) as gitlab:
            print(json.dumps({"url": gitlab.url}), flush=True)
            while await asyncio.to_thread(sys.stdin.readline):
                paths = [repr(exchange.request) for exchange in gitlab.recorded]
                gitlab.recorded.clear()
                print(json.dumps({"requests": paths}), flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--t0", required=True, help="the moment of the alert, as an ISO time")
    parser.add_argument("--scale", type=int, default=1)
    parser.add_argument("--latency", type=float, default=0.1, help="seconds that each answer takes")
    return parser.parse_args()


if __name__ == "__main__":
    asyncio.run(main())
