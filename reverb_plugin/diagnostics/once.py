"""What is found out once and then known: also that it could not be found out, and that it takes too long."""

import threading
from collections.abc import Callable
from typing import Any, Generic, TypeVar, overload

from reverb_plugin.diagnostics.finding import MootError

T = TypeVar("T")


class Once(Generic[T]):
    """As ``functools.cached_property``; what it raised is raised again, and nobody waits for who is still at it."""

    def __init__(self, find: Callable[[Any], T]) -> None:
        self._find = find
        self._name = find.__name__
        self.__doc__ = find.__doc__

    @overload
    def __get__(self, instance: None, owner: type) -> "Once[T]": ...

    @overload
    def __get__(self, instance: object, owner: type) -> T: ...

    def __get__(self, instance: object | None, owner: type) -> "Once[T] | T":
        """The value."""
        if instance is None:
            return self
        known: _Known = instance.__dict__.setdefault(f"_once_{self._name}", _Known())
        if not known.is_mine_to_find():
            found: T = known.get()
            return found
        try:
            known.value = self._find(instance)
        except BaseException as error:  # a shop's code may even call exit
            known.error = error
            raise
        finally:
            known.is_found = True
        return known.value  # type: ignore[no-any-return]


class _Known:
    def __init__(self) -> None:
        self.value: Any = None
        self.error: BaseException | None = None
        self.is_found = False
        self._turn = threading.Lock()

    def is_mine_to_find(self) -> bool:
        return self._turn.acquire(blocking=False)

    def get(self) -> Any:
        if not self.is_found:
            raise MootError("finding it out takes too long")
        if self.error is not None:
            raise self.error
        return self.value
