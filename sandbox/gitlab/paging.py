"""Offset pagination (docs.gitlab.com/api/rest: pagination): page, per_page, six headers and Link."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlencode

from sandbox.gitlab.answers import Answer
from sandbox.gitlab.calls import Call

Row = TypeVar("Row")
LARGEST_PAGE = 100


def page_of(call: Call, rows: Sequence[Row], shape: Callable[[Row], Any]) -> Answer:
    """The asked-for page of ``rows``. ``Link`` is written without address; ``with_links`` completes it."""
    page = max(call.query.number("page", 1), 1)
    size = min(max(call.query.number("per_page", 20), 1), LARGEST_PAGE)
    pages = max(-(-len(rows) // size), 1)
    shown = rows[(page - 1) * size : page * size]
    headers = {
        "x-page": str(page),
        "x-per-page": str(size),
        "x-next-page": str(page + 1) if page < pages else "",
        "x-prev-page": str(page - 1) if page > 1 else "",
    }
    if len(rows) <= call.state.options.counted_rows:
        headers |= {"x-total": str(len(rows)), "x-total-pages": str(pages)}
    return Answer([shape(row) for row in shown], headers=headers)


def with_links(headers: dict[str, str], url: str, query: str) -> dict[str, str]:
    """Add ``Link`` to a page's headers: ``url`` is the address without query, under our own base."""
    kept = [(key, value) for key, value in parse_qsl(query, keep_blank_values=True) if key not in {"page", "per_page"}]
    numbers = {
        "prev": headers["x-prev-page"],
        "next": headers["x-next-page"],
        "first": "1",
        "last": headers.get("x-total-pages", ""),
    }
    links = [
        f'<{url}?{urlencode([*kept, ("page", number), ("per_page", headers["x-per-page"])])}>; rel="{rel}"'
        for rel, number in numbers.items()
        if number
    ]
    return {**headers, "Link": ", ".join(links)}
