"""How long reading one message takes at 1 MB, in the shapes that patterns like least: ``python -m bench.parse``."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import Any

from backtrace_core.alerts import read_message
from backtrace_core.model import Service
from backtrace_core.scope import Catalog
from bench.results import keep

SIZE = 1024 * 1024
CATALOG = Catalog((Service("web", "shop/web", ("production", "staging")), Service("ledger", "shop/ledger")))
MOST_S = 0.25
"""A shape that takes longer is a fault: a channel can have a storm of such messages."""
UNITS: Mapping[str, str] = {
    "line without spaces": "x",
    "line breaks": "\n",
    "open brackets": "([{<",
    "entities": "<http:",
    "stars and words": "*a _b ~c `d ",
    "python frames": 'File "x.py", line 1, in f\n',
    "java frames": "at a.b.C.d(C.java:1)\nCaused by: a.b.C: d\n",
    "labels": "service: web-1\nenv=production\n",
    "labels on one line": "service=web env=production ",
    "words with dots": "a.b-c_d/",
    "error words": "error: failed ",
    "numbers and times": "2026-11-22T12:38:30Z 91.5% ",
    "fences": "```\n",
    "quotes": "\"a' ",
    "camel case": "LoginErrorRateHigh",
}


def shapes() -> Mapping[str, dict[str, Any]]:
    """A message of about 1 MB for each name."""
    texts = {name: _message(text="[FIRING:1] web " + unit * (SIZE // len(unit))) for name, unit in UNITS.items()}
    part = "error in web service: web-1 " * (SIZE // 28_000)
    sections = [_section(part) for _ in range(1000)]
    return {
        **texts,
        "1,000 blocks": _message(text="alert: error", blocks=sections),
        "1,000 attachments": _message(attachments=[{"title": "error", "text": part, "blocks": sections[:50]}] * 1000),
        "60 blocks of 60 fields": _message(text="alert", blocks=[_fields("error: x.y " * 1500)] * 60),
        "nested rich_text": _message(text="alert: error", blocks=[{"type": "rich_text", "elements": _nested(6)}]),
        "10,000 links": _message(text="error " + "<https://x.test/a?b=1&amp;c=2|an error of web> " * 10_000),
    }


def _message(**parts: Any) -> dict[str, Any]:
    return {"type": "message", "ts": "1795351200.000100", "bot_id": "B1", "text": "", **parts}


def _section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def _fields(text: str) -> dict[str, Any]:
    return {"type": "section", "fields": [{"type": "mrkdwn", "text": text}] * 60}


def _nested(depth: int) -> list[Any]:
    if depth == 0:
        return [{"type": "text", "text": "error in web "}] * 20
    return [{"type": "rich_text_section", "elements": _nested(depth - 1)}] * (20 if depth > 3 else 2)  # noqa: PLR2004 - about 1 MB in all


def measure(message: Mapping[str, Any]) -> float:
    """Seconds; the best of three, so that other programs count less."""
    taken = []
    for _ in range(3):
        began = time.perf_counter()
        read_message(message, CATALOG)
        taken.append(time.perf_counter() - began)
    return round(min(taken), 3)


async def run() -> dict[str, Any]:
    """Measure each shape, and keep the figures."""
    found = {name: measure(message) for name, message in shapes().items()}
    keep("parse", found)
    return dict(found)


def table(found: Mapping[str, Any]) -> str:
    lines = ["Reading one message of about 1 MB, seconds", ""]
    lines += [f"{name:24}{seconds:7.3f}{'  too long' if seconds > MOST_S else ''}" for name, seconds in found.items()]
    return "\n".join(lines)


if __name__ == "__main__":
    print(table(asyncio.run(run())))
