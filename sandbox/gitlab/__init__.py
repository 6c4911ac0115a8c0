"""An embedded GitLab: REST and GraphQL over a world and its real git repository, with no network beyond loopback."""

from sandbox.gitlab.exchange import Exchange
from sandbox.gitlab.faults import Fault, FaultKind
from sandbox.gitlab.options import BOT_TOKEN, READ_TOKEN, EscalationPolicy, GitLabOptions, Token
from sandbox.gitlab.server import GitLab, UnplannedRequestsError, make_app, serve_gitlab
from sandbox.gitlab.state import GitLabState

__all__ = [
    "BOT_TOKEN",
    "READ_TOKEN",
    "EscalationPolicy",
    "Exchange",
    "Fault",
    "FaultKind",
    "GitLab",
    "GitLabOptions",
    "GitLabState",
    "Token",
    "UnplannedRequestsError",
    "make_app",
    "serve_gitlab",
]
