"""A token may do a part of what its user may; those that there are keep what analysts do, and lose what admins do."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.add_column("tokens", sa.Column("scope", sa.Text(), nullable=False, server_default="verdicts"))


def downgrade() -> None:
    op.drop_column("tokens", "scope")
