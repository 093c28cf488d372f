"""Django's connections in threads that serve no request."""

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from django.db import connections

P = ParamSpec("P")
T = TypeVar("T")


def tidily(ask: Callable[P, T]) -> Callable[P, T]:
    """In the worker's threads nobody else ends Django's connections: one that broke would stay broken."""

    @functools.wraps(ask)
    def asked(*args: P.args, **kwargs: P.kwargs) -> T:
        _end_old_connections()
        try:
            return ask(*args, **kwargs)
        finally:
            _end_old_connections()

    return asked


def _end_old_connections() -> None:
    """As Django does between two requests; but a transaction of the shop's, from within which we are asked, goes on."""
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()
