"""Something done in a thread of its own, because it may never come back: the shop, or a check."""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Aside(Generic[T]):
    """Begins at once; where no thread can be started it is done before anything else."""

    def __init__(self, act: Callable[[], T]) -> None:
        self._act = act
        self._result: list[T] = []
        self._error: Exception | None = None
        self._thread: threading.Thread | None = threading.Thread(
            target=self._run, name="reverb-plugin-bundle", daemon=True
        )
        try:
            self._thread.start()
        except RuntimeError:
            self._thread = None
            self._run()

    def get(self, seconds: float) -> T:
        """The result; raises what was raised, and TimeoutError when it takes longer."""
        if self._thread is not None:
            self._thread.join(seconds)
            if self._thread.is_alive():
                raise TimeoutError(f"it took longer than {seconds:.0f} seconds")
        if self._error is not None:
            raise self._error
        return self._result[0]

    def _run(self) -> None:
        try:
            self._result.append(self._act())
        except Exception as error:  # noqa: BLE001 - told by get
            self._error = error
