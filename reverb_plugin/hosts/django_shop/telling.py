"""Django's signals to the plugin's hooks: after the shop's commit, and no error gets out to the buyer."""

import functools
import logging
from collections.abc import Callable, Iterable
from typing import Any

from django.db import router, transaction

from reverb_plugin.errors import InvalidValueError
from reverb_plugin.guard import swallowed
from reverb_plugin.host import Line

logger = logging.getLogger(__name__)


def kept_inside(receive: Callable[..., None]) -> Callable[..., None]:
    """A receiver out of which no error gets: shops send signals with plain ``send``."""

    @functools.wraps(receive)
    def received(sender: Any = None, **signal: Any) -> None:  # noqa: ARG001 - Django's signature
        try:
            receive(**signal)
        except Exception as error:
            swallowed(error)
            logger.exception("A change in the shop could not be noted")

    return received


def tell(using: str | None, call: Callable[[], object]) -> None:
    """Calls it once the transaction under way is committed, or at once when there is none. No error gets out."""
    transaction.on_commit(kept_inside(call), using=using)  # type: ignore[arg-type]  # what it gives is not used


def make_lines(number: str, pieces: Iterable[tuple[str, int]]) -> tuple[Line, ...]:
    """The lines of an order, by SKU and quantity; one that the plugin cannot know is left out, and the log says why."""
    lines = []
    for sku, quantity in pieces:
        try:
            lines.append(Line(sku, quantity))
        except InvalidValueError as error:
            logger.warning("A line of order %s is passed over: %s", number, error.message)
    return tuple(lines)


def database_of(instance: Any) -> str:
    """Where an instance was read or written."""
    return str(instance._state.db or router.db_for_write(type(instance)))  # noqa: SLF001 - Django's documented place
