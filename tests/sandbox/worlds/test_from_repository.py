from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pygit2
import pytest
from pygit2.enums import ObjectType

from sandbox.worlds.from_repository import world_of_repository
from sandbox.worlds.git import Note, Repository
from sandbox.worlds.model import User, World
from sandbox.worlds.moving import moved
from sandbox.worlds.patch import Edit
from tests.sandbox.worlds.history import contains, opened, paths_of, shas_of

START = datetime(2024, 5, 6, 9, tzinfo=UTC)


def person(name: str, email: str) -> User:
    return User(0, "", name, email, 30, "")


ADA = person("Ada", "ada@one.example")
OTHER_ADA = person("Ada L.", "Ada@two.example")
BO = person("Bo Björk", "1234+bo.b@users.noreply.github.example")
BOT = person("renovate[bot]", "bot@renovate.example")


class Author:
    """Writes a small history, an hour a step."""

    def __init__(self, path: Path) -> None:
        self.git = Repository(path, "trunk")
        self._hours = 0
        self._files = 0

    def push(self, message: str, who: User = ADA) -> str:
        sha = self.git.commit(self._note(message, who), [self._file()], self.git.tip if self.git.started else None)
        self.git.advance(sha)
        return sha

    def merge(self, message: str, who: User, merger: User) -> str:
        head = self.git.commit(self._note("work", who), [self._file()], self.git.tip)
        merged = self.git.merge(self._note(message, merger), self.git.tip, head)
        self.git.advance(merged)
        return merged

    def tag(self, name: str, sha: str) -> None:
        self.git.point(f"refs/tags/{name}", sha)

    def _note(self, message: str, who: User) -> Note:
        self._hours += 1
        return Note(message, who, START + timedelta(hours=self._hours))

    def _file(self) -> Edit:
        self._files += 1
        return Edit(f"src/file{self._files}.py", ((f"+x = {self._files}",),))


@pytest.fixture
def written(tmp_path: Path) -> Author:
    """A root; a merge as GitLab writes it, one as GitHub does, one by hand; two squashes, one number taken; a push."""
    author = Author(tmp_path / "shop.git")
    author.push("Start")
    author.merge("Merge branch 'fix-it' into 'trunk'\n\nFix it\n\nSee merge request a/b!7", BO, ADA)
    author.merge("Merge pull request #9 from bo/faster\n\nMake it faster", BO, ADA)
    author.push("Tidy up (#7)\n\nBecause.", OTHER_ADA)
    author.merge("Merge by hand", BOT, ADA)
    author.push("Say hello (!12)", BO)
    author.push("Straight to trunk", BO)
    return author


@pytest.fixture
def world_of(written: Author, tmp_path: Path) -> Callable[..., World]:
    copies = count()

    def build(at: datetime | None = None, every: int = 2, symptom: str = "500s on <login>") -> World:
        return world_of_repository(written.git.path, symptom, at, every, tmp_path / f"copy{next(copies)}")

    return build


def test_merges_and_squashes_become_merge_requests(world_of: Callable[..., World]) -> None:
    """Merge and squash commits are merge requests under their own number where it is free; pushes are none."""
    world = world_of()

    assert [(c.iid, c.title, c.author, c.merged_by) for c in world.merge_requests] == [
        (7, "Fix it", "bo.b", "ada"),
        (9, "Make it faster", "bo.b", "ada"),
        (13, "Tidy up", "ada2", "ada2"),
        (14, "Merge by hand", "bot", "ada"),
        (12, "Say hello", "bo.b", "bo.b"),
    ]
    assert [bool(c.merge_commit_sha) for c in world.merge_requests] == [True, True, False, True, False]
    assert [bool(c.squash_commit_sha) for c in world.merge_requests] == [False, False, True, False, True]
    assert [c.source_branch for c in world.merge_requests][:2] == ["fix-it", "faster"]
    assert paths_of(world, world.merge_requests[1]) == {"src/file3.py"}


def test_shas_people_and_dates_are_real(world_of: Callable[..., World], written: Author) -> None:
    """The copy has the very commits of the source; dates and addresses are those of git."""
    world = world_of()
    source = pygit2.Repository(str(written.git.path))

    assert all(sha in source and sha in opened(world) for sha in shas_of(world))
    assert world.merge_requests[0].merged_at == START + timedelta(hours=3)
    assert world.merge_requests[0].created_at == START + timedelta(hours=2)
    assert {user.email: user.bot for user in world.users} == {
        "ada@one.example": False,
        "1234+bo.b@users.noreply.github.example": False,
        "ada@two.example": False,
        "bot@renovate.example": True,
    }
    assert [user.username for user in world.users if user.access_level == 40] == ["ada"]
    assert world.project.repository != written.git.path
    assert world.project.default_branch == "trunk"


def test_every_so_many_merge_requests_are_deployed(world_of: Callable[..., World]) -> None:
    """Something is live before, then each second merge request, then what is left; the alert follows the last."""
    world = world_of(every=2)
    shipped = [sum(contains(world, d, change) for change in world.merge_requests) for d in world.deployments]

    assert shipped == [0, 2, 4, 5]
    assert world.deployments[-1].finished_at == world.t0 - timedelta(minutes=10)
    assert world.deployments[-1].sha == str(opened(world).head.target)
    assert world.expect is None


