"""Whether a migration looks as if it could be run backwards."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backtrace_core.model import FileDiff
from backtrace_core.undoing.reversal import Looks, reversal_of
from tests.core.builders import lines

RAILS, DJANGO = "db/migrate/20261101_slots.rb", "shop/migrations/0042_slot.py"
ALEMBIC, FLYWAY = "alembic/versions/ab12_slot.py", "db/migration/V7__slot.sql"


def new(path: str, text: str) -> FileDiff:
    return FileDiff(path, path, (lines(*text.strip("\n").split("\n")),), new_file=True)


RAILS_CHANGE = """
class Slots < ActiveRecord::Migration[7.1]
  def change
    {}
  end
end
"""
RAILS_UP = """
class Slots < ActiveRecord::Migration[7.1]
  def up
    {}
  end
{}end
"""
DOWN = "  def down\n    {}\n  end\n"
DJANGO_WITH = """
class Migration(migrations.Migration):
    operations = [
        {},
    ]
"""
ALEMBIC_WITH = """
def upgrade() -> None:
    {}


def downgrade() -> None:
    {}
"""
ADD = 'op.add_column("orders", sa.Column("slot", sa.Integer()))'

GOOD = {
    "rails adds a column": (RAILS, RAILS_CHANGE.format("add_column :orders, :slot, :integer")),
    "rails renames": (RAILS, RAILS_CHANGE.format("rename_column :orders, :slot, :window")),
    "rails default with both": (RAILS, RAILS_CHANGE.format("change_column_default :orders, :slot, from: nil, to: 1")),
    "rails sql with both ways": (
        RAILS,
        RAILS_CHANGE.format("reversible do |way|\n      way.up do\n        execute 'A'\n      end\n    end"),
    ),
    "rails up and down": (
        RAILS,
        RAILS_UP.format("change_column :o, :s, :bigint", DOWN.format("change_column :o, :s, :int")),
    ),
    "rails drops on the way back only": (RAILS, RAILS_UP.format("create_table :a", DOWN.format("drop_table :a"))),
    "django adds a field": (DJANGO, DJANGO_WITH.format('migrations.AddField("order", "slot", models.IntegerField())')),
    "django code with its way back": (DJANGO, DJANGO_WITH.format("migrations.RunPython(fill, empty)")),
    "django named way back": (
        DJANGO,
        DJANGO_WITH.format("migrations.RunPython(\n            fill,\n            reverse_code=empty,\n        )"),
    ),
    "django sql with its way back": (
        DJANGO,
        DJANGO_WITH.format("migrations.RunSQL('CREATE INDEX a, b', 'DROP INDEX a')"),
    ),
    "alembic both ways": (ALEMBIC, ALEMBIC_WITH.format(ADD, 'op.drop_column("orders", "slot")')),
}
BAD = {
    "rails says so": (
        RAILS,
        RAILS_UP.format("x", DOWN.format("raise ActiveRecord::IrreversibleMigration")),
        6,
        "irreversible",
    ),
    "rails up alone": (RAILS, RAILS_UP.format("change_column :o, :s, :bigint", ""), 2, '"up" without "down"'),
    "rails empty down": (RAILS, RAILS_UP.format("add_index :o, :s", DOWN.format("# no-op")), 5, '"down" does nothing'),
    "rails removes": (RAILS, RAILS_CHANGE.format("remove_column :orders, :slot, :integer"), 3, "drops a column"),
    "rails drops": (RAILS, RAILS_CHANGE.format("drop_table :orders do |t|"), 3, "drops a table"),
    "rails changes a type": (
        RAILS,
        RAILS_CHANGE.format("change_column :orders, :slot, :bigint"),
        3,
        "turn change_column round",
    ),
    "rails sql": (RAILS, RAILS_CHANGE.format("execute 'UPDATE orders SET slot = 1'"), 3, "turn execute round"),
    "rails default": (RAILS, RAILS_CHANGE.format("change_column_default :orders, :slot, 1"), 3, "without from:"),
    "django code alone": (DJANGO, DJANGO_WITH.format("migrations.RunPython(fill)"), 3, '"RunPython" has no way back'),
    "django named code alone": (
        DJANGO,
        DJANGO_WITH.format("migrations.RunPython(code=fill, elidable=True)"),
        3,
        "no way back",
    ),
    "django noop": (
        DJANGO,
        DJANGO_WITH.format("migrations.RunPython(fill, migrations.RunPython.noop)"),
        3,
        "does nothing",
    ),
    "django sql alone": (
        DJANGO,
        DJANGO_WITH.format("migrations.RunSQL('UPDATE a SET b = 1, c = 2')"),
        3,
        '"RunSQL" has no',
    ),
    "django removes": (DJANGO, DJANGO_WITH.format('migrations.RemoveField("order", "slot")'), 3, "drops a column"),
    "django deletes": (DJANGO, DJANGO_WITH.format('migrations.DeleteModel("Slot")'), 3, "drops a table"),
    "alembic pass": (ALEMBIC, ALEMBIC_WITH.format(ADD, "pass"), 5, '"downgrade" does nothing'),
    "alembic words alone": (ALEMBIC, ALEMBIC_WITH.format(ADD, '"""Not needed."""\n    pass'), 5, "does nothing"),
    "alembic raises": (ALEMBIC, ALEMBIC_WITH.format(ADD, "raise NotImplementedError"), 5, "refuses"),
    "alembic none": (ALEMBIC, f"def upgrade():\n    {ADD}", 1, 'no "downgrade"'),
    "alembic drops": (ALEMBIC, ALEMBIC_WITH.format('op.drop_column("orders", "slot")', ADD), 2, "drops a column"),
    "flyway alone": (FLYWAY, "ALTER TABLE orders ADD COLUMN slot int;", 1, "no undo script"),
    "flyway drops": (FLYWAY, "ALTER TABLE a ADD b int;\nALTER TABLE orders DROP COLUMN slot;", 1, "no undo script"),
    "plain sql": ("migrations/007.sql", "ALTER TABLE a ADD b int;\nDROP TABLE slots;", 2, "drops a table"),
    "plain sql without COLUMN": ("migrations/007.sql", "ALTER TABLE orders DROP slot;", 1, "drops a column"),
    "plain sql deletes": ("migrations/007.sql", "delete from orders where slot is null;", 1, "deletes rows"),
}


@pytest.mark.parametrize(("path", "text"), GOOD.values(), ids=GOOD)
def test_what_has_a_way_back_looks_reversible(path: str, text: str) -> None:
    """By the framework's own rules, all of them followed."""
    assert reversal_of(new(path, text), (path,)).looks is Looks.REVERSIBLE


