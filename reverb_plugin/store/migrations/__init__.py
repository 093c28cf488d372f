"""The migrations; :func:`reverb_plugin.store.migrate.upgrade` runs them."""
