"""MEMORY: the only room that knows SQL. One SQLite file holds everything the plugin must remember."""
