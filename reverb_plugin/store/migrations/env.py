"""What Alembic runs for each command: the migrations, on the connection it is given."""

from alembic import context

from reverb_plugin.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite alters a table by making it anew
)
context.run_migrations()
