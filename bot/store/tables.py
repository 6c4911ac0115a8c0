"""The tables, as the newest migration leaves them (a test holds the two together)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Column, DateTime, ForeignKey, Index, Integer, MetaData, String, Table, Text, text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator


class UtcTime(TypeDecorator[datetime]):
    """An aware datetime in UTC; SQLite has no zones, so it is stored as naive UTC."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        return value.astimezone(UTC).replace(tzinfo=None) if value else None

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        return value.replace(tzinfo=UTC) if value else None


metadata = MetaData()

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", String, primary_key=True),
    Column("kept_at", UtcTime, nullable=False),
)

marks = Table(
    "marks",
    metadata,
    Column("channel", String, primary_key=True),
    Column("ts", String, nullable=False),
)

incidents = Table(
    "incidents",
    metadata,
    Column("id", String, primary_key=True),
    Column("team", String, nullable=False),
    Column("channel", String, nullable=False),
    Column("thread_ts", String),
    Column("fingerprint", String, nullable=False),
    Column("alert", Text),
    Column("question", Text),
    Column("asked_by", String),
    Column("reply_to", Text),
    Column("since", UtcTime),
    Column("verdict", Text),
    Column("failure", Text, nullable=False, server_default=""),
    Column("state", String, nullable=False),
    Column("card_ts", String),
    # Set before a card is sent, so that a run which begins anew knows that one may stand already.
    Column("posting_at", UtcTime),
    Column("excluded", Text, nullable=False, server_default="[]"),
    Column("gitlab_incident", Text),
    Column("received_at", UtcTime, nullable=False),
    Column("answered_at", UtcTime),
    Column("resolved_at", UtcTime),
    # The incident that it was part of, before somebody, or its trace, told the two apart.
    Column("split_from", String),
    Column("reopened_at", UtcTime),
    # Set where it was not answered at once: its channel is paused, its service has quiet hours.
    Column("held_at", UtcTime),
    Index("incidents_by_fingerprint", "channel", "fingerprint"),
    Index("incidents_unanswered", "answered_at"),
)

