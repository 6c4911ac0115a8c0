"""Which changes are worth reading in full, by what is cheap to know."""

from backtrace_core.model import Candidate, FileDiff, Frame
from backtrace_core.worth_reading import worth_reading
from tests.core.builders import alert, before, change, deployment, harvest

OLD, NEW = deployment(1, before(hours=20)), deployment(2, before(10))
TROUBLE = alert(
    "Refunds fail", "AttributeError in pay/refunds.py on POST /refunds", frames=(Frame("/srv/web/pay/refunds.py", 3),)
)


def skipped(path: str) -> FileDiff:
    return FileDiff(path, path, text_skipped=True)


def chosen(most: int, *candidates: Candidate) -> tuple[str, ...]:
    return worth_reading(candidates, TROUBLE, harvest((OLD, ()), (NEW, ())), most)


def test_a_path_on_the_trace_beats_the_last_deployment():
    """Deployed twenty hours ago, but its path is on the trace: it is read before ten that came ten minutes ago."""
    old = Candidate(change(1, "Tidy", skipped("pay/refunds.py")), OLD, ())
    recent = [Candidate(change(iid, f"Work {iid}", skipped(f"lib/m{iid}.py")), NEW, ()) for iid in range(10, 20)]

    assert chosen(1, *recent, old) == ("shop/web!1",)


def test_a_title_counts_too():
    """The title has the alert's word, the paths have not."""
    old = Candidate(change(1, "Take refunds from the ledger", skipped("lib/a.py")), OLD, ())
    older = Candidate(change(2, "Tidy the footer", skipped("lib/b.py")), OLD, ())

    assert chosen(1, older, old) == ("shop/web!1",)


def test_without_anything_else_the_newest_are_read():
    """Ties are broken by when it was deployed, then by the key: the same question gives the same answer."""
    rows = [
        Candidate(change(iid, f"Work {iid}", skipped(f"lib/m{iid}.py")), row, ())
        for iid, row in ((5, NEW), (4, NEW), (9, OLD))
    ]

    assert chosen(2, *rows) == chosen(2, *reversed(rows)) == ("shop/web!4", "shop/web!5")


def test_never_more_than_asked():
    """A hundred candidates, three places."""
    rows = [Candidate(change(iid, "Work", skipped(f"lib/m{iid}.py")), NEW, ()) for iid in range(100)]

    assert len(chosen(3, *rows)) == 3


def test_beside_a_trace_settings_migrations_and_packages_are_read_first():
    """The cause of an error may stand in them, and only their lines tell; without a trace they wait like others."""
    recent = [Candidate(change(iid, f"Work {iid}", skipped(f"lib/m{iid}.py")), NEW, ()) for iid in range(10, 20)]
    paths = ("settings.toml", "db/migrate/7_add_kind.rb", "requirements.txt")
    pointed = [Candidate(change(iid, "Work", skipped(path)), NEW, ()) for iid, path in enumerate(paths, start=50)]
    rows, found = (*recent, *pointed), harvest((OLD, ()), (NEW, ()))

    assert set(chosen(3, *rows)) == {f"shop/web!{iid}" for iid in (50, 51, 52)}
    assert not {"shop/web!51", "shop/web!52"} & set(worth_reading(rows, alert("Refunds fail"), found, 3))
