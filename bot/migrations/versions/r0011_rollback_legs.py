"""A rollback is a set of legs: one row each, and what each modal offered."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("rollbacks", sa.Column("press_id", sa.String(), server_default="", nullable=False))
    op.add_column("rollbacks", sa.Column("leg", sa.Integer(), server_default="1", nullable=False))
    op.add_column("rollbacks", sa.Column("how", sa.String(), server_default="retry", nullable=False))
    op.add_column("rollbacks", sa.Column("label", sa.Text(), server_default="", nullable=False))
    op.add_column("rollbacks", sa.Column("target_sha", sa.String(), server_default="", nullable=False))
    op.add_column("rollbacks", sa.Column("before_pipeline_id", sa.Integer()))
    op.add_column("rollbacks", sa.Column("before_deployment_id", sa.Integer()))
    op.add_column("rollbacks", sa.Column("ref", sa.Text(), server_default="", nullable=False))
    op.add_column("rollbacks", sa.Column("stopped_by", sa.String(), server_default="", nullable=False))
    op.add_column("rollbacks", sa.Column("sent_at", sa.DateTime()))
    # Each rollback until now had one leg.
    op.execute("UPDATE rollbacks SET press_id = id, label = environment")
    op.drop_index("one_rollback_an_environment", "rollbacks")
    op.create_index(
        "one_rollback_a_leg",
        "rollbacks",
        ["project", "environment", "job_name"],
        unique=True,
        sqlite_where=sa.text("active = 1"),
    )
    op.create_index("rollbacks_of_press", "rollbacks", ["press_id"])
    op.create_table(
        "rollback_offers",
        sa.Column("view_id", sa.String(), nullable=False),
        sa.Column("incident_id", sa.String(), nullable=False),
        sa.Column("slack_user", sa.String(), nullable=False),
        sa.Column("seen", sa.String(), nullable=False),
        sa.Column("how", sa.String(), nullable=False),
        sa.Column("legs", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"]),
        sa.PrimaryKeyConstraint("view_id"),
    )
