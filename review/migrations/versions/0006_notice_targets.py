"""Each notice goes to one target, so that one that fails does not send the others again."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("notices", sa.Column("target", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("notices", "target")
