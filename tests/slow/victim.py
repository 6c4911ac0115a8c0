"""A bot that kills itself at one moment of one durable step: ``python -m tests.slow.victim CONFIG MOMENT STEP``.

The kill is SIGKILL: nothing is closed, nothing is written any more, as when a machine loses power.
"""

import asyncio
import os
import signal
import sys
from pathlib import Path

from bot.settings import load
from bot.wiring import running


async def main(config: str, moment: str, step: str) -> None:
    def observe(at: str, name: str) -> None:
        if (at, name) == (moment, step):
            os.kill(os.getpid(), signal.SIGKILL)

    async with running(load(Path(config), os.environ), observe=observe):
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:4]))
