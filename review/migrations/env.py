"""Run by alembic, on the connection and in the transaction that `review.database.migrate` gives it."""

from alembic import context

from review import tables  # noqa: F401 - they register with the base
from review.flags import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,  # SQLite cannot alter most things in place
)
context.run_migrations()
