"""One hop into a library: what a new version brought, asked of the embedded GitLab with two projects."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pygit2
import pytest

from backtrace_core.alerts.stack import frames_in
from backtrace_core.model import (
    WINDOW,
    Alert,
    AlertStatus,
    Harvest,
    Library,
    NodeKind,
    Onset,
    Outcome,
    Relation,
    Scope,
    Service,
    Verdict,
)
from bot.investigate import investigate
from bot.sources.gitlab import GitLabSource
from sandbox.gitlab import BOT_TOKEN, GitLab, serve_gitlab
from sandbox.worlds import build
from sandbox.worlds.model import World
from tests.bot.gitlab.fake import client_of

T0 = datetime(2026, 11, 19, 13, 40, tzinfo=UTC)
LIBRARY = Library("linden-auth", "shop/linden-auth")
TEXT = "File \"/usr/lib/site-packages/linden_auth/tokens.py\", line 10, in subject\nKeyError: 'tenant'"
ALERT = Alert(
    "test", AlertStatus.FIRING, "sign-in fails", TEXT, T0, Onset(T0 - timedelta(minutes=5), T0), "f",
    frames=frames_in(TEXT),
)  # fmt: skip


@dataclass(frozen=True)
class Town:
    """A GitLab that plays the world ``library``, and a client of it."""

    gitlab: GitLab
    client: object

    @property
    def asked(self) -> list[str]:
        """The paths of all requests that were for the library's project."""
        return [one.request.path for one in self.gitlab.recorded if "linden-auth" in one.request.path]

    def source(self, *libraries: Library) -> GitLabSource:
        return GitLabSource(self.client, lambda: T0, libraries=libraries)  # type: ignore[arg-type]

    async def harvest(self, *libraries: Library) -> Harvest:
        return await self.source(*libraries).harvest(SCOPE, ALERT)

    async def verdict(self, *libraries: Library) -> Verdict:
        return await investigate(ALERT, SCOPE, self.source(*libraries), frozenset())


SCOPE = Scope(Service("account", "shop/account"), "production", ALERT.onset, T0 - WINDOW)


@asynccontextmanager
async def served(world: World) -> AsyncIterator[Town]:
    async with serve_gitlab(world, lambda: T0) as gitlab, client_of(gitlab.url, token=BOT_TOKEN) as client:
        yield Town(gitlab, client)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return build("library", T0, tmp_path)


@pytest.fixture
async def town(world: World) -> AsyncIterator[Town]:
    async with served(world) as made:
        yield made


def labels(harvest: Harvest) -> Iterator[str]:
    return (change.label for change in harvest.changes if change.project == LIBRARY.project)


async def test_what_a_new_version_brought_is_read(town: Town):
    """The merge requests between the two tags, with their diffs, linked by the change that took the version."""
    harvest = await town.harvest(LIBRARY)
    culprit = next(change for change in harvest.changes if change.label == "shop/linden-auth!7")
    hops = [fact for fact in harvest.facts if fact.relation is Relation.BUMPS]

    assert sorted(labels(harvest)) == ["shop/linden-auth!6", "shop/linden-auth!7"]
    assert culprit.files[0].hunks
    assert [item.iid for item in culprit.work_items] == [3]
    assert {(fact.subject.key, fact.object.key) for fact in hops} == {
        ("shop/account!52", "shop/linden-auth!6"),
        ("shop/account!52", "shop/linden-auth!7"),
    }
    assert all("/merge_requests/52/diffs#" in fact.url for fact in hops)
    assert harvest.gaps == ()


async def test_the_librarys_change_is_named_and_the_bump_is_gone_back_from(town: Town):
    """Its path leads over the bump; git is asked about the bump, and the target is free of that."""
    verdict = await town.verdict(LIBRARY)
    (named,) = verdict.named

    assert verdict.outcome is Outcome.NAMED
    assert named.candidate.change.key == "shop/linden-auth!7"
    assert named.candidate.via is not None
    assert named.candidate.via.key == "shop/account!52"
    kinds = [fact.subject.kind for fact in named.candidate.path if fact.relation in {"DEPLOYED_TO", "BUMPS"}]
    assert kinds == [NodeKind.CHANGE, NodeKind.CHANGE]
    assert verdict.rollback is not None
    assert verdict.rollback.target is not None
    assert "shop/account!52" in [ref.key for ref in verdict.rollback.undoes]
    assert "shop/account!52" in [suspect.candidate.change.key for suspect in verdict.suspects]


@pytest.mark.parametrize("libraries", [(), (Library("linden-money", "shop/linden-auth"),)])
async def test_an_unknown_package_is_not_followed(town: Town, libraries: tuple[Library, ...]):
    """Where the settings name no such package nothing more is asked."""
    harvest = await town.harvest(*libraries)

    assert list(labels(harvest)) == []
    assert town.asked == []
    assert harvest.gaps == ()


async def test_few_requests_follow_a_bump(town: Town):
    """One compare, two pages of merge requests, what is mentioned; of each change its diff and what it closes."""
    await town.harvest(LIBRARY)
    assert len(town.asked) == 8


async def test_a_missing_tag_is_a_gap(town: Town):
    """It names the package and its versions; the bump itself stays a candidate."""
    harvest = await town.harvest(replace(LIBRARY, tag="release-{version}"))

    assert list(labels(harvest)) == []
    assert "shop/account!52" in [change.key for change in harvest.changes]
    (gap,) = harvest.gaps
    assert gap.what == "what a new version brought of linden-auth 1.4.2 to 1.5.0 (shop/linden-auth)"
    assert gap.why == "not found, or the token may not see it"


async def test_a_tag_without_v_is_found(town: Town):
    """Where the settings say nothing, both usual names are tried."""
    git = pygit2.Repository(str(town.gitlab.states["shop/linden-auth"].project.repository))
    for version in ("1.4.2", "1.5.0"):
        tag = git.references[f"refs/tags/v{version}"]
        git.references.create(f"refs/tags/{version}", tag.target)
        tag.delete()
    assert "shop/linden-auth!7" in labels(await town.harvest(LIBRARY))


async def test_a_library_out_of_sight_is_a_gap(town: Town):
    """The token sees the service and not the library: said, and the rest goes on."""
    state = town.gitlab.states["shop/linden-auth"]
    state.levels[state.bot.username] = 0
    verdict = await town.verdict(LIBRARY)

    assert "not found, or the token may not see it" in [gap.why for gap in verdict.gaps]
    assert "shop/account!52" in [suspect.candidate.change.key for suspect in verdict.suspects]


async def test_a_downgrade_brings_nothing(world: World):
    """Going back to an older version takes away: no change of the library is a candidate, and nothing is missing."""
    git = pygit2.Repository(str(world.more[0].project.repository))
    old, new = (git.references[f"refs/tags/{name}"].target for name in ("v1.4.2", "v1.5.0"))
    git.references["refs/tags/v1.4.2"].set_target(new)
    git.references["refs/tags/v1.5.0"].set_target(old)
    async with served(world) as town:
        harvest = await town.harvest(LIBRARY)

    assert list(labels(harvest)) == []
    assert harvest.gaps == ()


async def test_a_bump_that_shipped_too_late_is_not_followed(town: Town):
    """A version that was taken after the trouble began explains nothing, and costs nothing."""
    onset = Onset(T0 - timedelta(hours=2), T0 - timedelta(hours=1))
    early = replace(SCOPE, onset=onset)
    harvest = await town.source(LIBRARY).harvest(early, replace(ALERT, onset=onset))

    assert town.asked == []
    assert list(labels(harvest)) == []
