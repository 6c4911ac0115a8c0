"""What is watched after a rollback, and the merge requests that take changes back."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "proofs",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("incident_id", sa.String(), sa.ForeignKey("incidents.id"), nullable=False),
        sa.Column("gone_back_at", sa.DateTime(), nullable=False),
        sa.Column("took", sa.Text(), server_default="[]", nullable=False),
        sa.Column("blamed", sa.Text(), server_default="[]", nullable=False),
        sa.Column("branch", sa.Text(), server_default="", nullable=False),
        sa.Column("ahead", sa.Text(), server_default="[]", nullable=False),
        sa.Column("url", sa.Text(), server_default="", nullable=False),
        sa.Column("stage", sa.String(), server_default="watching", nullable=False),
        sa.Column("says", sa.Text(), server_default="", nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("watching", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("proofs_of_incident", "proofs", ["incident_id"])
    op.create_index("proofs_watched", "proofs", ["watching"])
    op.create_table(
        "reverts",
        sa.Column("incident_id", sa.String(), sa.ForeignKey("incidents.id"), nullable=False),
        sa.Column("change", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("incident_id", "change"),
    )
