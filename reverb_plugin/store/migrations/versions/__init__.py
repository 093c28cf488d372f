"""One file for each version of the schema; its ``upgrade`` gets Alembic's operations, `alembic.op` is not used."""
