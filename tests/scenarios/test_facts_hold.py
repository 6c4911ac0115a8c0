"""The facts of every world's answer hold, no other would, and each counts for what is said."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from backtrace_core.alerts import parse_alert
from backtrace_core.model import Alert, Harvest, Service, Suspect
from backtrace_core.rank import rank
from backtrace_core.ranking_model import shipped
from backtrace_core.scope import Catalog
from backtrace_core.trace import trace
from backtrace_core.weighing import score
from evaluation.checker import facts_of, holds, unproven
from sandbox.worlds import build, names
from sandbox.worlds.model import World
from tests.bot.sources.test_worlds import T0, scope_of, source_of
from tests.evaluation.falsified import false_variants
from tests.scenarios.test_versions import OLDER, deployed, gone_back_past, saying


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

    assert list(unproven(suspects, alert, harvest)) == []


@pytest.mark.parametrize("name", names())
async def test_what_is_not_so_is_refused(name: str, tmp_path: Path) -> None:
    """Each printed element of each fact made false in turn: a word, a path, a line, a number, a time."""
    suspects, alert, harvest = await answered(build(name, T0, tmp_path))
    wrong = [false for given in facts_of(suspects, alert, harvest) for false in false_variants(given)]

    assert wrong or name == "outage"
    assert [false.fact.says for false in wrong if holds(false)] == []


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
    assert list(unproven(suspects, alert, harvest)) == []


@pytest.mark.parametrize("name", names())
async def test_a_fact_counts_for_what_the_score_loses_without_it(name: str, tmp_path: Path) -> None:
    """Taken away one by one: the score changes by what was stated."""
    suspects, _, _ = await answered(build(name, T0, tmp_path))

    for suspect in suspects:
        for fact in suspect.evidence:
            without = [each for each in suspect.evidence if each is not fact]
            assert score(without, shipped()) == pytest.approx(suspect.score - fact.counts)
