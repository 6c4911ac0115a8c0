"""When the deployment that a rollback replaces was cancelled for it."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("rollbacks", sa.Column("cancelled_at", sa.DateTime()))
