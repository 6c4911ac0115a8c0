"""The worlds: incidents as data, each with what must come out of it. ``make demo ARGS="--world NAME"`` plays one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from sandbox.worlds import checkout, flag, gitops, library, login, outage, regions, rolling, slow_burn, storm, thin
from sandbox.worlds.model import World


class Entry(NamedTuple):
    name: str
    summary: str
    build: Callable[[datetime, Path], World]


WORLDS = (
    Entry("login", login.SUMMARY, login.build),
    Entry("checkout", checkout.SUMMARY, checkout.build),
    Entry("outage", outage.SUMMARY, outage.build),
    Entry("thin", thin.SUMMARY, thin.build),
    Entry("slow-burn", slow_burn.SUMMARY, slow_burn.build),
    Entry("rolling", rolling.SUMMARY, rolling.build),
    Entry("flag", flag.SUMMARY, flag.build),
    Entry("regions", regions.SUMMARY, regions.build),
    Entry("gitops", gitops.SUMMARY, gitops.build),
    Entry("library", library.SUMMARY, library.build),
    Entry("storm", storm.SUMMARY, storm.build),
)


def names() -> tuple[str, ...]:
    return tuple(world.name for world in WORLDS)


def build(name: str, t0: datetime, folder: Path) -> World:
    """The world of that name, with its alert at ``t0`` (aware) and its repository below ``folder``.

    :raises ValueError: for an unknown name; the message lists those that there are.
    """
    for world in WORLDS:
        if world.name == name:
            return world.build(t0, folder)
    raise ValueError(f"there is no world {name!r}; there are: {', '.join(names())}")
