"""GitLab's incidents that are followed, and what was written on them."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "gitlab_incidents",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("incident_id", sa.String(), nullable=False),
        sa.Column("project", sa.String(), nullable=False),
        sa.Column("iid", sa.Integer(), nullable=False),
        sa.Column("issue_id", sa.Integer(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("ours", sa.Integer(), server_default="0", nullable=False),
        sa.Column("assigns", sa.Integer(), server_default="0", nullable=False),
        sa.Column("confidential", sa.Integer(), server_default="0", nullable=False),
        sa.Column("is_open", sa.Integer(), server_default="1", nullable=False),
        sa.Column("assigned", sa.Integer(), nullable=True),
        sa.Column("assigned_for", sa.Text(), server_default="", nullable=False),
        sa.Column("assigned_says", sa.Text(), server_default="", nullable=False),
        sa.Column("limits", sa.Text(), server_default="{}", nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("gitlab_incidents_of_incident", "gitlab_incidents", ["incident_id"])
