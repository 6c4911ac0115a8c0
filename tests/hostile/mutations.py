"""Messages of real shapes, made hostile: markup, wrong types, depth, size, loss. Pure functions of what is drawn."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

from hypothesis import strategies as st

from tests.core.test_alerts import by_alertmanager, by_gitlab, by_sentry, section
from tests.core.test_alerts import post as home_made
from tests.core.test_senders import FOLDER, SAMPLES

Json = Any
Path = tuple[str | int, ...]

TRACE = (
    '```Traceback (most recent call last):\n  File "/srv/app/ledger/book.py", line 40, in post\n    lock(row)\n'
    "LockTimeout: held by 12```"
)
MARKUP = (
    "<!channel>", "<!here>", "<!subteam^S1|@all>", "<@U123>", "<#C1|x>", "<https://x.test|y>", "<https://x.test/a|y|z>",
    "&lt;!channel&gt;", "&amp;lt;!here&amp;gt;", "&", "<", ">", "*_~", "*bold* _it_ ~gone~", "`", "```", "````\n",
    "~~~", "\n/close\n", "\n/assign @root\n", "/label ~bug", "@all", "@here", "Closes #1", "Fixes shop/web!3", "%v1",
    "<!-- backtrace:incident-1 -->", "-->", "[a](https://evil.test)", "![x](https://evil.test/p.png)",
    "<script>alert(1)</script>", "<details>", "\u202egnp.exe", "\u2067x\u2069", "\u200b", "\u200d", "\ufeff",
    "\x1b[31mred\x1b[0m", "\x1b]0;t\x07", "\x00", "\x08", "\r", "\u2028", "\u2029", "\ud800", "\udfff", "\U000e0041",
    "Z" + "\u0300" * 40, ":fire:", "<!date^1^{date}|x>", "<!date^99999999999999^{date}|<!channel>>", "| > 1. - #",
    "javascript:alert(1)", "<javascript:alert(1)|x>", "$(id)", "{0}%s%(a)s\\1",
)  # fmt: skip
MOST_HUGE = 200_000
"""More is for the bench: each message is looked at by itself here, many times a second."""
WRONG = (
    None,
    True,
    False,
    0,
    -1,
    1e308,
    float("nan"),
    float("inf"),
    10**30,
    "",
    [],
    {},
    [[]],
    {"": None},
    "x" * 70_000,
)


def bases() -> tuple[Json, ...]:
    """The project's own rows of all senders; and the reference's, where it is there."""
    rows: list[Json] = [sample[0] for sample in SAMPLES]
    rows += [
        by_alertmanager("[FIRING:1] LoginErrorRate web (production critical)"),
        by_alertmanager("[RESOLVED] LedgerErrors", f"*Details:*\n • *service:* `ledger`\n • *env:* `prod`\n{TRACE}"),
        by_gitlab("Triggered"),
        by_sentry("red_circle"),
        {"type": "message", "subtype": "message_changed", "ts": "1795351200.1", "message": by_sentry("white_circle")},
        home_made(text=f":fire: web [production] error\n{TRACE}", blocks=[section(TRACE)]),
        home_made(text="error", blocks=[{"type": "rich_text", "elements": [_rich("auth failed in web")]}]),
    ]
    kept = FOLDER / "alerts.jsonl"
    if kept.is_file():
        rows += [json.loads(line)["message"] for line in kept.read_text(encoding="utf-8").splitlines()]
    return tuple(rows)


def _rich(text: str) -> Json:
    inner = [{"type": "text", "text": text}, {"type": "link", "url": "https://x.test", "text": "y"}]
    return {"type": "rich_text_section", "elements": inner}


def places(thing: Json, at: Path = ()) -> Iterator[Path]:
    """All places in it, the whole of it left out."""
    inside = thing.items() if isinstance(thing, dict) else enumerate(thing) if isinstance(thing, list) else ()
    for key, value in inside:
        yield (*at, key)
        yield from places(value, (*at, key))


def found(thing: Json, path: Path) -> Json:
    for key in path:
        thing = thing[key]
    return thing


def _spliced(value: Json, size: int, markup: str) -> Json:
    if not isinstance(value, str):
        return markup
    cut = size % (len(value) + 1)
    return value[:cut] + markup + value[cut:]


def _around(value: Json, size: int, markup: str) -> Json:
    return f"{markup}{value}{markup}" if isinstance(value, str) else [value, markup]


def _wrong(_value: Json, size: int, _markup: str) -> Json:
    return copy.deepcopy(WRONG[size % len(WRONG)])


def _deep(value: Json, size: int, _markup: str) -> Json:
    for level in range(size % 60):
        value = [value] if level % 2 else {"type": "rich_text_section", "elements": [value]}
    return value


def _huge(value: Json, size: int, markup: str) -> Json:
    if isinstance(value, list) and value:
        return [copy.deepcopy(value[0]) for _ in range(1 + size % 100)]
    unit = (value if isinstance(value, str) else "") + markup
    return unit * min(1 + size % 2000, 1 + MOST_HUGE // (len(unit) or 1))


def _cut(value: Json, size: int, _markup: str) -> Json:
    return value[: size % (len(value) + 1)] if isinstance(value, str | list) else value


def _twice(value: Json, _size: int, _markup: str) -> Json:
    return value + copy.deepcopy(value) if isinstance(value, str | list) else value


Change = Callable[[Json, int, str], Json]
CHANGES: tuple[Change, ...] = (_spliced, _spliced, _spliced, _around, _wrong, _deep, _huge, _cut, _twice)
BASES = bases()
_ENVELOPE = frozenset({"ts", "bot_id", "subtype", "type"})


def mutated(message: Json, place: int, change: Change | None, size: int, markup: str) -> Json:
    """The message with one place changed; ``change`` None takes it away.

    Most mutations leave alone what makes it a program's message at all: else hardly one would reach a reader.
    """
    known = [path for path in places(message) if size % 20 == 0 or path[-1] not in _ENVELOPE]
    if not known:
        return message
    path = known[place % len(known)]
    holder = found(message, path[:-1])
    if change is None:
        del holder[path[-1]]
    else:
        holder[path[-1]] = change(holder[path[-1]], size, markup)
    return message


@st.composite
def messages(draw: st.DrawFn) -> Json:
    """A row with one to four mutations."""
    message = copy.deepcopy(draw(st.sampled_from(BASES)))
    for _ in range(draw(st.integers(1, 4))):
        message = mutated(
            message,
            draw(st.integers(0, 400)),
            draw(st.sampled_from((*CHANGES, None))),
            draw(st.integers(0, 5000)),
            draw(st.sampled_from(MARKUP) | st.text(max_size=8)),
        )
    return message
