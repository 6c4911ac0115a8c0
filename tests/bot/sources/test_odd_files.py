"""Files that are no plain text of a plain name: withheld, binary, moved, written by tools, very many, oddly named."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from backtrace_core.hidden import hides_candidates
from backtrace_core.model import (
    Alert,
    AlertStatus,
    Change,
    FileDiff,
    Frame,
    Harvest,
    Onset,
    Outcome,
    Scope,
    Service,
    Verdict,
)
from bot.gitlab.shapes import LONGEST_DESCRIPTION
from bot.investigate import investigate
from bot.slack.evidence import speaking_for
from bot.sources.files import MOST_FILES
from bot.sources.gitlab import GitLabSource
from sandbox.gitlab import BOT_TOKEN, serve_gitlab
from sandbox.worlds.model import MergeRequest, World
from tests.bot.gitlab.fake import client_of
from tests.sandbox.gitlab.small_world import ANA, BO, T0, History, small_world

Tree = Mapping[str, str]

HOUR = timedelta(hours=1)
ONSET = Onset(T0 - timedelta(minutes=10), T0)
START = {"README.md": "Shop\n", "shop/cart.py": "total = 1\n"}
LONG = "".join(f"line_{n} = {n}\n" for n in range(20_000))


def world_of(folder: Path, before: Tree, *after: Tree, description: str = "") -> World:
    """Deployment 501 is ``before``; 502 brought one merge request for each of ``after``: !88 the first, !89, …"""
    small = small_world(folder)
    history = History(folder / "odd.git")
    good = live = history.commit(BO, T0 - 30 * HOUR, "Start", before)
    made: list[MergeRequest] = []
    for place, tree in enumerate(after):
        at = T0 - (3 - place / 10) * HOUR
        head = history.commit(ANA, at, f"Work {place}", tree, live)
        live = history.commit(BO, at + timedelta(minutes=1), f"Merge {place}", tree, live, head)
        made.append(
            replace(
                small.merge_requests[-1], id=4000 + place, iid=88 + place, title=f"Part {place}", sha=head, closes=(),
                merge_commit_sha=live, description=description, source_branch=f"part-{place}", merged_at=at,
            )
        )  # fmt: skip
    history.publish(live)
    rows = [row for row in small.deployments if row.environment == "production"]
    return replace(
        small,
        project=replace(small.project, repository=folder / "odd.git"),
        merge_requests=tuple(made),
        deployments=tuple(replace(row, sha=good if row.id == 501 else live) for row in rows),
    )


def asked(text: str = "Errors", *frames: Frame) -> Alert:
    return Alert("test", AlertStatus.FIRING, text, text, T0, ONSET, "f", frames=frames)


@dataclass
class Answer:
    harvest: Harvest
    verdict: Verdict
    requests: list[str]

    @property
    def change(self) -> Change:
        return next(change for change in self.harvest.changes if change.iid == 88)

    def file(self, path: str) -> FileDiff:
        return next(file for file in self.change.files if file.path == path)

    @property
    def gaps(self) -> list[tuple[str, str]]:
        return [(gap.what, gap.why) for gap in self.harvest.gaps]

    @property
    def says(self) -> list[str]:
        return [evidence.says for suspect in self.verdict.suspects for evidence in suspect.evidence]


async def answer(world: World, alert: Alert) -> Answer:
    scope = Scope(Service("checkout", world.project.path), "production", ONSET, T0 - 20 * HOUR)
    async with serve_gitlab(world, lambda: T0) as gitlab, client_of(gitlab.url, token=BOT_TOKEN, timeout_s=20) as one:
        source = GitLabSource(one, lambda: T0)
        harvest = await source.harvest(scope, alert)
        requests = [seen.request.path for seen in gitlab.recorded]
        return Answer(harvest, await investigate(alert, scope, source, frozenset()), requests)


async def test_a_file_too_large_to_show(tmp_path: Path):
    """Its text is withheld: its path still speaks, the gap says whose text is missing, and hides nobody."""
    found = await answer(world_of(tmp_path, START, {**START, "shop/table.py": LONG}), asked("shop/table.py fails"))

    assert (found.file("shop/table.py").text_missing, found.file("shop/table.py").hunks) == (True, ())
    assert "Changes shop/table.py, which the alert names" in found.says
    assert found.gaps == [("some of the diff of !88", "collapsed, or too large for GitLab to show")]
    assert not any(hides_candidates(gap) for gap in found.harvest.gaps)


async def test_a_frame_in_a_file_without_text_still_counts(tmp_path: Path):
    """Blame needs no diff."""
    world = world_of(tmp_path, START, {**START, "shop/table.py": LONG})
    found = await answer(world, asked("web 5xx", Frame("/srv/shop/shop/table.py", 7_000)))

    assert found.verdict.outcome is Outcome.NAMED
    assert any(says.startswith("Line 7000 of shop/table.py") for says in found.says)


async def test_a_binary_file_is_no_gap(tmp_path: Path):
    """There is nothing to read in it; its name counts, and the other file is read."""
    tree = {**START, "shop/cart.py": "total = 2\n", "static/icons.png": "\0PNG\0"}
    found = await answer(world_of(tmp_path, START, tree), asked("icons broken"))

    assert found.file("static/icons.png").text_missing
    assert found.file("shop/cart.py").hunks
    assert found.gaps == []
    assert 'Changes static/icons.png, and the alert says "icons"' in found.says


BODY = "".join(f"step_{n}()\n" for n in range(40))


async def test_a_renamed_file_goes_by_both_names(tmp_path: Path):
    """The alert names the old path, and its frame passes a changed line of the old file."""
    before = {**START, "billing/ledger.py": BODY}
    after = {**START, "accounts/book.py": BODY.replace("step_30()", "step_thirty()")}
    named = await answer(world_of(tmp_path / "a", before, after), asked("billing/ledger.py fails"))
    traced = await answer(world_of(tmp_path / "b", before, after), asked("web", Frame("/srv/x/billing/ledger.py", 31)))
    worded = await answer(world_of(tmp_path / "c", before, after), asked("LedgerErrors"))

    assert named.file("accounts/book.py").renamed_file
    assert "Renames billing/ledger.py, which the alert names" in named.says
    assert any("billing/ledger.py:31, inside the lines that it changes" in says for says in traced.says)
    assert 'Changes accounts/book.py, and the alert says "ledger"' in worded.says


@pytest.mark.parametrize(
    "path", ["vendor/github.com/lib/pq/conn.go", "third_party/jquery/core.js", "node_modules/x/a.js", "go.sum"]
)
async def test_what_others_wrote_matches_no_words(tmp_path: Path, path: str):
    """Vendored code and lock files have every word: only the own file's words count."""
    text = "connection refused to payment gateway\n" * 3
    after = {**START, path: text}, {**START, path: text, "shop/cart.py": "gateway = 2\n"}
    found = await answer(world_of(tmp_path, START, *after), asked("PaymentGatewayRefused connection"))
    by_label = {s.candidate.change.label: [e.says for e in s.evidence] for s in found.verdict.suspects}

    assert not any(path in says or 'the alert says "' in says for says in by_label["!88"])
    assert any("shop/cart.py" in says for says in by_label["!89"])
    assert found.gaps == []


