"""Run by Alembic: migrations on the connection that the console has opened."""

from alembic import context

from sluicegate.console.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=False)
context.run_migrations()
