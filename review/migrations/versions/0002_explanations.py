"""What else than a maneuver an event is, and by what evidence."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("flags", sa.Column("explanation", sa.Text(), nullable=False, server_default="maneuver"))
    op.add_column("flags", sa.Column("explanation_note", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("flags", "explanation_note")
    op.drop_column("flags", "explanation")
