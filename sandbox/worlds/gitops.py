"""A controller in the cluster deploys, and tells GitLab of it: no deployment has a job that could be retried."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from sandbox.worlds.builder import Place, tell
from sandbox.worlds.model import ToldPipeline, World
from sandbox.worlds.scripts import roll_back
from sandbox.worlds.senders import alertmanager

SUMMARY = "deployments without a job: going back is a pipeline that is told the older version"
_PLACE = Place(number=91, path="shop/search", name="search", url="https://search.lindenshop.example")
_TEXT = (
    "search fails\n"
    "3% of GET /search return 500, usually none. Last error:\n"
    "```"
    '  File "/srv/search/search/terms.py", line {line}, in split\n'
    "IndexError: list index out of range"
    "```"
)
_SETTINGS = """rollback = "pipeline"
rollback_inputs = { version = "{sha}", environment = "{environment}" }"""


def build(t0: datetime, folder: Path) -> World:
    told = tell("gitops", _PLACE, t0, folder)
    line = told.repository.line_of("search/terms.py", told.named["bad"].sha, "words[-1]")
    return told.world(
        SUMMARY,
        service="search",
        aliases=("finder",),
        alert=alertmanager("SearchErrors search", "production critical", _TEXT.format(line=line)),
        script=roll_back("mara"),
        expect=told.expect(34, state="rolled_back", card_says=("rolled production back",)),
        pipeline=ToldPipeline(sha="version", environment="environment"),
        settings=_SETTINGS,
    )
