"""Prometheus' Alertmanager itself posts to the embedded Slack: it fires, says it again, and resolves."""

from __future__ import annotations

import asyncio
import json
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from sandbox.player import eventually, facts_of
from tests.scenarios.looking import cards_in
from tests.scenarios.stage import Scene, scene

PROGRAM = shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(PROGRAM is None, reason="Alertmanager is not installed: Debian's prometheus-alertmanager"),
]

WAIT_S = 20

CONFIG = """\
route:
  receiver: slack
  group_by: [alertname, service]
  group_wait: 0s
  group_interval: 1s
  repeat_interval: 1s
receivers:
  - name: slack
    slack_configs:
      - api_url: %s
        channel: "#alerts"
        send_resolved: true
%s"""

USUAL_TEMPLATE = """\
        title: '[{{ .Status | toUpper }}{{ if eq .Status "firing" }}:{{ .Alerts.Firing | len }}{{ end }}]
          {{ .CommonLabels.alertname }}'
        text: >-
          {{ range .Alerts }}
          *Alert:* {{ .Annotations.summary }} - `{{ .Labels.severity }}`

          *Description:* {{ .Annotations.description }}

          *Details:*
          {{ range .Labels.SortedPairs }} • *{{ .Name }}:* `{{ .Value }}`
          {{ end }}
          {{ end }}
"""
"""What teams copy from each other: a summary, and all labels with their names."""

LABELS = {"alertname": "LoginErrorRateHigh", "service": "web", "env": "production", "severity": "critical"}
SAYS = {
    "summary": "login error rate jumped 5x",
    "description": "TypeError in is_expired (app/session.py): 500s on POST /login",
}


@dataclass(frozen=True, slots=True)
class Alertmanager:
    url: str

    async def tell(self, *, ends_at: datetime | None = None) -> None:
        """What Prometheus sends at each evaluation while a rule fires, and with an end once it does not."""
        alert: dict[str, Any] = {"labels": LABELS, "annotations": SAYS}
        if ends_at is not None:
            alert["endsAt"] = ends_at.isoformat()
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{self.url}/api/v2/alerts", json=[alert]) as answer,
        ):
            assert answer.status == 200, await answer.text()

    async def is_ready(self) -> bool:
        try:
            async with aiohttp.ClientSession() as session, session.get(f"{self.url}/-/ready") as answer:
                return answer.status == 200
        except aiohttp.ClientError:
            return False


@asynccontextmanager
async def alertmanager(folder: Path, webhook: str, template: str) -> AsyncIterator[Alertmanager]:
    config = folder / "alertmanager.yml"
    config.write_text(CONFIG % (json.dumps(webhook), template))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [str(PROGRAM), f"--config.file={config}", f"--storage.path={folder / 'alertmanager'}"]
    command += [f"--web.listen-address=127.0.0.1:{port}", "--cluster.listen-address="]
    with (folder / "alertmanager.log").open("w") as log:
        process = await asyncio.create_subprocess_exec(*command, stdout=log, stderr=log)
    try:
        sender = Alertmanager(f"http://127.0.0.1:{port}")
        await eventually("an Alertmanager that is ready", sender.is_ready, WAIT_S)
        yield sender
    finally:
        process.terminate()
        await process.wait()


async def alerts_in(play: Scene) -> list[dict[str, Any]]:
    return [m for m in await play.stage.slack.messages(play.stage.alerts) if m.get("username") == "Alertmanager"]


@pytest.mark.parametrize(
    ("template", "outcome", "culprit"),
    [("", "not_enough", "-"), (USUAL_TEMPLATE, "named", "!45")],
    ids=["default template", "usual user template"],
)
async def test_an_alertmanager_gets_one_card_that_is_resolved(
    template: str, outcome: str, culprit: str, tmp_path: Path
) -> None:
    """It fires, posts the same alert anew, and resolves: one card, in the first message's thread, says all of it.

    The default template prints values of labels alone, which name nobody.
    """
    async with scene("login", tmp_path) as play:
        webhook = play.stage.slack.webhook_url(play.stage.alerts)
        async with alertmanager(tmp_path, webhook, template) as sender:
            await sender.tell()

            async def said_again() -> list[dict[str, Any]] | None:
                alerts = await alerts_in(play)
                return alerts if len(alerts) > 1 else None

            alerts = await eventually("the same alert, posted anew", said_again, WAIT_S)
            await sender.tell(ends_at=datetime.now(UTC) - timedelta(seconds=1))

            async def resolved() -> dict[str, Any] | None:
                cards = await cards_in(play, play.stage.alerts)
                return next((card for card in cards if facts_of(card)["state"] == "resolved"), None)

            card = await eventually("a card that says it is resolved", resolved, WAIT_S)

        await play.stage.slack.courier.settled()
        (only,) = await cards_in(play, play.stage.alerts)
        assert only["ts"] == card["ts"]
        assert only["thread_ts"] == alerts[0]["ts"]
        facts = facts_of(only)
        assert (facts["outcome"], facts["culprit"], facts["state"]) == (outcome, culprit, "resolved")
