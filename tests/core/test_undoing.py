"""What going back takes away beside the suspects, and what has happened already."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backtrace_core.model import (
    Candidate,
    Change,
    ChangeRef,
    Deployment,
    DeploymentStatus,
    FileDiff,
    Lineage,
    RollbackPlan,
    Suspect,
)
from backtrace_core.rollback import choose_rollback, last_deployment_plan, what_to_ask
from backtrace_core.targets import TargetFacts
from backtrace_core.undoing.also import is_dependencies, is_infrastructure
from backtrace_core.undoing.fixes import Culprit
from tests.core.builders import Shipped, before, change, changed, deployment, harvest, lineage, lines, person

BAD = change(45, "Bad", changed("a.py"))
TARGET, SHIPS = deployment(1, before(300)), deployment(4, before(6))
OLD = change(41, "Faster checkout", changed("c.py"))
ADDS = "class Migration:\n    operations = [migrations.AddField('a', 'b', c)]"


def suspects(by: Deployment = SHIPS) -> tuple[Suspect, ...]:
    return (Suspect(Candidate(BAD, by, ()), (), 0.9),)


def plan(*others: Change, culprits: tuple[Culprit, ...] = (), known: tuple[Change, ...] = ()) -> RollbackPlan:
    shipped = ((TARGET, known), (SHIPS, (BAD, *others)))
    found = harvest(*shipped)
    asked = what_to_ask(found, suspects())
    return choose_rollback(found, suspects(), lineage(*shipped), asked, TargetFacts(culprits=culprits))


def said(*others: Change, culprits: tuple[Culprit, ...] = (), known: tuple[Change, ...] = ()) -> list[str]:
    return [caution.says for caution in plan(*others, culprits=culprits, known=known).cautions]


def migration(path: str, text: str) -> FileDiff:
    return FileDiff(path, path, (lines(*text.split("\n")),), new_file=True)


def test_a_migration_says_what_its_way_back_looks_like_and_links_the_line() -> None:
    """The worst one of a change stands for it; nobody claims to have run anything."""
    good = migration("shop/migrations/0001_a.py", ADDS)
    bad = migration("shop/migrations/0002_b.py", "x = 1\nmigrations.RemoveField('order', 'slot')")
    (one,) = plan(change(60, "Slots", good)).cautions
    (both,) = plan(change(60, "Slots", good, bad)).cautions

    assert one.says == (
        "!60 migrated the database (shop/migrations/0001_a.py): going back does not undo that, and older code may not "
        "fit it. It looks reversible, by the rules of Django; nobody has run it backwards"
    )
    assert "(shop/migrations/0002_b.py and 1 more)" in both.says
    assert "It doesn't look reversible (line 2): it drops a column, and what was in there is lost" in both.says
    assert both.url.endswith("_0_2")
    assert "/diffs#" in both.url


def test_a_script_that_undoes_a_migration_is_none_itself() -> None:
    """Flyway's ``U7`` runs when somebody asks for it."""
    several = (migration("db/migration/V7__a.sql", "SELECT 1;"), migration("db/migration/U7__a.sql", "SELECT 2;"))
    (caution,) = plan(change(60, "Slots", *several)).cautions

    assert "(db/migration/V7__a.sql)" in caution.says
    assert "looks reversible" in caution.says


def test_settings_packages_and_machines_are_listed_apart_with_whose_they_are() -> None:
    """They are undone as well, and the card stays short: only the modal has them."""
    files = ("config/app.yml", "requirements.txt", "deploy/web.yaml", "Dockerfile", "app/a.py", "tests/config/app.yml")
    found = plan(change(60, "Slots", *(changed(path) for path in files)))

    assert [caution.says for caution in found.also] == [
        "Settings: config/app.yml (!60)",
        "Dependencies: requirements.txt (!60)",
        "Infrastructure: deploy/web.yaml (!60), Dockerfile (!60)",
    ]
    assert found.cautions == ()


@pytest.mark.parametrize(
    "path", ["infra/main.tf", "a/Dockerfile.prod", "docker-compose.yml", ".gitlab-ci.yml", "helm/web/values.yaml"]
)
def test_what_describes_machines(path: str) -> None:
    """Infrastructure is neither settings nor packages."""
    assert is_infrastructure(path)
    assert not is_dependencies(path)


@pytest.mark.parametrize("path", ["go.mod", "package-lock.json", "uv.lock", "Gemfile", "pom.xml", "pyproject.toml"])
def test_what_lists_packages(path: str) -> None:
    """Lists and locks alike."""
    assert is_dependencies(path)
    assert not is_infrastructure(path)


def reverting(*refs: Change) -> Change:
    back = tuple(ChangeRef(one.key, one.label, one.title, one.url, "vani") for one in refs)
    return replace(change(50, 'Revert "Faster checkout"', changed("c.py")), reverts=back)


def test_a_fix_for_another_incident_that_would_be_lost_is_named_with_it() -> None:
    """Going back would bring the culprit of last week back."""
    earlier = Culprit(OLD.key, "CheckoutErrors", "https://acme.slack.test/1")
    (caution,) = plan(reverting(OLD), culprits=(earlier,)).cautions

    assert caution.says == '!50 took !41 back, the likely culprit of "CheckoutErrors": going back brings it back'
    assert caution.url == earlier.url