@pytest.mark.parametrize(("path", "text", "line", "why"), BAD.values(), ids=BAD)
def test_what_has_none_says_which_line_shows_it(path: str, text: str, line: int, why: str) -> None:
    """Whoever doubts it can look at the line."""
    found = reversal_of(new(path, text), (path,))

    assert (found.looks, found.line) == (Looks.NOT_REVERSIBLE, line)
    assert why in found.why


def test_an_undo_script_of_the_same_version_is_flyways_way_back() -> None:
    """One of another version is not; what drops data loses it all the same."""
    adds, drops = new(FLYWAY, "ALTER TABLE a ADD b int;"), new(FLYWAY, "SELECT 1;\nALTER TABLE a DROP COLUMN b;")

    assert reversal_of(adds, ("db/migration/U7__slot.sql",)).looks is Looks.REVERSIBLE
    assert reversal_of(adds, ("db/migration/U70__slot.sql",)).looks is Looks.NOT_REVERSIBLE
    assert reversal_of(drops, ("db/migration/U7__slot.sql",)).line == 2


@pytest.mark.parametrize(
    ("file", "why"),
    [
        (FileDiff(DJANGO, DJANGO, text_missing=True), "its text was not read"),
        (replace(new(DJANGO, DJANGO_WITH.format("x")), deleted_file=True), "it was deleted"),
        (replace(new(DJANGO, DJANGO_WITH.format("x")), new_file=False), "only a part of it was changed"),
        (new("priv/repo/migrations/1_a.exs", "def change do"), "does not know its framework"),
        (new("migrations/007.sql", "ALTER TABLE orders ALTER slot DROP DEFAULT;"), "does not know its framework"),
        (new("migrations/007.sql", "ALTER TABLE orders DROP CONSTRAINT one_slot;"), "does not know its framework"),
    ],
)
def test_what_can_not_be_told_is_not_told(file: FileDiff, why: str) -> None:
    """Neither yes nor no where the text does not say."""
    found = reversal_of(file, ())

    assert found.looks is Looks.CANT_BE_TOLD
    assert why in found.why
