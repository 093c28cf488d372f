"""Trying the connection from a page: asked once, kept, and shown wherever it matters."""

from reverb_plugin.admin.desk import Desk
from reverb_plugin.connection import Connection, keep, try_connection


def try_and_keep(desk: Desk) -> Connection | None:
    """What the try found, which is kept; None when there is no token to try.

    Raises:
        StoreError: the database cannot be used.
    """
    token = desk.settings.token
    if token is None:
        return None
    connection = try_connection(desk.client, desk.store, desk.clock)
    keep(desk.store, connection, token)
    return connection
