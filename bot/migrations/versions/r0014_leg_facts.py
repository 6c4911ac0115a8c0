"""What each leg of a rollback takes away, and what whoever confirmed it had in view."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("rollbacks", sa.Column("target_ref", sa.Text(), server_default="", nullable=False))
    op.add_column("rollbacks", sa.Column("undoes", sa.Text(), server_default="[]", nullable=False))
    op.add_column("rollbacks", sa.Column("facts", sa.Text(), server_default="{}", nullable=False))
