"""What a rollback's pipeline was told, kept from before it is sent."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("rollbacks", sa.Column("sent", sa.Text(), server_default="", nullable=False))
