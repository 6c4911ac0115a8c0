"""What is said of a token, from what GitLab tells: what is amiss, and what to do."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from backtrace_core.token_standing import Finding, ProjectRole, Severity, TokenFacts, findings, timeline_written

NOW = datetime(2026, 11, 20, 2, 6, tzinfo=UTC)
MAINTAINER = ProjectRole("shop/web", 40, readable=True)
FINE = TokenFacts(scopes=frozenset({"api"}), expires_on=date(2027, 2, 18), roles=(MAINTAINER,))
READER = replace(FINE, scopes=frozenset({"read_api"}), roles=(ProjectRole("shop/web", 20, readable=True),))


def says(facts: TokenFacts, *, writes: bool = True) -> tuple[str, ...]:
    return tuple(f"{finding.severity.value}: {finding.says}" for finding in findings(facts, NOW, writes=writes))


def test_nothing_is_said_of_a_token_that_is_fine_or_unknown() -> None:
    """No alarm without a reason: neither where GitLab tells nothing, nor where reading is all that is wanted."""
    assert says(FINE) == says(TokenFacts()) == says(READER, writes=False) == ()


@pytest.mark.parametrize(
    ("day", "severity", "words"),
    [
        (date(2026, 11, 19), "problem", "expired on 2026-11-19"),
        (date(2026, 11, 20), "problem", "expired on 2026-11-20"),
        (date(2026, 11, 21), "warning", "expires on 2026-11-21, in less than a day"),
        (date(2026, 11, 22), "warning", "expires on 2026-11-22, in 1 day"),
        (date(2026, 12, 4), "warning", "expires on 2026-12-04, in 13 days"),
    ],
)
def test_an_end_that_is_near_is_told(day: date, severity: str, words: str) -> None:
    """Two weeks ahead, with what to do; from midnight UTC of its day on the token is over."""
    (said,) = says(replace(FINE, expires_on=day))

    assert said.startswith(f"{severity}: ")
    assert words in said
    assert "Make a new one in GitLab, set BACKTRACE_GITLAB_TOKEN" in said


def test_an_end_that_is_far_is_not_told() -> None:
    """Fifteen days are no news."""
    assert says(replace(FINE, expires_on=date(2026, 12, 5))) == ()


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        (TokenFacts(refused="401: invalid_token"), "does not accept BACKTRACE_GITLAB_TOKEN (401: invalid_token)"),
        (replace(FINE, revoked=True), "was revoked"),
        (replace(FINE, scopes=frozenset({"read_user"})), "scope read_user only: it can't read"),
        (replace(FINE, scopes=frozenset()), "no scope: it can't read"),
    ],
)
@pytest.mark.parametrize("writes", [True, False])
def test_a_token_of_no_use_is_a_problem(facts: TokenFacts, words: str, writes: bool) -> None:  # noqa: FBT001
    """Refused, revoked, or without a scope that reads."""
    (said,) = says(facts, writes=writes)

    assert said.startswith("problem: ")
    assert words in said


@pytest.mark.parametrize("scopes", [{"read_api"}, {"read_api", "read_user"}])
def test_a_scope_that_only_reads_is_told_where_writing_is_wanted(scopes: set[str]) -> None:
    """And then nothing is said of a role that would be needed for writing."""
    facts = replace(READER, scopes=frozenset(scopes))
    (said,) = says(facts)

    assert said.startswith("warning: ")
    assert "the buttons are links. Make one with scope api" in said
    assert says(facts, writes=False) == ()


def test_scopes_that_tell_nothing_are_no_reason_for_an_alarm() -> None:
    """A fine-grained token's list does not say what it may."""
    assert says(replace(FINE, scopes=frozenset({"granular"}))) == ()


@pytest.mark.parametrize(
    ("level", "words"),
    [
        (15, "below Developer in shop/web: assigning, paging, rolling back and timeline events will be refused"),
        (20, "below Developer in shop/web: assigning, paging, rolling back and timeline events will be refused"),
        (30, "below Maintainer in shop/web: rolling back may be refused"),
    ],
)
def test_a_role_too_low_for_the_buttons_is_told(level: int, words: str) -> None:
    """Where writing is wanted, and with what to do."""
    facts = replace(FINE, roles=(ProjectRole("shop/web", level, readable=True),))
    (said,) = says(facts)

    assert said.startswith("warning: ")
    assert words in said
    assert "role Maintainer" in said
    assert says(facts, writes=False) == ()


