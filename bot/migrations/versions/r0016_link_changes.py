"""Who linked which GitLab user, and who unlinked: of the links that stand, from when they were made."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "link_changes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("did", sa.String(), nullable=False),
        sa.Column("how", sa.String(), server_default="", nullable=False),
        sa.Column("slack_user", sa.String(), nullable=False),
        sa.Column("gitlab_user_id", sa.Integer(), nullable=False),
        sa.Column("username", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.execute(
        "INSERT INTO link_changes (did, slack_user, gitlab_user_id, username, at)"
        " SELECT 'linked', slack_user, gitlab_user_id, username, linked_at FROM gitlab_links ORDER BY linked_at"
    )
