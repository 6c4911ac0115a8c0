"""The messages of each incident, and where a channel is paused."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _messages()
    _pauses()
    for name, kind in (("split_from", sa.String()), ("reopened_at", sa.DateTime()), ("held_at", sa.DateTime())):
        op.add_column("incidents", sa.Column(name, kind, nullable=True))
    # Every alert of earlier releases has an incident of its own, whose id ends in the message's ts.
    op.execute(
        "INSERT OR IGNORE INTO messages"
        " (channel, ts, incident_id, sender, fingerprint, alert, relation, at, resolved_at, told_at)"
        " SELECT channel, substr(id, length(team) + length(channel) + 3), id,"
        " coalesce(json_extract(alert, '$.sender'), ''), fingerprint, alert, 'opens', received_at, resolved_at,"
        " received_at FROM incidents WHERE alert IS NOT NULL AND question IS NULL"
    )


def _messages() -> None:
    op.create_table(
        "messages",
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("ts", sa.String(), nullable=False),
        sa.Column("incident_id", sa.String(), nullable=False),
        sa.Column("sender", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("alert", sa.Text(), nullable=False),
        sa.Column("relation", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("resolved_at", sa.DateTime(), nullable=True),
        sa.Column("looked_at", sa.DateTime(), nullable=True),
        sa.Column("line", sa.String(), nullable=True),
        sa.Column("told_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["incident_id"],
            ["incidents.id"],
        ),
        sa.PrimaryKeyConstraint("channel", "ts"),
    )
    op.create_index("messages_of_incident", "messages", ["incident_id"], unique=False)
    op.create_index("messages_by_time", "messages", ["channel", "at"], unique=False)
    op.create_index("messages_untold", "messages", ["told_at"], unique=False)


def _pauses() -> None:
    op.create_table(
        "pauses",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("team", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("slack_user", sa.String(), nullable=False),
        sa.Column("asked_at", sa.DateTime(), nullable=False),
        sa.Column("until", sa.DateTime(), nullable=False),
        sa.Column("reply_to", sa.Text(), nullable=True),
        sa.Column("accepted_at", sa.DateTime(), nullable=True),
        sa.Column("finished_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("pauses_of_channel", "pauses", ["channel", "accepted_at"], unique=False)