async def test_a_collapsed_lock_file_is_not_missed(tmp_path: Path):
    """GitLab gives no text of generated files; nobody would have read it."""
    tree = {**START, "uv.lock": LONG[:900], "shop/cart.py": "total = 2\n"}
    found = await answer(world_of(tmp_path, START, tree), asked("total wrong"))

    assert (found.file("uv.lock").generated, found.file("uv.lock").text_missing) == (True, True)
    assert found.gaps == []


THOUSANDS = {f"data/rows_{n // 100}/part_{n}.py": f"value = {n}\n" for n in range(5_000)}


async def test_five_thousand_files_in_one_merge_request(tmp_path: Path):
    """Three pages of it are read and the gap tells of how many; the others are read as ever."""
    world = world_of(tmp_path, START, {**START, **THOUSANDS}, {**START, **THOUSANDS, "shop/cart.py": "total = 2\n"})
    began = time.monotonic()
    found = await answer(world, asked("total of the cart is wrong"))

    assert len([path for path in found.requests if path.endswith("/88/diffs")]) == 3
    assert found.gaps == [("diff of !88", f"only {MOST_FILES} of 1000+ files are read")]
    other = next(change for change in found.harvest.changes if change.iid == 89)
    assert [file.path for file in other.files if file.hunks] == ["shop/cart.py"]
    assert found.verdict.suspects[0].candidate.change.label == "!89"
    assert len(found.requests) < 25
    assert time.monotonic() - began < 20


