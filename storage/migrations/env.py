"""Run by Alembic on the connection, and in the transaction, that `storage.migrate` gives it."""

from alembic import context

from storage.models import Base

context.configure(connection=context.config.attributes["connection"], target_metadata=Base.metadata)
context.run_migrations()
