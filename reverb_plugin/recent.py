"""What the plugin itself said in the log of this process, warnings and worse, with their tracebacks; the last ones.

Only the logger ``reverb_plugin`` is listened to, and nothing of anybody's logging is changed by it.
"""

import logging
from collections import deque
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

MOST_RECORDS = 100
MOST_LETTERS = 8_000

_FORMATTER = logging.Formatter()


class RecentRecords(logging.Handler):
    """Remembers the last records as JSON can keep them, oldest first."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._records: deque[Mapping[str, Any]] = deque(maxlen=MOST_RECORDS)
        self._number = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Never raises: the host's own code is what is logging."""
        try:
            self._records.append(_told(record))
        except Exception:  # noqa: BLE001 - a message whose arguments do not fit it, for one
            self._records.append(
                {"at": "", "level": record.levelname, "logger": record.name, "message": str(record.msg)}
            )
        self._number += 1

    @property
    def number(self) -> int:
        """How many there were, ever."""
        return self._number

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
