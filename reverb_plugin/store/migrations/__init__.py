"""Alembic's environment; :func:`reverb_plugin.store.migrate.migrate` runs it."""
