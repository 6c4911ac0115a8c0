"""Who agreed to a rollback for which a second person is asked, and when."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("rollbacks", sa.Column("second_user", sa.String(), server_default="", nullable=False))
    op.add_column("rollbacks", sa.Column("agreed_at", sa.DateTime()))
