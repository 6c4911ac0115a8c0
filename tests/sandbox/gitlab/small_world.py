"""A small world: acme/checkout, a good deployment 501, a bad one 502 that shipped !87 and !88."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pygit2

from sandbox.worlds.model import (
    Deployment,
    Environment,
    Expectation,
    Firing,
    Issue,
    MergeRequest,
    Project,
    User,
    World,
)

T0 = datetime(2026, 11, 21, 14, 58, tzinfo=UTC)
POOL = (
    "class Pool:\n    def acquire(self):\n        return self._new()\n\n    def release(self, c):\n        c.close()\n"
)
START = {"checkout/pool.py": POOL, "locale/sl.json": '{"pay": "Plačaj"}\n', "uv.lock": "version = 1\n"}

ANA = User(7, "ana", "Ana Kovac", "ana@example.com", 30, "U0ANA")
BO = User(8, "bo", "Bo Larsen", "bo@example.com", 40, "U0BO")
CY = User(11, "cy", "Cy Gast", "cy@example.com", 0, "U0CY")
GIL = User(12, "gil", "Gil Reporter", "gil@example.com", 20, "U0GIL")


class History:
    """Writes commits into a bare repository; ``tree`` is the whole content of each."""

    def __init__(self, path: Path) -> None:
        self.git = pygit2.init_repository(str(path), bare=True, initial_head="main")

    def commit(self, who: User, at: datetime, message: str, tree: Mapping[str, str], *parents: str) -> str:
        index = pygit2.Index()
        for name, text in tree.items():
            blob = self.git.create_blob(text.encode())
            index.add(pygit2.IndexEntry(name, blob, pygit2.enums.FileMode.BLOB))
        signature = pygit2.Signature(who.name, who.email, int(at.timestamp()), 0)
        return str(
            self.git.create_commit(None, signature, signature, message, index.write_tree(self.git), list(parents))
        )

    def publish(self, sha: str) -> None:
        self.git.references.create("refs/heads/main", sha, force=True)


DAY, HOUR = timedelta(days=1), timedelta(hours=1)
ENVIRONMENTS = (
    Environment(12, "production", "production", "https://checkout.example.com", T0 - 600 * DAY),
    Environment(13, "review/i18n-sl", "development", None, T0 - DAY),
)


@dataclass(frozen=True, slots=True)
class Shas:
    tax: str
    good: str
    words: str
    middle: str
    pool: str
    bad: str


def _written(folder: Path) -> Shas:
    history = History(folder / "checkout.git")
    day, hour = DAY, HOUR
    root = history.commit(BO, T0 - 9 * day, "Start\n", START)
    tax_tree = {**START, "checkout/tax.py": "RATE = 22\n"}
    tax = history.commit(BO, T0 - 30 * hour, "Fix the tax rate", tax_tree, root)
    good = history.commit(BO, T0 - 29.9 * hour, "Merge branch 'tax-fix' into 'main'\n", tax_tree, root, tax)
    words_tree = {**tax_tree, "locale/sl.json": '{"pay": "Plačaj zdaj"}\n'}
    words = history.commit(BO, T0 - 5 * hour, "Update Slovene strings", words_tree, tax)
    middle = history.commit(BO, T0 - 4 * hour, "Merge branch 'i18n-sl' into 'main'\n", words_tree, good, words)
    changed = {
        "checkout/pool.py": POOL.replace("self._new()", "self._shared"),
        "uv.lock": "version = 2\n",
    }
    pool = history.commit(ANA, T0 - 3 * hour, "Share the pool\n\nSee #41", {**tax_tree, **changed}, good)
    merged = "Merge branch 'retry-pool' into 'main'\n\nSee merge request acme/checkout!88\n"
    bad = history.commit(ANA, T0 - 0.9 * hour, merged, {**words_tree, **changed}, middle, pool)
    history.publish(bad)
    return Shas(tax, good, words, middle, pool, bad)


def small_world(folder: Path) -> World:
    shas, day, hour = _written(folder), DAY, HOUR
    return World(
        name="small",
        summary="A shared connection pool breaks the checkout.",
        t0=T0,
        project=Project(4711, "acme/checkout", "checkout", "main", "private", T0 - 900 * day, folder / "checkout.git"),
        environments=ENVIRONMENTS,
        users=(ANA, BO, CY, GIL),
        issues=(
            Issue(9001, 40, "Retries open too many connections", "", "bo", T0 - 5 * day),
            Issue(9002, 41, "Card numbers in the log", "", "bo", T0 - 4 * day, confidential=True),
        ),
        merge_requests=(
            _merge(86, "Fix the tax rate", "tax-fix", (T0 - 29.9 * hour, shas.tax, shas.good), author="bo"),
            _merge(87, "Update Slovene strings", "i18n-sl", (T0 - 4 * hour, shas.words, shas.middle), author="bo"),
            _merge(88, "Reuse one connection pool for retries", "retry-pool", (T0 - 0.9 * hour, shas.pool, shas.bad)),
        ),
        deployments=(
            _deployed((501, 8001, 900), shas.good, T0 - 29.8 * hour, user="bo"),
            _deployed((502, 8100, 915), shas.bad, T0 - 0.8 * hour, user="ana"),
            _deployed((500, 8050, 905), shas.words, T0 - 4.5 * hour, user="bo", environment="review/i18n-sl"),
        ),
        service="checkout",
        aliases=(),
        alert=Firing({}, {}),
        script=(),
        expect=Expectation("named", 88, "ana", 40, 502, 501, shas.good[:8], "rolled_back"),
    )


def _merge(iid: int, title: str, branch: str, merged: tuple[datetime, str, str], author: str = "ana") -> MergeRequest:
    at, head, commit = merged
    return MergeRequest(
        id=3000 + iid,
        iid=iid,
        title=title,
        description="Closes #40, see #41" if iid == 88 else "",
        author=author,
        merged_by="bo",
        source_branch=branch,
        target_branch="main",
        created_at=at - timedelta(days=1),
        merged_at=at,
        sha=head,
        merge_commit_sha=commit,
        squash_commit_sha=None,
        labels=("backend",) if iid == 88 else (),
        closes=(40,) if iid == 88 else (),
        approved_by=("bo",),
    )


def _deployed(
    ids: tuple[int, int, int], sha: str, at: datetime, *, user: str, environment: str = "production"
) -> Deployment:
    number, job, pipeline = ids
    return Deployment(
        id=number,
        iid=number - 430,
        environment=environment,
        sha=sha,
        ref="main" if environment == "production" else "i18n-sl",
        status="success",
        created_at=at,
        started_at=at + timedelta(seconds=30),
        finished_at=at + timedelta(seconds=90),
        user=user,
        job_id=job,
        pipeline_id=pipeline,
    )