def test_three_tags_are_what_is_deployed(written: Author, world_of: Callable[..., World]) -> None:
    """From three tags on the main line on, they are the deployments; one elsewhere does not count."""
    repository = pygit2.Repository(str(written.git.path))
    line = [str(c.id) for c in repository.walk(repository.head.target) if len(c.parent_ids) != 1][::-1]
    written.tag("v1", line[0])
    written.tag("v2", line[1])
    written.tag("aside", str(repository[line[1]].peel(pygit2.Commit).parent_ids[1]))
    two = [d.ref for d in world_of().deployments]
    written.tag("v3", line[3])

    assert set(two) == {"trunk"}
    assert [(d.ref, d.sha) for d in world_of().deployments] == [("v1", line[0]), ("v2", line[1]), ("v3", line[3])]


def test_the_alert_can_be_earlier(world_of: Callable[..., World]) -> None:
    """With a time of one's own the world ends there: later commits and deployments are unknown to it."""
    at = START + timedelta(hours=5, minutes=30)
    world = world_of(at)

    assert world.t0 == at
    assert [change.iid for change in world.merge_requests] == [7, 9]
    assert all(d.finished_at is not None and d.finished_at <= at for d in world.deployments)
    assert opened(world)[opened(world).head.target].peel(pygit2.Commit).commit_time <= at.timestamp()


def test_the_symptom_is_posted_escaped(world_of: Callable[..., World]) -> None:
    """The alert is a plain webhook post that names service, environment and symptom."""
    world = world_of()

    assert world.alert.firing["text"] == ":rotating_light: shop [production] 500s on &lt;login&gt;"
    assert "Resolved: shop [production]" in world.alert.resolved["text"]


def test_old_encodings_are_read(tmp_path: Path) -> None:
    """A message and a name in Latin-1 lose a letter, never the world."""
    author = Author(tmp_path / "latin.git")
    parent = author.push("Start")
    raw = f"tree {pygit2.Repository(str(author.git.path))[parent].peel(pygit2.Tree).id}\nparent {parent}\n"
    bjorn = "Bj\u00f6rn <b@x.example> 1715000000 +0000"
    raw += f"author {bjorn}\ncommitter {bjorn}\n\nGr\u00fc\u00dfe (#4)\n"
    repository = pygit2.Repository(str(author.git.path))
    author.git.advance(str(repository.odb.write(ObjectType.COMMIT, raw.encode("latin-1"))))

    world = world_of_repository(author.git.path, "slow", None, 1, tmp_path / "copy")

    assert [(change.iid, change.title[:2], change.author) for change in world.merge_requests] == [(4, "Gr", "b")]


def test_only_pushes_make_a_world_too(tmp_path: Path) -> None:
    """A history without any merge request is deployed every so many commits."""
    author = Author(tmp_path / "plain.git")
    for n in range(5):
        author.push(f"Step {n}")

    world = world_of_repository(author.git.path, "slow", None, 2, tmp_path / "copy")

    assert world.merge_requests == ()
    assert len(world.deployments) == 3


def test_what_cannot_be_done_is_said_with_what_to_do(tmp_path: Path, world_of: Callable[..., World]) -> None:
    """No repository, no commit, no symptom, no zone, too early: each is a sentence."""
    (tmp_path / "folder").mkdir()
    pygit2.init_repository(str(tmp_path / "empty"))

    with pytest.raises(ValueError, match="is not a git repository: give"):
        world_of_repository(tmp_path / "folder", "slow", None, 2, tmp_path / "copy")
    with pytest.raises(ValueError, match="is not a git repository: give"):
        world_of_repository(tmp_path / "nowhere", "slow", None, 2, tmp_path / "copy")
    with pytest.raises(ValueError, match="has no commit on its current branch: commit"):
        world_of_repository(tmp_path / "empty", "slow", None, 2, tmp_path / "copy")
    with pytest.raises(ValueError, match="choose a later time"):
        world_of(START - timedelta(days=1))
    with pytest.raises(ValueError, match=r"nothing of .* was live"):
        world_of(START + timedelta(hours=1, minutes=3))
    with pytest.raises(ValueError, match="time zone"):
        world_of(datetime(2024, 5, 7))  # noqa: DTZ001 - the missing zone is what is tested
    with pytest.raises(ValueError, match="say what went wrong"):
        world_of(symptom=" ")
    with pytest.raises(ValueError, match="at least one"):
        world_of(every=0)


def test_a_world_can_be_moved(world_of: Callable[..., World]) -> None:
    """Moving keeps every distance to the alert and every sha."""
    world = world_of()
    later = moved(world, world.t0 + timedelta(days=400))

    assert later.t0 - world.t0 == timedelta(days=400)
    assert [later.t0 - c.merged_at for c in later.merge_requests] == [
        world.t0 - c.merged_at for c in world.merge_requests
    ]
    assert [d.finished_at for d in later.deployments] == [
        d.finished_at + timedelta(days=400) for d in world.deployments if d.finished_at
    ]
    assert list(shas_of(later)) == list(shas_of(world))
