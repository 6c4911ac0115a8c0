"""Webhooks as GitLab sends them (GITLAB.md 4): payloads, headers, both ways of signing."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import aiohttp
from standardwebhooks import Webhook

from sandbox.gitlab import deploying, pipelines
from sandbox.gitlab.payloads import build_payload, deployment_payload, issue_payload, pipeline_payload
from sandbox.gitlab.records import Hook
from sandbox.gitlab.routes.instance import VERSION
from sandbox.gitlab.state import GitLabState

TIMEOUT_S = 10
DISABLED_AFTER = 4
"""Failures in a row after which GitLab stops sending for a while."""

TOLD = {"running", "success", "failed", "canceled"}
"""Deployment statuses that fire a hook; created and blocked do not."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One sending of one event; the body is fixed when the thing happens, not when it is sent."""

    hook: Hook
    headers: Mapping[str, str]
    body: bytes


Build = Callable[[GitLabState, int], tuple[str, dict[str, Any]] | None]


def _deployment(state: GitLabState, row_id: int) -> tuple[str, dict[str, Any]] | None:
    row = state.deployments[row_id]
    return ("Deployment Hook", deployment_payload(state, row)) if row.status in TOLD else None


def _job(state: GitLabState, row_id: int) -> tuple[str, dict[str, Any]]:
    return "Job Hook", build_payload(state, state.jobs[row_id])


def _pipeline(state: GitLabState, row_id: int) -> tuple[str, dict[str, Any]]:
    return "Pipeline Hook", pipeline_payload(state, state.pipelines[row_id])


_EVENTS: Mapping[str, tuple[str, Build]] = {
    "deployment": ("deployment_events", _deployment),
    "job": ("job_events", _job),
    "pipeline": ("pipeline_events", _pipeline),
}


class Sender:
    """Collects deliveries as things change, and sends them in order."""

    def __init__(self, state: GitLabState, session: aiohttp.ClientSession) -> None:
        self._state = state
        self._session = session
        self._queue: asyncio.Queue[Delivery] = asyncio.Queue()

    def changed(self, kind: str, row_id: int) -> None:
        if kind.startswith("issue:"):
            self._issue(kind.removeprefix("issue:"), row_id)
            return
        flag, build = _EVENTS[kind]
        built = build(self._state, row_id) if self._state.hooks else None
        if built is not None:
            self._enqueue(flag, *built)

    def _issue(self, action: str, iid: int) -> None:
        issue = self._state.issues[iid]
        flag = "confidential_issues_events" if issue.confidential else "issues_events"
        event = "Confidential Issue Hook" if issue.confidential else "Issue Hook"
        self._enqueue(flag, event, issue_payload(self._state, issue, action))

    def _enqueue(self, flag: str, event: str, payload: dict[str, Any]) -> None:
        body = json.dumps(payload).encode()
        for hook in self._state.hooks.values():
            if flag in hook.events and hook.failures < DISABLED_AFTER:
                delivery = Delivery(hook, self._headers(hook, event, body), body)
                for wait_s in self._state.hook_spread():
                    self._put(delivery, wait_s)

    def _put(self, delivery: Delivery, wait_s: float) -> None:
        if wait_s:
            asyncio.get_running_loop().call_later(wait_s, self._queue.put_nowait, delivery)
        else:
            self._queue.put_nowait(delivery)

    def _headers(self, hook: Hook, event: str, body: bytes) -> dict[str, str]:
        key = str(uuid4())
        return {
            "Content-Type": "application/json",
            "User-Agent": f"GitLab/{VERSION}",
            "Idempotency-Key": key,
            "X-Gitlab-Event": event,
            "X-Gitlab-Event-UUID": str(uuid4()),
            "X-Gitlab-Webhook-UUID": str(uuid4()),
            "X-Gitlab-Instance": self._state.url,
            **({"X-Gitlab-Token": hook.token} if hook.token else {}),
            **(self._signature(hook.signing_token, key, body) if hook.signing_token else {}),
        }

    def _signature(self, secret: str, key: str, body: bytes) -> dict[str, str]:
        now = self._state.now()
        return {
            "webhook-id": key,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": Webhook(secret).sign(key, now, body.decode()),
        }

    async def run(self) -> None:
        """Send what there is, and move the state on while nobody asks."""
        while True:
            pipelines.settle(self._state)
            deploying.settle(self._state)
            while not self._queue.empty():
                await self.send(self._queue.get_nowait())
            await asyncio.sleep(self._state.options.hook_interval)

    async def send(self, delivery: Delivery) -> None:
        try:
            async with self._session.post(delivery.hook.url, data=delivery.body, headers=delivery.headers) as response:
                delivered = response.status < 400
        except (aiohttp.ClientError, TimeoutError):
            delivered = False
        delivery.hook.failures = 0 if delivered else delivery.hook.failures + 1


@contextlib.asynccontextmanager
async def sending(state: GitLabState) -> AsyncIterator[Sender]:
    """Send the hooks of ``state`` while the block runs."""
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT_S)) as session:
        sender = Sender(state, session)
        state.on_change = sender.changed
        task = asyncio.create_task(sender.run())
        try:
            yield sender
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
