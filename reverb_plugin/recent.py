"""What the plugin itself said in the log of this process, warnings and worse, with their tracebacks; the last ones.

Only the logger ``reverb_plugin`` is listened to, and nothing of anybody's logging is changed by it.
"""

import logging
from collections import deque
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

MOST_RECORDS = 100
MOST_LETTERS = 8_000
MOST_KEPT = 20
NAME = "tracebacks"
"""Under which they are kept for other processes."""


class Memory(Protocol):
    """Where something can be kept for a while."""

    def find_cached(self, name: str) -> Any:
        """What was kept under this name, in its ``content``; None when nothing was."""

    def save_cached(self, name: str, content: Any) -> None:
        """Keeps it in place of what was there."""


_FORMATTER = logging.Formatter()


class RecentRecords(logging.Handler):
    """Remembers the last records as JSON can keep them, oldest first."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._records: deque[Mapping[str, Any]] = deque(maxlen=MOST_RECORDS)
        self._news: deque[Mapping[str, Any]] = deque(maxlen=MOST_KEPT)

    def emit(self, record: logging.LogRecord) -> None:
        """Never raises: the host's own code is what is logging."""
        try:
            told = _told(record)
        except Exception:  # noqa: BLE001 - a message whose arguments do not fit it, for one
            told = {"at": "", "level": record.levelname, "logger": record.name, "message": str(record.msg)}
        self._records.append(told)
        if told.get("traceback"):
            self._news.append(told)

    @property
    def has_news(self) -> bool:
        """Whether there are tracebacks that other processes cannot know of yet."""
        return bool(self._news)

    def keep_news(self, memory: "Memory") -> None:
        """Has the other processes of the shop know the tracebacks that came since the last time; the last ones stay.

        Raises:
            StoreError: they could not be written; they stay in the memory of this process.
        """
        news = [self._news.popleft() for _ in range(len(self._news))]
        kept = memory.find_cached(NAME)
        before = kept.content if kept is not None and isinstance(kept.content, list) else []
        memory.save_cached(NAME, [*before, *news][-MOST_KEPT:])

    def clear(self) -> None:
        """Forgets everything."""
        self._records.clear()
        self._news.clear()

    def taken(self) -> Sequence[Mapping[str, Any]]:
        """What is remembered."""
        return tuple(self._records)


RECENT = RecentRecords()


def listen() -> None:
    """From now on records are remembered; listening twice is listening once."""
    logging.getLogger("reverb_plugin").addHandler(RECENT)


def _told(record: logging.LogRecord) -> Mapping[str, Any]:
    trace = _FORMATTER.formatException(record.exc_info) if record.exc_info and record.exc_info[0] else ""
    return {
        "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="seconds"),
        "level": record.levelname,
        "logger": record.name,
        "message": record.getMessage()[:MOST_LETTERS],
        "traceback": trace[-MOST_LETTERS:],
        "process": record.process,
        "thread": record.threadName,
    }
