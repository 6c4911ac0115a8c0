"""What troubles a run beside its kill, drawn by its number: faults of the parties, and deliveries in disorder."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Literal

from bot.slack.client import TIMEOUT_S
from sandbox.gitlab import Fault as GitLabFault
from sandbox.slack import Fault as SlackFault
from sandbox.stage import Stage

Kind = Literal["429", "500", "502", "reset", "took_effect_then_reset", "took_effect_then_silence"]
KINDS: tuple[Kind, ...] = ("429", "500", "502", "reset", "took_effect_then_reset", "took_effect_then_silence")

GITLAB_WRITES = (
    ("POST", "/projects/*/jobs/*/retry"),
    ("POST", "/projects/*/issues"),
    ("PUT", "/projects/*/issues/*"),
    ("POST", "/projects/*/issues/*/notes"),
    ("POST", "/api/graphql"),
    ("POST", "*"),
)
GITLAB_READS = (("GET", "*"), ("GET", "/projects/*/deployments*"), ("GET", "/projects/*/jobs/*"))
SLACK_METHODS = (
    *("chat.postMessage", "chat.update", "views.open", "views.update", "chat.postEphemeral", "*"),
    *("conversations.replies", "conversations.history", "conversations.info", "users.info", "auth.test"),
)
WAIT_S = 1.0
GITLAB_TIMEOUT_S = 3.0
"""As the stories' settings have it, so that a timeout takes no longer than it must."""

GITLAB_SILENT_S, SLACK_SILENT_S = GITLAB_TIMEOUT_S + 1.0, TIMEOUT_S + 1.0
"""Longer than the bot waits."""

KILLED_AGAIN, OF_GITLAB, OF_WRITES = 0.25, 0.5, 0.7
"""Shares: of runs that are killed twice, of faults that are GitLab's, of these that meet what writes."""

MOST_READS = 2
"""Reads are tried three times: what is refused more often than that is an outage, and ends in words."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """One fault, armed as the story's ``act`` begins."""

    act: int
    fault: GitLabFault | SlackFault

    def arm(self, stage: Stage) -> None:
        faults = stage.gitlab.faults if isinstance(self.fault, GitLabFault) else stage.slack.faults
        faults.add(self.fault)  # type: ignore[arg-type]

    def __str__(self) -> str:
        where = self.fault.method
        if isinstance(self.fault, GitLabFault):
            where = f"{where} {self.fault.path_pattern}"
        return f"{self.fault.kind} on {where} x{self.fault.times} at act {self.act}"


@dataclass(frozen=True, slots=True)
class Troubles:
    """``away_s``: how long nobody starts the bot again. ``again_after_s``: it is killed once more so long after its
    start; 0: it is not. ``disorder``: the share of deliveries that come late, and of those that come twice.
    """

    faults: tuple[Trouble, ...]
    away_s: float
    again_after_s: float
    disorder: float

    def __str__(self) -> str:
        again = f"killed again after {self.again_after_s:.1f} s" if self.again_after_s else ""
        disorder = f"disorder {self.disorder:.1f}" if self.disorder else ""
        return ", ".join(filter(None, (*map(str, self.faults), again, disorder))) or "no other trouble"


def draw(rng: Random, acts: int) -> Troubles:
    """The troubles of a run whose story has so many acts."""
    number = rng.choice((0, 1, 1, 2, 3))
    faults = [_trouble(rng, acts) for _ in range(number)]
    reads = [one for one in faults if isinstance(one.fault, GitLabFault) and one.fault.method == "GET"]
    kept = tuple(one for one in faults if one not in reads[1:])
    return Troubles(
        faults=kept,
        away_s=rng.choice((0.0, 0.0, 0.3, 1.0)),
        again_after_s=rng.uniform(0.2, 3.0) if rng.random() < KILLED_AGAIN else 0.0,
        disorder=rng.choice((0.0, 0.0, 0.3, 0.6)),
    )


def _trouble(rng: Random, acts: int) -> Trouble:
    act, kind, times = rng.randrange(acts), rng.choice(KINDS), rng.randint(1, MOST_READS)
    if rng.random() < OF_GITLAB:
        method, pattern = rng.choice(GITLAB_WRITES if rng.random() < OF_WRITES else GITLAB_READS)
        return Trouble(act, GitLabFault(method, pattern, kind, times, _seconds(kind, GITLAB_SILENT_S)))
    return Trouble(act, SlackFault(rng.choice(SLACK_METHODS), kind, times, _seconds(kind, SLACK_SILENT_S)))


def _seconds(kind: Kind, silent_s: float) -> float:
    return silent_s if kind == "took_effect_then_silence" else WAIT_S


@dataclass(slots=True)
class Spread:
    """When a delivery comes, for each time that it does. ``disturbed``: how many came late, or twice, so far."""

    rng: Random
    disorder: float
    disturbed: int = 0

    def __call__(self) -> tuple[float, ...]:
        late = self.rng.uniform(0.0, 0.5) if self.rng.random() < self.disorder else 0.0
        waits = (late, self.rng.uniform(0.0, 0.8)) if self.rng.random() < self.disorder else (late,)
        self.disturbed += waits != (0.0,)
        return waits
