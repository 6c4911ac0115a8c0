"""Causes that no deployment ships: feature flags that were changed, jobs that ran by themselves."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from backtrace_core.model import (
    Alert,
    AlertStatus,
    Candidate,
    ChangeKind,
    FlagSwitch,
    Harvest,
    Lineage,
    Outcome,
    Person,
)
from backtrace_core.rank import rank
from backtrace_core.rollback import choose_rollback, what_to_ask
from backtrace_core.trace import trace
from bot.gitlab.client import GitLabClient
from bot.sources.gitlab import GitLabSource
from tests.bot.gitlab.fake import FakeGitLab, Reply
from tests.bot.sources.rows import SCOPE, T0, VANI, WEB, P, Row, at, harvest, plan_project, project


def flag(name: str, hours_ago: float, *scopes: str, **more: Any) -> Row:
    strategies = [
        {"id": 1, "name": "default", "scopes": [{"id": n, "environment_scope": s} for n, s in enumerate(scopes)]}
    ]
    return {"name": name, "description": "", "active": True, "updated_at": at(hours_ago),
            "strategies": strategies if scopes else [], **more}  # fmt: skip


def job(number: int, name: str, hours_ago: float, source: str = "schedule", pipeline: int = 7000) -> Row:
    return {
        "id": number,
        "name": name,
        "stage": "maintenance",
        "status": "success",
        "started_at": at(hours_ago),
        "finished_at": at(hours_ago - 0.1),
        "user": VANI,
        "pipeline": {"id": pipeline, "source": source},
        "web_url": f"{WEB}/-/jobs/{number}",
    }


def alert(title: str) -> Alert:
    return Alert("test", AlertStatus.FIRING, title, title, T0, SCOPE.onset, "f", service="shop")


def by_itself(found: Harvest) -> list[Candidate]:
    return [c for c in trace(found, alert("Errors")) if c.deployment is None]


async def test_a_flag_that_was_changed_is_a_candidate(fake: FakeGitLab, client: GitLabClient):
    """Of its own kind, with its page and with the moment when it was changed; older ones and other places' are none."""
    plan_project(fake)
    fake.on("GET", f"{P}/feature_flags", [
        flag("checkout_v2", 0.5, "*"), flag("old", 200, "*"), flag("elsewhere", 0.5, "staging"),
        flag("by_pattern", 0.6, "prod*"), flag("off_everywhere", 0.7),
    ])  # fmt: skip
    found = await harvest(client)

    assert [c.change.key for c in by_itself(found)] == [
        "shop/web~flag/checkout_v2", "shop/web~flag/by_pattern", "shop/web~flag/off_everywhere",
    ]  # fmt: skip
    first = by_itself(found)[0]
    assert (first.change.kind, first.change.url) == (ChangeKind.FEATURE_FLAG, f"{WEB}/-/feature_flags")
    assert first.path[0].relation == "CHANGED_IN"


async def test_a_flag_changed_after_the_trouble_began_is_none(fake: FakeGitLab, client: GitLabClient):
    """It may be what somebody did against it."""
    plan_project(fake)
    fake.on("GET", f"{P}/feature_flags", [flag("kill_switch", -0.1, "*")])

    assert by_itself(await harvest(client)) == []


async def test_a_flag_that_the_alert_names_is_named_and_nothing_is_gone_back_to(fake: FakeGitLab, client: GitLabClient):
    """Going back would leave the flag as it is; time alone names no flag."""
    plan_project(fake)
    fake.on("GET", f"{P}/feature_flags", [flag("checkout_v2", 0.2, "*")])
    found = await harvest(client)
    named = rank(trace(found, alert("checkout_v2 fails")), alert("checkout_v2 fails"), found)
    unnamed = rank(trace(found, alert("Payments fail")), alert("Payments fail"), found)

    assert (named.outcome, named.suspects[0].candidate.change.called) == (Outcome.NAMED, "flag checkout_v2")
    assert unnamed.outcome is not Outcome.NAMED
    plan = choose_rollback(found, named.suspects[:1], Lineage(), what_to_ask(found, named.suspects[:1]))
    assert plan.target is None
    assert "Switch it in GitLab" in plan.why_none