def test_a_project_that_cannot_be_read_is_told_and_all_of_them_are_a_problem() -> None:
    """One of several is a warning that names it; when none can be read, Backtrace answers nothing."""
    hidden = ProjectRole("shop/api", 0, readable=False)
    (one,) = findings(replace(FINE, roles=(MAINTAINER, hidden)), NOW, writes=True)
    (every,) = findings(replace(READER, roles=(hidden,)), NOW, writes=False)

    assert "may not read the deployments of shop/api: alerts there can't be traced" in one.says
    assert "role Maintainer there" in one.says
    assert "role Reporter there" in every.says
    assert (one.severity, every.severity) == (Severity.WARNING, Severity.PROBLEM)


def test_many_projects_make_one_sentence() -> None:
    """Three are named, the rest is counted; and the worst comes first."""
    roles = [ProjectRole(f"shop/s{n}", 30, readable=True) for n in range(5)]
    facts = replace(FINE, expires_on=date(2026, 11, 1), roles=tuple(roles))
    first, second = findings(facts, NOW, writes=True)

    assert isinstance(first, Finding)
    assert first.severity is Severity.PROBLEM
    assert "shop/s0, shop/s1, shop/s2 and 2 more" in second.says


@pytest.mark.parametrize(
    ("level", "readable", "words"),
    [
        (
            0,
            False,
            "can't read shop/incidents, where incidents are opened: assigning, paging and timeline events",
        ),
        (
            0,
            True,
            "below Reporter in shop/incidents, where incidents are opened: assigning, paging and timeline events",
        ),
        (
            10,
            False,
            "below Reporter in shop/incidents, where incidents are opened: assigning, paging and timeline events",
        ),
        (
            20,
            True,
            "below Developer in shop/incidents, where incidents are opened: timeline events will be refused",
        ),
    ],
)
def test_a_role_too_low_where_incidents_are_opened_is_told(level: int, readable: bool, words: str) -> None:  # noqa: FBT001
    """A warning: everything else works. Nothing where nothing is written anyway."""
    facts = replace(FINE, incident_roles=(ProjectRole("shop/incidents", level, readable=readable),))
    (said,) = says(facts)

    assert said.startswith("warning: ")
    assert words in said
    assert "the role Developer there" in said
    assert says(facts, writes=False) == ()
    assert says(replace(facts, scopes=frozenset({"read_api"}))) == says(replace(FINE, scopes=frozenset({"read_api"})))


def test_a_developer_where_incidents_are_opened_is_enough() -> None:
    """Nobody rolls back there."""
    assert says(replace(FINE, incident_roles=(ProjectRole("shop/incidents", 30, readable=True),))) == ()


def test_several_projects_for_incidents_make_one_sentence_a_kind() -> None:
    """Three are named, the rest is counted."""
    roles = [ProjectRole(f"shop/i{n}", 10, readable=True) for n in range(5)]
    (said,) = says(replace(FINE, incident_roles=tuple(roles)))
    assert "shop/i0, shop/i1, shop/i2 and 2 more, where" in said


@pytest.mark.parametrize(
    ("level", "incidents", "where"),
    [(40, 30, "shop/web, shop/incidents"), (30, 20, "shop/web"), (20, 20, ""), (0, 0, "")],
)
def test_it_is_told_where_a_timeline_can_be_written(level: int, incidents: int, where: str) -> None:
    """From Developer on (GitLab's issue policy), on every tier; a token that only reads writes none."""
    roles = (ProjectRole("shop/web", level, readable=True),)
    facts = replace(FINE, roles=roles, incident_roles=(ProjectRole("shop/incidents", incidents, readable=True),))

    assert timeline_written(facts) == (f"An incident's timeline can be written in {where}." if where else "")
    assert timeline_written(replace(facts, scopes=frozenset({"read_api"}))) == ""
