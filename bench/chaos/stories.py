"""The stories that are troubled: the rollback from its alert to its end, and its variants."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bench.chaos import acts
from bench.chaos.acts import Act
from bench.chaos.troubles import GITLAB_TIMEOUT_S
from sandbox.gitlab import EscalationPolicy
from sandbox.stage import BotOptions, StageOptions
from sandbox.worlds.senders import sentry
from sandbox.worlds.storm import ISSUE
from tests.scenarios.stage import PROMPT, QUICK

PREMIUM = replace(
    QUICK, gitlab=replace(QUICK.gitlab, tier="premium", policies=(EscalationPolicy(1, "Web shop", ("kim",)),))
)
LONG = replace(QUICK, gitlab=replace(QUICK.gitlab, success_after=3600.0))
TIMELY = replace(PROMPT, gitlab=f"timeout_s = {GITLAB_TIMEOUT_S}")
POLLED = replace(TIMELY, gitlab=f"{TIMELY.gitlab}\npoll_s = 0.5")


@dataclass(frozen=True, slots=True)
class Story:
    """``cards``: how many there have to be in the end, at least for a question that was typed twice. ``papers``: how
    many incidents of GitLab's. ``rollbacks``: how many jobs have to be retried, or pipelines started; ``in_place``: how
    many of them in one environment. ``goes``: how each of them ends."""

    name: str
    acts: tuple[Act, ...]
    ends_as: str
    cards: int = 1
    papers: int = 0
    rollbacks: int = 1
    in_place: int = 1
    goes: str = "success"
    world: str = "login"
    stage: StageOptions = QUICK
    bot: BotOptions = TIMELY


ROLL_BACK = acts.goes("mara", "roll_back", "rolled_back")
FORWARD = acts.goes("mara", "roll_forward", "rolled_forward")
AGREED = acts.goes("mara", "roll_back", "rolled_back", {"A second person has to agree": ("kim", "agree")})
STOP = acts.goes("mara", "roll_back", "rollback_stopped", {"It runs.": ("mara", "stop")})
REVERT = acts.presses("mara", "revert", "to revert !45", "without success")
RESOLVED = (acts.is_over, acts.settles("resolved"))

STORIES = {
    story.name: story
    for story in (
        Story("rollback", (acts.fires, acts.sees("Likely culprit"), ROLL_BACK, *RESOLVED), "resolved"),
        Story(
            "own rights",
            (acts.fires, acts.sees("Likely culprit"), acts.links("mara"), ROLL_BACK, *RESOLVED),
            "resolved",
            bot=replace(TIMELY, act_as="person"),
        ),
        Story(
            "paper",
            (
                acts.fires,
                acts.presses("tomas", "assign", "assigned Vani", "tried to assign"),
                ROLL_BACK,
                acts.presses("tomas", "page", "paged kim", "tried to page"),
                *RESOLVED,
            ),
            "resolved",
            papers=1,
            stage=PREMIUM,
        ),
        Story(
            "joined",
            (
                acts.fires,
                acts.sees("Likely culprit"),
                acts.posts(dict(sentry(ISSUE).firing)),
                acts.sees("2 alert messages"),
                ROLL_BACK,
                acts.posts(dict(sentry(ISSUE).resolved)),
                *RESOLVED,
            ),
            "resolved",
        ),
        Story(
            "incident",
            (
                acts.opens_incident,
                acts.sees("Likely culprit"),
                ROLL_BACK,
                acts.closes_incident,
                acts.settles("resolved"),
            ),
            "resolved",
            papers=1,
            bot=POLLED,
        ),
        Story(
            "dismissed",
            (
                acts.fires,
                acts.sees("Likely culprit"),
                acts.presses("tomas", "not_culprit", "is not the culprit", "tried to look"),
                *RESOLVED,
            ),
            "resolved",
            rollbacks=0,
        ),
        Story("regions", (acts.fires, ROLL_BACK, *RESOLVED), "resolved", rollbacks=2, world="regions"),
        Story("gitops", (acts.fires, ROLL_BACK, *RESOLVED), "resolved", world="gitops"),
        Story("reverted", (acts.fires, ROLL_BACK, REVERT, *RESOLVED), "resolved"),
        Story("forward", (acts.fires, ROLL_BACK, FORWARD), "rolled_forward", rollbacks=2, in_place=2),
        Story(
            "second person",
            (acts.fires, acts.sees("Likely culprit"), AGREED, *RESOLVED),
            "resolved",
            bot=replace(TIMELY, service="second_person = true"),
        ),
        Story(
            "stopped", (acts.fires, acts.sees("Likely culprit"), STOP), "rollback_stopped", stage=LONG, goes="stopped"
        ),
        Story("asked", (acts.asks("login errors"), acts.sees("web, production: login errors")), "open", rollbacks=0),
    )
}