@pytest.mark.parametrize(
    ("path", "what", "part"),
    [("/feature_flags", "feature flags", "feature_flags_access_level"), ("/jobs", "jobs", "builds_access_level")],
)
async def test_what_may_not_be_read_is_a_gap_and_what_the_project_is_without_is_none(
    fake: FakeGitLab, client: GitLabClient, path: str, what: str, part: str
):
    """403 is GitLab's answer to both; the project's own row says which parts of GitLab it does not use."""
    plan_project(fake)
    fake.on("GET", f"{P}{path}", Reply({"message": "403 Forbidden"}, 403))
    refused = await harvest(client)
    fake.on("GET", P, project(**{part: "private"}))
    members_only = await harvest(client)
    fake.on("GET", P, project(**{part: "disabled"}))
    unused = await harvest(client)

    assert [(gap.what, gap.why) for gap in refused.gaps] == [(what, "the token may not read it")]
    assert members_only.gaps == refused.gaps
    assert refused.changes
    assert unused.gaps == ()


@pytest.mark.parametrize(
    ("row", "counts"),
    [
        (job(9001, "migrate-production", 0.5), 1),
        (job(9001, "migrate prod", 0.5, "web"), 1),
        (job(9001, "migrate-staging", 0.5), 0),
        (job(9001, "migrate-production", 0.5, "push"), 0),
        (job(9001, "migrate-production", 200), 0),
        (job(9001, "backfill-production", 0.3, "push", pipeline=902), 1),
        (job(9001, "smoke-production", 0.95, "push", pipeline=902), 0),
        (job(8502, "deploy-production", 1, "schedule", pipeline=902), 0),
        ({"id": 9001}, 0),
        ({**job(9001, "migrate-production", 0.5), "user": {"id": None}}, 0),
    ],
    ids=[
        "scheduled", "by hand", "elsewhere", "of a push", "long ago", "played later", "with its deployment",
        "the deployment", "odd", "odd user",
    ],
)  # fmt: skip
async def test_a_job_that_ran_by_itself_is_a_candidate(fake: FakeGitLab, client: GitLabClient, row: Row, counts: int):
    """Where its name says the environment, and no push and no deployment brought it along."""
    plan_project(fake)
    fake.on("GET", f"{P}/jobs", [row])
    found = by_itself(await harvest(client))

    assert [c.change.key for c in found] == (["shop/web~job/9001"] if counts else [])
    if counts:
        assert found[0].change.author is not None
        assert (found[0].change.author.username, found[0].change.url) == ("vani", f"{WEB}/-/jobs/9001")


async def test_the_webhook_tells_who_switched_a_flag(fake: FakeGitLab, client: GitLabClient):
    """It is one candidate with the flag that GitLab lists; one that GitLab does not list is there all the same."""
    plan_project(fake)
    rows = [flag("checkout_v2", 0.5, "*"), flag("changed_since", 0.1, "*"), flag("elsewhere", 0.5, "staging")]
    fake.on("GET", f"{P}/feature_flags", rows)
    mara = Person(3, "mara", "Mara", "")

    async def told(project: str, since: datetime) -> tuple[FlagSwitch, ...]:
        assert (project, since) == ("shop/web", SCOPE.since)
        names = ("checkout_v2", "changed_since", "elsewhere", "unlisted")
        return tuple(FlagSwitch(project, name, "on", mara, T0 - timedelta(hours=0.5)) for name in names)

    found = by_itself(await GitLabSource(client, lambda: T0, switches=told).harvest(SCOPE))
    authors = {c.change.title: c.change.author and c.change.author.username for c in found}

    assert authors == {"checkout_v2": "mara", "changed_since": None, "unlisted": "mara"}
