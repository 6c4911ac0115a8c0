"""One merge request of the busy day: what it is called, what it changes, who is behind it. All of it is counted out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sandbox.worlds.model import User
from sandbox.worlds.people import PEOPLE

FIRST_ISSUE = 5_000

_AREAS = ("billing", "catalog", "courier", "discounts", "ledger", "mailing", "profile", "search", "stock", "wishlist")
_THINGS = ("address", "basket", "label", "margin", "parcel", "quota", "rating", "region", "stamp", "voucher")
_VERBS = ("Extend", "Rename", "Simplify", "Split", "Speed up", "Tidy", "Widen", "Document", "Round", "Sort")
_FILES = ("loader", "mapper", "model", "policy", "query", "reader", "route", "schema", "view", "writer")
HUMANS = tuple(person for person in PEOPLE if not person.bot)

_CULPRIT_AREA, CULPRIT_FILE = "ledger", "policy.py"
GOOD = "        return sum(line.amount for line in lines if line.refunded)"
BAD = "        return sum(line.amount for line in lines.settled_refunds)"
ERROR = "AttributeError: 'list' object has no attribute 'settled_refunds'"


@dataclass(frozen=True, slots=True)
class Plan:
    """Merge request ``n`` of all, from 0 on: what it changes, and when."""

    n: int
    opened: datetime
    merged: datetime
    culprit: bool

    @property
    def iid(self) -> int:
        return 1_001 + self.n

    @property
    def place(self) -> tuple[str, str]:
        thing = _THINGS[self.n // len(_AREAS) % len(_THINGS)]
        return self.area, f"{thing}_{self.n:04d}"

    @property
    def area(self) -> str:
        return _CULPRIT_AREA if self.culprit else _AREAS[self.n % len(_AREAS)]

    @property
    def title(self) -> str:
        if self.culprit:
            return "Take refunds from the settled lines"
        area, module = self.place
        return f"{_VERBS[self.n // 7 % len(_VERBS)]} the {module.partition('_')[0]} of {area}"

    @property
    def closes(self) -> tuple[int, ...]:
        return (FIRST_ISSUE + self.n,) if self.culprit or self.n % 3 == 0 else ()

    @property
    def author(self) -> User:
        return HUMANS[self.n % len(HUMANS)]

    @property
    def merger(self) -> User:
        return HUMANS[(self.n + 3) % len(HUMANS)]


def branch(plan: Plan) -> str:
    return f"{plan.iid}-{plan.place[1]}"


def description(plan: Plan) -> str:
    area, module = plan.place
    closes = f"\n\nCloses #{plan.closes[0]}" if plan.closes else ""
    return f"People asked for this in {area}: see the notes of the last week about {module}.{closes}"


def files(plan: Plan, *, after: bool) -> dict[str, str]:
    """The files of the module that a merge request changes, before and after it."""
    return {f"{name}.py": _text(plan, name, after=after) for name in _FILES}


def _text(plan: Plan, name: str, *, after: bool) -> str:
    thing = plan.place[1].partition("_")[0]
    lines = [f'"""The {name} of a {thing}."""', "", f"class {thing.title()}{name.title()}{plan.n}:"]
    for k in range(6):
        factor = k + plan.n % 9 + (1 if after and k in (1, 4) else 0)
        lines += [f"    def step_{k}(self, {thing}):", f"        return {thing}.weight * {factor}", ""]
    if plan.culprit and f"{name}.py" == CULPRIT_FILE:
        lines += ["    def total(self, lines):", BAD if after else GOOD]
    return "\n".join(lines) + "\n"
