"""The pages behind a card's links."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sandbox.worlds.model import FeatureFlag, World
from tests.sandbox.gitlab.asking import PROJECT, Clock, Gitlab, asking


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("merge_requests/88", "!88 Reuse one connection pool for retries"),
        ("merge_requests/88/diffs", "+        return self._shared"),
        ("blame/main/checkout/pool.py", '<span id="L3">    3  '),
        ("commit/main", "Merge branch &#x27;retry-pool&#x27;"),
        ("issues/40", "Retries open too many connections"),
        ("environments", "deployment 502 is live"),
        ("environments/12", "Live: deployment 502"),
        ("jobs/8001", "deployment 501 to production: success"),
    ],
)
async def test_links_of_a_card_lead_somewhere(gitlab: Gitlab, path: str, says: str) -> None:
    """A browser gets a page that shows the thing, escaped; nothing of it counts as unplanned."""
    url = f"{gitlab.server.url}/acme/checkout/-/{path}"
    async with gitlab.session.get(url, headers={"Accept": "text/html"}) as response:
        text = await response.text()

    assert response.status == 200
    assert says in text
    assert gitlab.server.unplanned == []


@pytest.mark.parametrize(
    "path", ["merge_requests/1", "commit/feed", "environments/1", "blame/main/nowhere.py", "blame/main", "wikis/x"]
)
async def test_there_is_no_such_page(gitlab: Gitlab, path: str) -> None:
    """Unknown things are a 404 page."""
    url = f"{gitlab.server.url}/acme/checkout/-/{path}"
    async with gitlab.session.get(url, headers={"Accept": "text/html"}) as response:
        assert response.status == 404


async def test_a_merge_request_that_was_opened_here_has_its_page(gitlab: Gitlab) -> None:
    """What a button on the card opened can be looked at."""
    await gitlab.post(f"{PROJECT}/repository/branches", {"branch": "undo", "ref": "main"})
    wanted = {"source_branch": "undo", "target_branch": "main", "title": "Revert <that>"}
    made = await gitlab.post(f"{PROJECT}/merge_requests", wanted)
    url = f"{gitlab.server.url}/acme/checkout/-/merge_requests/{made.body['iid']}"
    async with gitlab.session.get(url, headers={"Accept": "text/html"}) as response:
        text = await response.text()

    assert response.status == 200
    assert f"!{made.body['iid']} Revert &lt;that&gt;" in text
    assert "from undo into main" in text


async def test_feature_flags_have_their_page(world: World, clock: Clock) -> None:
    """Each with whether it is on, where, and since when."""
    flag = FeatureFlag("fast_checkout", "Skip <steps>", clock(), ("production",))
    async with asking(replace(world, flags=(flag,)), clock) as gitlab:
        url = f"{gitlab.server.url}/acme/checkout/-/feature_flags"
        async with gitlab.session.get(url, headers={"Accept": "text/html"}) as response:
            text = await response.text()

    assert "fast_checkout: active, for production, changed" in text
    assert "Skip &lt;steps&gt;" in text


async def test_titles_cannot_inject(gitlab: Gitlab) -> None:
    """Markup in a title is shown as text."""
    made = await gitlab.post(f"{PROJECT}/issues", {"title": "<script>alert(1)</script>"})
    url = f"{gitlab.server.url}/acme/checkout/-/issues/{made.body['iid']}"
    async with gitlab.session.get(url, headers={"Accept": "text/html"}) as response:
        text = await response.text()

    assert "<script" not in text
    assert "&lt;script&gt;" in text
