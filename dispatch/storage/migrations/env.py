"""Alembic's entry: migrates on the connection that `dispatch.storage.migrate` hands over, in its transaction."""

from alembic import context

from dispatch.storage.tables import Row

context.configure(connection=context.config.attributes["connection"], target_metadata=Row.metadata)
context.run_migrations()
