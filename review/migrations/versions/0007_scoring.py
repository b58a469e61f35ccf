"""What ties a database to the home that is scored into it: an id of its own, and the mark of the last scoring run."""

from uuid import uuid4

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    scoring = op.create_table(
        "scoring",
        sa.Column("database_id", sa.String(36), primary_key=True),
        sa.Column("mark", sa.Text(), nullable=False),
        sa.Column("made_from", sa.Text(), nullable=False),
    )
    op.bulk_insert(scoring, [{"database_id": str(uuid4()), "mark": "", "made_from": ""}])


def downgrade() -> None:
    op.drop_table("scoring")
