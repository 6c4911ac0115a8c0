"""The facts of every world's answer hold as far as the checker looks, and count for what is said."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from backtrace_core.alerts import parse_alert
from backtrace_core.model import Alert, Evidence, Harvest, Service, Suspect
from backtrace_core.rank import rank
from backtrace_core.ranking_model import shipped
from backtrace_core.scope import Catalog
from backtrace_core.trace import trace
from backtrace_core.weighing import score
from evaluation.checker import unproven
from sandbox.worlds import build, names
from sandbox.worlds.model import World
from tests.bot.sources.test_worlds import T0, scope_of, source_of
from tests.scenarios.test_versions import NEWER, OLDER, deployed, gone_back_past, saying


def alert_of(world: World) -> Alert:
    catalog = Catalog((Service(world.service, world.project.path),))
    event = {"type": "message", "subtype": "bot_message", "bot_id": "B1", "ts": f"{T0.timestamp():.6f}"}
    alert = parse_alert({**event, **world.alert.firing}, catalog)
    assert alert is not None
    return alert


async def answered(world: World) -> tuple[tuple[Suspect, ...], Alert, Harvest]:
    alert = alert_of(world)
    async with source_of(world) as source:
        harvest = await source.harvest(scope_of(world), alert)
    return rank(trace(harvest, alert), alert, harvest).suspects, alert, harvest


@pytest.mark.parametrize("name", names())
async def test_every_printed_fact_is_found_again(name: str, tmp_path: Path) -> None:
    """Of all suspects, by other means than the rules: none is left over."""
    suspects, alert, harvest = await answered(build(name, T0, tmp_path))

    assert [says for suspect in suspects for says in unproven(suspect, alert, harvest)] == []


@pytest.mark.parametrize(
    "change",
    [
        saying(lambda _: "version: 1.4.1"),
        saying(lambda _: "versions 1.4.1 and 1.4.2"),
        saying(lambda world: f"image: registry.lindenshop.example/shop/web:main-{deployed(world, OLDER).sha[:9]}"),
        gone_back_past,
    ],
)
async def test_what_versions_say_is_found_again(change: Callable[[World], World], tmp_path: Path) -> None:
    """By the times of the deployments that brought the changes, not by what git said of the versions."""
    suspects, alert, harvest = await answered(change(build("login", T0, tmp_path)))

    assert {fact.rule for suspect in suspects for fact in suspect.evidence} & {"not_in_version", "gone_before_onset"}
    assert [says for suspect in suspects for says in unproven(suspect, alert, harvest)] == []


@pytest.mark.parametrize("name", names())
async def test_a_fact_counts_for_what_the_score_loses_without_it(name: str, tmp_path: Path) -> None:
    """Taken away one by one: the score changes by what was stated."""
    suspects, _, _ = await answered(build(name, T0, tmp_path))

    for suspect in suspects:
        for fact in suspect.evidence:
            without = [each for each in suspect.evidence if each is not fact]
            assert score(without, shipped()) == pytest.approx(suspect.score - fact.counts)


async def test_a_fact_that_does_not_hold_is_found_out(tmp_path: Path) -> None:
    """A word that stands nowhere, a line that is not the one, a version that has it: the checker can fail."""
    world = build("login", T0, tmp_path)
    live = deployed(world, NEWER).sha[:8]
    suspects, alert, harvest = await answered(saying(lambda _: f"release: {live}")(world))
    first = next(suspect for suspect in suspects if suspect.candidate.change.iid == 45)
    own = f"The alert is of version {live}, the first with it"
    wrong = (
        Evidence("words_shared", 1.0, 'Its title says "zebra", and so does the alert', ""),
        Evidence("name_shared", 1.0, 'Has "zebra" in its paths, letter by letter as the alert writes it', ""),
        Evidence("frame_in_hunk", 1.0, "The stack trace passes /srv/web/auth/session.py:9999, inside the lines", ""),
        Evidence("not_in_version", -3.0, "The alert is of version 9.9.9, which does not have it", ""),
        Evidence("not_in_version", -3.0, f"The alert is of version {live}, which does not have it", ""),
        Evidence("new_in_version", 1.5, f"{own}, not of {live}, which ran beside it", ""),
        Evidence("new_in_version", 1.5, f"{own}, not of 12345678, which ran beside it", ""),
        Evidence(
            "gone_before_onset", -3.0, f"Was gone when the alert fired: {live}, which was live then, does not", ""
        ),
        Evidence("blamed_line", 1.0, "Line 1 of auth/session.py, where the trace passes", ""),
    )

    assert len(list(unproven(replace(first, evidence=wrong), alert, harvest))) == len(wrong)
