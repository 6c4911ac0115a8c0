"""Who in Slack acts as whom in GitLab."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "gitlab_links",
        sa.Column("slack_user", sa.String(), nullable=False),
        sa.Column("team", sa.String(), nullable=False),
        sa.Column("gitlab_user_id", sa.Integer(), nullable=False),
        sa.Column("username", sa.String(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.Column("scopes", sa.String(), server_default="", nullable=False),
        sa.Column("version", sa.Integer(), server_default="0", nullable=False),
        sa.Column("broken", sa.Text(), server_default="", nullable=False),
        sa.Column("linked_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("slack_user"),
    )
    op.create_index("one_slack_member_a_gitlab_user", "gitlab_links", ["gitlab_user_id"], unique=True)
    op.create_table(
        "link_attempts",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("slack_user", sa.String(), nullable=False),
        sa.Column("team", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("reply_to", sa.Text()),
        sa.Column("incident_id", sa.String(), server_default="", nullable=False),
        sa.Column("view_id", sa.String(), server_default="", nullable=False),
        sa.Column("way", sa.String(), nullable=False),
        sa.Column("sealed", sa.Text(), server_default="", nullable=False),
        sa.Column("state_digest", sa.String(), server_default="", nullable=False),
        sa.Column("cookie_digest", sa.String(), server_default="", nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("asked_at", sa.DateTime(), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime()),
        sa.Column("poll_at", sa.DateTime()),
        sa.Column("interval_s", sa.Integer(), server_default="0", nullable=False),
        sa.Column("outcome", sa.String(), server_default="", nullable=False),
        sa.Column("says", sa.Text(), server_default="", nullable=False),
        sa.Column("finished_at", sa.DateTime()),
        sa.Column("told_at", sa.DateTime()),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("link_attempts_of_user", "link_attempts", ["slack_user"])
    op.create_index("link_attempts_untold", "link_attempts", ["told_at"])
    op.create_table(
        "token_revocations",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
