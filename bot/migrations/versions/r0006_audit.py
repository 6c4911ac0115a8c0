"""The record of presses: what was known, and what was asked of GitLab for a person."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("actions", sa.Column("facts", sa.Text(), server_default="{}", nullable=False))
    op.create_table(
        "gitlab_writes",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("slack_user", sa.String(), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), server_default="", nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("answered_at", sa.DateTime()),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("gitlab_writes_about", "gitlab_writes", ["about"])
