"""What is going to happen a little later: the index catches up, a listing goes live, a photo arrives."""

import heapq
from collections.abc import Callable
from itertools import count
from typing import Literal

Kind = Literal["index", "publish", "photo"]


class Agenda:
    """Actions with the time when they are due; it knows no clock, the caller says what time it is."""

    def __init__(self) -> None:
        self._entries: list[tuple[float, int, Kind, Callable[[], None]]] = []
        self._order = count()

    def add(self, due: float, kind: Kind, action: Callable[[], None]) -> None:
        """Note ``action`` down for the moment ``due`` on the monotonic clock."""
        heapq.heappush(self._entries, (due, next(self._order), kind, action))

    def run_due(self, now: float) -> None:
        """Run everything that is due at ``now``, in order."""
        while self._entries and self._entries[0][0] <= now:
            heapq.heappop(self._entries)[3]()

    def run_all(self, kind: Kind) -> None:
        """Run every entry of one kind at once, however far away it is."""
        chosen = sorted(entry for entry in self._entries if entry[2] == kind)
        self._entries = [entry for entry in self._entries if entry[2] != kind]
        heapq.heapify(self._entries)
        for entry in chosen:
            entry[3]()

    def __len__(self) -> int:
        return len(self._entries)
