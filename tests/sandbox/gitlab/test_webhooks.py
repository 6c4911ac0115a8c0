"""Webhooks: sent as things happen, signed both ways."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from aiohttp import web
from standardwebhooks import Webhook

from sandbox.worlds.model import ToldPipeline, World
from tests.sandbox.gitlab.asking import PROJECT, Clock, Gitlab, asking

SIGNING = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
ALL = {"deployment_events": True, "job_events": True, "pipeline_events": True, "issues_events": True}


@dataclass
class Receiver:
    url: str = ""
    status: int = 200
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    more: asyncio.Event = field(default_factory=asyncio.Event)

    async def take(self, request: web.Request) -> web.Response:
        self.got.append((dict(request.headers), await request.read()))
        self.more.set()
        return web.Response(status=self.status)

    async def until(self, count: int) -> list[dict[str, Any]]:
        async with asyncio.timeout(5):
            while len(self.got) < count:
                self.more.clear()
                await self.more.wait()
        return [json.loads(body) for _, body in self.got]


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    app = web.Application()
    app.router.add_post("/hook", receiver.take)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield receiver
    await runner.cleanup()


async def test_both_signatures(gitlab: Gitlab, receiver: Receiver) -> None:
    """A hook with both secrets carries the token in clear and a Standard Webhooks signature over the raw body."""
    made = await gitlab.post(
        f"{PROJECT}/hooks", {"url": receiver.url, "token": "s3cret", "signing_token": SIGNING, **ALL}
    )
    await gitlab.post(f"{PROJECT}/issues", {"title": "Login errors", "issue_type": "incident"})
    payloads = await receiver.until(1)
    headers, body = receiver.got[0]

    assert made.status == 201
    assert not {"token", "signing_token"} & set(made.body)
    assert headers["X-Gitlab-Token"] == "s3cret"
    assert headers["X-Gitlab-Event"] == "Issue Hook"
    assert headers["webhook-id"] == headers["Idempotency-Key"]
    # The library refuses what is older than five minutes by the real clock, so the signature is made again instead.
    when = gitlab.state.now()
    assert headers["webhook-timestamp"] == str(int(when.timestamp()))
    assert headers["webhook-signature"] == Webhook(SIGNING).sign(headers["webhook-id"], when, body.decode())
    assert payloads[0]["object_attributes"]["type"] == "Incident"
    assert payloads[0]["object_kind"] == "work_item"


async def test_a_rollback_is_told_as_it_goes(gitlab: Gitlab, receiver: Receiver, clock: Clock) -> None:
    """Job, pipeline and deployment hooks come while nobody asks; the deployment is told running, then success."""
    await gitlab.post(f"{PROJECT}/hooks", {"url": receiver.url, **ALL})
    await gitlab.post(f"{PROJECT}/jobs/8001/retry")
    await receiver.until(2)
    clock.on(1)
    await receiver.until(5)
    clock.on(3)
    payloads = await receiver.until(8)
    deployments = [payload for payload in payloads if payload["object_kind"] == "deployment"]
    builds = [payload for payload in payloads if payload["object_kind"] == "build"]

    assert [payload["status"] for payload in deployments] == ["running", "success"]
    assert deployments[0]["deployable_id"] == builds[0]["build_id"]
    assert deployments[0]["commit_url"].endswith(gitlab.state.jobs[8001].sha)
    assert [payload["build_status"] for payload in builds] == ["pending", "running", "success"]
    assert builds[0]["retries_count"] == 1
    assert builds[0]["commit"]["id"] == 900


async def test_only_what_was_asked_for(gitlab: Gitlab, receiver: Receiver) -> None:
    """A hook hears its own events only, and confidential issues only where it says so."""
    await gitlab.post(f"{PROJECT}/hooks", {"url": receiver.url, "issues_events": True})
    await gitlab.post(f"{PROJECT}/jobs/8001/retry")
    await gitlab.post(f"{PROJECT}/issues", {"title": "Secret", "confidential": True})
    await gitlab.post(f"{PROJECT}/issues", {"title": "Open"})
    payloads = await receiver.until(1)
    await asyncio.sleep(0.15)

    assert [payload["object_attributes"]["title"] for payload in payloads] == ["Open"]
    assert len(receiver.got) == 1


async def test_a_failing_receiver_is_given_up(gitlab: Gitlab, receiver: Receiver) -> None:
    """After four failures in a row GitLab stops sending for a while."""
    receiver.status = 500
    await gitlab.post(f"{PROJECT}/hooks", {"url": receiver.url, "issues_events": True})
    for number in range(4):
        await gitlab.post(f"{PROJECT}/issues", {"title": f"{number}"})
        await receiver.until(number + 1)
    await asyncio.sleep(0.05)
    await gitlab.post(f"{PROJECT}/issues", {"title": "unheard"})
    await asyncio.sleep(0.15)

    assert len(receiver.got) == 4


async def test_deliveries_may_come_twice_and_late(gitlab: Gitlab, receiver: Receiver) -> None:
    """With the same idempotency key each time; what happened later may be told first."""
    await gitlab.post(f"{PROJECT}/hooks", {"url": receiver.url, "token": "s3cret", **ALL})
    waits = iter(((0.3, 0.5), (0.0,)))
    gitlab.state.hook_spread = lambda: next(waits)
    for title in ("first", "second"):
        await gitlab.post(f"{PROJECT}/issues", {"title": title, "issue_type": "incident"})
    told = await receiver.until(3)

    assert [payload["object_attributes"]["title"] for payload in told] == ["second", "first", "first"]
    assert len({headers["Idempotency-Key"] for headers, _ in receiver.got}) == 2


async def test_a_pipeline_without_jobs_is_told_too(world: World, clock: Clock, receiver: Receiver) -> None:
    """One that was started by the API: as whose it runs, and each of its states."""
    told = replace(world, pipeline=ToldPipeline(sha="VERSION", environment="WHERE"))
    async with asking(told, clock) as gitlab:
        hook = {"url": receiver.url, "token": "s3cret", "pipeline_events": True}
        assert (await gitlab.post(f"{PROJECT}/hooks", hook)).status == 201
        inputs = {"VERSION": world.deployments[0].sha, "WHERE": "production"}
        assert (await gitlab.post(f"{PROJECT}/pipeline", {"ref": "main", "inputs": inputs})).status == 201
        for wait in (1, 3):
            clock.on(wait)
            await gitlab.get(f"{PROJECT}/pipelines")
        heard = await receiver.until(3)

    assert [one["object_attributes"]["status"] for one in heard] == ["created", "running", "success"]
    assert {one["user"]["username"] for one in heard} == {gitlab.state.pipelines[max(gitlab.state.pipelines)].user}
