"""What a person does whose press was answered by "link your GitLab account first": opens the page, goes the way."""

from __future__ import annotations

import re
from typing import Any

from sandbox.browser import browsing
from sandbox.slack.draw import render_text

OPEN_LINK = "backtrace:open_link"
_CODE = re.compile(r"\b[2-9A-Z]{4}-[2-9A-Z]{4}\b")


def asks_to_link(view: dict[str, Any]) -> tuple[str, str] | None:
    """The page and the code of a modal that asks for it; None for any other."""
    elements = (element for block in view.get("blocks", ()) for element in block.get("elements", ()))
    url = next((str(one["url"]) for one in elements if one.get("action_id") == OPEN_LINK), "")
    code = _CODE.search(render_text(view))
    return (url, code[0]) if url and code else None


async def link(url: str, code: str, username: str) -> str:
    """In a browser of their own, as that user of GitLab; what the last page says."""
    async with browsing() as browser:
        return (await browser.link(url, code, username)).text