messages = Table(
    "messages",
    metadata,
    Column("channel", String, primary_key=True),
    # Slack's; a name of its own for what is no message in Slack.
    Column("ts", String, primary_key=True),
    Column("incident_id", String, ForeignKey("incidents.id"), nullable=False),
    Column("sender", String, nullable=False),
    Column("fingerprint", String, nullable=False),
    Column("alert", Text, nullable=False),
    Column("relation", String, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("resolved_at", UtcTime),
    # When it was looked at whether it is another trouble, or tells more than the first.
    Column("looked_at", UtcTime),
    # How often that was tried in vain.
    Column("looks", Integer, nullable=False, server_default="0"),
    # Which line in the thread tells of it: several messages share one, and a line that was begun is found again by it.
    Column("line", String),
    Column("told_at", UtcTime),
    Index("messages_of_incident", "incident_id"),
    Index("messages_by_time", "channel", "at"),
    Index("messages_untold", "told_at"),
)

pauses = Table(
    "pauses",
    metadata,
    Column("id", String, primary_key=True),
    Column("team", String, nullable=False),
    Column("channel", String, nullable=False),
    Column("slack_user", String, nullable=False),
    Column("asked_at", UtcTime, nullable=False),
    # The moment itself where it was asked to go on.
    Column("until", UtcTime, nullable=False),
    Column("reply_to", Text),
    Column("accepted_at", UtcTime),
    Column("finished_at", UtcTime),
    Index("pauses_of_channel", "channel", "accepted_at"),
)

actions = Table(
    "actions",
    metadata,
    Column("id", String, primary_key=True),
    Column("incident_id", String, ForeignKey("incidents.id"), nullable=False),
    Column("kind", String, nullable=False),
    Column("slack_user", String, nullable=False),
    Column("detail", Text, nullable=False, server_default=""),
    Column("result", String, nullable=False, server_default=""),
    Column("says", Text, nullable=False, server_default=""),
    Column("url", Text, nullable=False, server_default=""),
    Column("at", UtcTime, nullable=False),
    Column("finished_at", UtcTime),
    # What was known of the incident when it was pressed, as JSON.
    Column("facts", Text, nullable=False, server_default="{}"),
    Index("actions_of_incident", "incident_id"),
)

# What was asked of GitLab for a person: written before it is sent, so an empty answer means that nobody knows.
gitlab_writes = Table(
    "gitlab_writes",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("about", String, nullable=False),
    Column("slack_user", String, nullable=False),
    Column("request", Text, nullable=False),
    Column("answer", Text, nullable=False, server_default=""),
    Column("at", UtcTime, nullable=False),
    Column("answered_at", UtcTime),
    Index("gitlab_writes_about", "about"),
)

# One row a leg: one deploy job (or, without a job's name, one environment) that goes back.
rollbacks = Table(
    "rollbacks",
    metadata,
    Column("id", String, primary_key=True),
    # Shared by all legs that one press confirmed.
    Column("press_id", String, nullable=False, server_default=""),
    Column("incident_id", String, ForeignKey("incidents.id"), nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("leg", Integer, nullable=False, server_default="1"),
    Column("how", String, nullable=False, server_default="retry"),
    Column("project", String, nullable=False),
    Column("environment", String, nullable=False),
    Column("label", Text, nullable=False, server_default=""),
    Column("slack_user", String, nullable=False),
    Column("username", String, nullable=False, server_default=""),
    Column("view_id", String, nullable=False, server_default=""),
    Column("target_id", Integer, nullable=False),
    Column("target_sha", String, nullable=False, server_default=""),
    Column("target_ref", Text, nullable=False, server_default=""),
    Column("seen", String, nullable=False),
    # What it takes away, and what whoever confirmed it had in view, as JSON.
    Column("undoes", Text, nullable=False, server_default="[]"),
    Column("facts", Text, nullable=False, server_default="{}"),
    Column("pipeline_id", Integer),
    Column("job_name", String, nullable=False, server_default=""),
    Column("newest_job_id", Integer),
    Column("cancel_job_id", Integer),
    # Set once that job is known to be cancelled.
    Column("cancelled_at", UtcTime),
    Column("job_id", Integer),
    Column("deployment_id", Integer),
    Column("before_pipeline_id", Integer),
    Column("before_deployment_id", Integer),
    Column("ref", Text, nullable=False, server_default=""),
    Column("status", String, nullable=False, server_default="asked"),
    Column("says", Text, nullable=False, server_default=""),
    Column("url", Text, nullable=False, server_default=""),
    Column("stopped_by", String, nullable=False, server_default=""),
    Column("asked_at", UtcTime, nullable=False),
    Column("sent_at", UtcTime),
    # What was sent, and as whom, as JSON: the settings it was made of may change.
    Column("sent", Text, nullable=False, server_default=""),
    Column("finished_at", UtcTime),
    # Who agreed to it, where a second person is asked.
    Column("second_user", String, nullable=False, server_default=""),
    Column("agreed_at", UtcTime),
    # 1 while it runs, NULL afterwards.
    Column("active", Integer),
    # However many people press and however many bots run: the row decides.
    Index("one_rollback_a_leg", "project", "environment", "job_name", unique=True, sqlite_where=text("active = 1")),
    Index("rollbacks_of_incident", "incident_id"),
    Index("rollbacks_of_press", "press_id"),
)

rollback_offers = Table(
    "rollback_offers",
    metadata,
    Column("view_id", String, primary_key=True),
    Column("incident_id", String, ForeignKey("incidents.id"), nullable=False),
    Column("slack_user", String, nullable=False),
    Column("seen", String, nullable=False),
    Column("how", String, nullable=False),
    Column("legs", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
)

# What is watched after a rollback, by the rollback's id: whether it ended the trouble.
proofs = Table(
    "proofs",
    metadata,
    Column("id", String, primary_key=True),
    Column("incident_id", String, ForeignKey("incidents.id"), nullable=False),
    Column("gone_back_at", UtcTime, nullable=False),
    # The changes that were taken away, those that were blamed, their branch, and what may bring them again.
    Column("took", Text, nullable=False, server_default="[]"),
    Column("blamed", Text, nullable=False, server_default="[]"),
    Column("branch", Text, nullable=False, server_default=""),
    Column("ahead", Text, nullable=False, server_default="[]"),
    Column("url", Text, nullable=False, server_default=""),
    Column("stage", String, nullable=False, server_default="watching"),
    Column("says", Text, nullable=False, server_default=""),
    Column("at", UtcTime, nullable=False),
    # 1 while it is watched.
    Column("watching", Integer),
    Index("proofs_of_incident", "incident_id"),
    Index("proofs_watched", "watching"),
)

# Merge requests that take a change back, which were opened by a button.
reverts = Table(
    "reverts",
    metadata,
    Column("incident_id", String, ForeignKey("incidents.id"), primary_key=True),
    Column("change", Text, primary_key=True),
    Column("label", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
)

flag_switches = Table(
    "flag_switches",
    metadata,
    Column("delivery", String, primary_key=True),
    Column("project", String, nullable=False),
    Column("name", Text, nullable=False),
    Column("turned", String, nullable=False),
    Column("user_id", Integer),
    Column("username", String, nullable=False, server_default=""),
    Column("person", Text, nullable=False, server_default=""),
    Column("url", Text, nullable=False, server_default=""),
    Column("at", UtcTime, nullable=False),
    Index("flag_switches_of_project", "project", "at"),
)

deploy_notices = Table(
    "deploy_notices",
    metadata,
    Column("channel", String, primary_key=True),
    Column("ts", String, primary_key=True),
    Column("service", String, nullable=False),
    Column("environment", Text, nullable=False, server_default=""),
    Column("says", Text, nullable=False, server_default=""),
    Column("url", Text, nullable=False, server_default=""),
    Column("at", UtcTime, nullable=False),
    Index("deploy_notices_of_service", "channel", "service", "at"),
)

# What is over before its message came; of its words nothing is kept.
early_endings = Table(
    "early_endings",
    metadata,
    Column("channel", String, primary_key=True),
    Column("fingerprint", String, primary_key=True),
    # The message that it was said in, or below; empty where it was said in one of its own.
    Column("ts", String, primary_key=True),
    Column("at", UtcTime, primary_key=True),
)

# A GitLab incident that is followed: somebody's, or one that Backtrace opened itself (``ours``).
gitlab_incidents = Table(
    "gitlab_incidents",
    metadata,
    Column("id", String, primary_key=True),
    Column("incident_id", String, nullable=False),
    Column("project", String, nullable=False),
    Column("iid", Integer, nullable=False),
    Column("issue_id", Integer, nullable=False),
    Column("url", Text, nullable=False),
    Column("ours", Integer, nullable=False, server_default="0"),
    Column("assigns", Integer, nullable=False, server_default="0"),
    Column("confidential", Integer, nullable=False, server_default="0"),
    Column("is_open", Integer, nullable=False, server_default="1"),
    Column("assigned", Integer),
    Column("assigned_for", Text, nullable=False, server_default=""),
    Column("assigned_says", Text, nullable=False, server_default=""),
    Column("limits", Text, nullable=False, server_default="{}"),
    Column("updated_at", UtcTime, nullable=False),
    Index("gitlab_incidents_of_incident", "incident_id"),
)

# Who in Slack acts as whom in GitLab. A Slack user id is one person's, over all workspaces that are let in.
gitlab_links = Table(
    "gitlab_links",
    metadata,
    Column("slack_user", String, primary_key=True),
    Column("team", String, nullable=False),
    Column("gitlab_user_id", Integer, nullable=False),
    Column("username", String, nullable=False),
    # Encrypted, as all of the column of that name is.
    Column("sealed", Text, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    Column("scopes", String, nullable=False, server_default=""),
    # Goes up with each new pair of tokens: who refreshed an older one has lost.
    Column("version", Integer, nullable=False, server_default="0"),
    # Why it is of no use any more; empty as long as it is.
    Column("broken", Text, nullable=False, server_default=""),
    Column("linked_at", UtcTime, nullable=False),
    Index("one_slack_member_a_gitlab_user", "gitlab_user_id", unique=True),
)

link_attempts = Table(
    "link_attempts",
    metadata,
    # A digest of what the page's address has: the address itself is not written down.
    Column("id", String, primary_key=True),
    Column("slack_user", String, nullable=False),
    Column("team", String, nullable=False),
    Column("channel", String, nullable=False),
    Column("reply_to", Text),
    # The wish: which card's button was pressed, and the modal that was opened for it.
    Column("incident_id", String, nullable=False, server_default=""),
    Column("view_id", String, nullable=False, server_default=""),
    Column("way", String, nullable=False),
    Column("sealed", Text, nullable=False, server_default=""),
    Column("state_digest", String, nullable=False, server_default=""),
    Column("cookie_digest", String, nullable=False, server_default=""),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("asked_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    Column("confirmed_at", UtcTime),
    # Of a device grant: when GitLab is asked next, and how long it wants to be left alone.
    Column("poll_at", UtcTime),
    Column("interval_s", Integer, nullable=False, server_default="0"),
    Column("outcome", String, nullable=False, server_default=""),
    Column("says", Text, nullable=False, server_default=""),
    Column("finished_at", UtcTime),
    Column("told_at", UtcTime),
    Index("link_attempts_of_user", "slack_user"),
    Index("link_attempts_untold", "told_at"),
)

# Each linking and unlinking, in the transaction that makes or ends the link; never a token.
link_changes = Table(
    "link_changes",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("did", String, nullable=False),
    Column("how", String, nullable=False, server_default=""),
    Column("slack_user", String, nullable=False),
    Column("gitlab_user_id", Integer, nullable=False),
    Column("username", String, nullable=False),
    Column("at", UtcTime, nullable=False),
)

# Tokens that GitLab has still to be told to forget, from `at` on.
token_revocations = Table(
    "token_revocations",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("sealed", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
)
