"""An embedded Slack: a stateful workspace that speaks HTTP and websockets as Slack does, for the demo and the tests."""

from __future__ import annotations

from sandbox.slack.faults import Fault
from sandbox.slack.server import Slack, serve_slack
from sandbox.slack.state import DroppedError, Effect
from sandbox.slack.team import (
    RateLimit,
    SlackChannel,
    SlackOptions,
    SlackTeam,
    SlackUser,
    SlackWebhook,
    team_of_world,
)

__all__ = [
    "DroppedError",
    "Effect",
    "Fault",
    "RateLimit",
    "Slack",
    "SlackChannel",
    "SlackOptions",
    "SlackTeam",
    "SlackUser",
    "SlackWebhook",
    "serve_slack",
    "team_of_world",
]
