"""A memory leak shipped two deployments ago. The latest deployment is innocent, and so is the one in the middle."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from sandbox.worlds.builder import Place, tell
from sandbox.worlds.model import World
from sandbox.worlds.scripts import roll_back
from sandbox.worlds.senders import script

SUMMARY = "a memory leak shipped two deployments before the latest one"
_PLACE = Place(number=72, path="shop/search", name="search", url="https://search.lindenshop.example", merge_method="ff")
_FIRING = (
    ":rotating_light: search [production] memory leak, heap keeps growing\n"
    "1.84 GiB of 2 GiB, 41 MiB more each hour. Largest in the snapshot of search-6d9f7c-x2k4q:\n"
    "```Map      1.31 GiB  answersByPrefix (src/suggest/answers.ts)\n"
    "Promise  0.22 GiB  answersByPrefix (src/suggest/answers.ts)```"
)
_RESOLVED = ":white_check_mark: Resolved: search [production] memory leak, heap keeps growing\n0.31 GiB of 2 GiB"


def build(t0: datetime, folder: Path) -> World:
    told = tell("slow-burn", _PLACE, t0, folder)
    return told.world(
        SUMMARY,
        service="search",
        aliases=("suggest",),
        alert=script("memory-watch", _FIRING, _RESOLVED),
        script=roll_back("mara"),
        expect=told.expect(57, state="rolled_back"),
    )