async def test_a_frame_in_one_of_five_thousand_files(tmp_path: Path):
    """All paths are known from the statistics: the line is found and blamed though its diff is not read."""
    world = world_of(tmp_path, START, {**START, **THOUSANDS})
    found = await answer(world, asked("web 5xx", Frame("/srv/web/data/rows_49/part_4990.py", 1)))

    assert found.gaps == [("diff of !88", f"only {MOST_FILES} of 5000 files are read")]
    assert [blame.change for blame in found.harvest.blames] == ["acme/checkout!88"]
    assert len(found.change.files) == len(THOUSANDS)
    assert found.file("data/rows_49/part_4990.py").text_skipped
    assert found.verdict.outcome is Outcome.NAMED
    assert len(found.verdict.suspects[0].candidate.change.files) <= MOST_FILES


async def test_a_description_of_a_megabyte(tmp_path: Path):
    """Cut at the door, but not what it closes at its end; neither the ranking nor the verdict has it whole."""
    description = "panic in gateway " * 60_000 + "\n\nCloses #40"
    world = world_of(tmp_path, START, {**START, "shop/cart.py": "total = 2\n"}, description=description)
    world = replace(world, merge_requests=tuple(replace(row, closes=(40,)) for row in world.merge_requests))
    began = time.monotonic()
    found = await answer(world, asked("total of the cart is wrong"))

    assert len(found.change.description) <= LONGEST_DESCRIPTION
    assert found.change.description.endswith("Closes #40")
    assert [item.iid for item in found.change.work_items] == [40]
    assert "panic" not in str(found.verdict)
    assert time.monotonic() - began < 5


ODD = (
    "a b/my cart.py",
    "shop/50%2Foff.py",
    "shop/100%.py",
    "shop/what?#1.py",
    'shop/it\'s "quoted".py',
    "shop/ko\u0161arica.py",
    "shop/kos\u030carica.py",
    "shop/\u8cb7\u3044\u7269.py",
    "shop/<!channel>&.py",
    "shop/`x`*_~.py",
    "shop/two\nlines.py",
    "shop/..a/[id]+(x).py",
)


@pytest.mark.parametrize("path", ODD)
async def test_an_oddly_named_file_is_found_blamed_and_linked(tmp_path: Path, path: str):
    """Encoded as one part in the request, as folders in the page's address; on the card it does nothing but show."""
    world = world_of(tmp_path, {**START, path: "x = 1\n"}, {**START, path: "x = 2\n"})
    found = await answer(world, asked("web 5xx", Frame(f"/srv/web/{path}", 1)))
    (blame,) = found.harvest.blames
    lines = "\n".join(speaking_for(found.verdict.suspects[0], 5))

    assert found.gaps == []
    assert (blame.path, blame.change) == (path, "acme/checkout!88")
    assert blame.url.isascii()
    assert not set(blame.url) & set(" \"<>`\n?'")
    assert blame.url.count("#") == 1
    assert found.file(path).hunks
    assert "<!channel>" not in lines
    assert blame.url in lines