FIXES = {
    "revert": (reverting(OLD), "!50 took !41 back: going back brings it back"),
    "label": (replace(change(51, "Null check", changed("d.py")), labels=("type::incident",)), "(label type::incident)"),
    "branch": (replace(change(51, "Null check", changed("d.py")), source_branch="hotfix/null"), "(branch hotfix/null)"),
    "title": (change(51, "Hotfix: null check", changed("d.py")), "(by its title)"),
}


@pytest.mark.parametrize(("fix", "says"), FIXES.values(), ids=FIXES)
def test_what_looks_like_a_fix_is_said(fix: Change, says: str) -> None:
    """By what it takes back, its label, its branch or its title."""
    assert [says in one for one in said(fix)] == [True]


@pytest.mark.parametrize(
    "other", [change(51, "Fix typo in footer", changed("d.py")), change(51, "Incidents page", changed("d.py"))]
)
def test_an_ordinary_change_is_no_fix_of_an_incident(other: Change) -> None:
    """Half of all titles begin with "Fix"."""
    assert said(other) == []


def test_what_goes_away_together_with_what_it_took_back_loses_nothing() -> None:
    """Both shipped after the target: going back leaves neither."""
    assert said(OLD, reverting(OLD)) == []


def test_the_suspect_itself_is_no_lost_fix() -> None:
    """A bad hotfix is what is gone back from."""
    bad = replace(BAD, title="Hotfix: sessions")
    shipped = ((TARGET, ()), (SHIPS, (bad,)))
    found, several = harvest(*shipped), (Suspect(Candidate(bad, SHIPS, ()), (), 0.9),)

    assert choose_rollback(found, several, lineage(*shipped), what_to_ask(found, several)).cautions == ()


@pytest.mark.parametrize("status", [DeploymentStatus.RUNNING, DeploymentStatus.BLOCKED, DeploymentStatus.CREATED])
def test_the_suspects_deployment_that_is_not_over_is_cancelled_first(status: DeploymentStatus) -> None:
    """Else it would go live after the rollback; one that waits for a person is no different."""
    ships = replace(deployment(4, None), status=status)
    shipped = ((TARGET, ()), (ships, (BAD,)))
    found = harvest(*shipped)
    git = Lineage(undone=((TARGET.id, (BAD.key,)),))
    made = choose_rollback(found, suspects(ships), git, what_to_ask(found, suspects(ships)))

    assert (made.cancel, made.target) == (ships, TARGET)


# --- what moved already


def by(row: Deployment, username: str) -> Deployment:
    return replace(row, deployer=replace(person(username), name="GitLab Alert Bot"))


MIDDLE = (deployment(2, before(200), version="b", pipeline=101), (BAD,))
NEWEST = (deployment(3, before(100), version="c", pipeline=102), ())
FIRST = (deployment(1, before(300), version="a", pipeline=100), ())


def moved(to: str, pipeline: int, username: str) -> tuple[Shipped, ...]:
    return (FIRST, MIDDLE, NEWEST, (by(deployment(9, before(2), version=to, pipeline=pipeline), username), ()))


def decided(shipped: tuple[Shipped, ...]) -> RollbackPlan:
    several = suspects(MIDDLE[0])
    git = Lineage(frozenset({(d.id, BAD.key) for d, _ in shipped if d.sha != FIRST[0].sha}), undone=((1, (BAD.key,)),))
    found = harvest(*shipped)
    return choose_rollback(found, several, git, what_to_ask(found, several))


@pytest.mark.parametrize("username", ["alert-bot", "alert-bot2"])
def test_gitlabs_auto_rollback_that_went_far_enough_leaves_nothing_to_do(username: str) -> None:
    """It already moved: the plan says who did it."""
    found = decided(moved("a", 100, username))

    assert found.target is None
    assert found.why_none.endswith("is live and does not contain it. GitLab's auto rollback did it.")


def test_gitlabs_auto_rollback_goes_one_step_and_that_may_not_be_enough() -> None:
    """It takes the deployment before, whatever is in it; the target stays the one that is free of the suspect."""
    found = decided(moved("b", 101, "alert-bot"))

    assert found.target == FIRST[0]
    assert found.cautions[0].says.startswith("GitLab's auto rollback took production back 2 min ago, to deployment 9")
    assert found.cautions[0].says.endswith("that is not far enough")


def test_a_persons_rollback_is_not_called_gitlabs() -> None:
    """Nor that of a user whose name only begins like the bot's."""
    for username in ("mara", "alert-bots-friend"):
        assert decided(moved("b", 101, username)).cautions[0].says.startswith("GitLab Alert Bot took production back")
        assert "auto rollback" not in decided(moved("a", 100, username)).why_none


def test_without_a_suspect_the_auto_rollback_is_named_too() -> None:
    """One step more would take away what was good."""
    shipped = moved("b", 101, "alert-bot")

    assert "2 min ago by GitLab's auto rollback" in last_deployment_plan(harvest(*shipped), lineage(*shipped)).why_none
