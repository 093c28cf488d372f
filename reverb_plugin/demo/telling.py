"""How the demo speaks: steps, the plugin's own log between them, and a line of proof after each. 80 columns."""

import logging
import sys
import textwrap
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console
from rich.text import Text

WIDTH = 80
LABEL_WIDTH = 10
STYLES = {"Proof": "green", "WRONG": "bold red"}


class StoryError(Exception):
    """A part of the demo did not do its work, so that the story cannot go on."""


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that was looked up, beside what the story says it is; ``{}`` in ``text`` is its place."""

    text: str
    found: object
    wanted: object

    @property
    def holds(self) -> bool:
        """Whether the story is true so far."""
        return self.found == self.wanted

    def __str__(self) -> str:
        told = self.text.format(self.found)
        return told if self.holds else f"{told} (it should be {self.wanted})"


class Teller:
    """Writes to the terminal, and waits for Enter before each step when ``waits``."""

    def __init__(self, *, waits: bool) -> None:
        self._waits = waits
        self._console = Console(highlight=False, markup=False, emoji=False)
        self._width = min(WIDTH, self._console.width)

    def say(self, text: str) -> None:
        """A paragraph between the steps."""
        self._console.print()
        self._write(text)

    def step(self, number: int, count: int, heading: str, promise: str) -> None:
        """Announces a step."""
        self._console.print()
        self._write(f"Step {number} of {count}: {heading}", style="bold")
        self._write(promise)
        if self._waits:
            self._waits = self._heard_enter()

    def line(self, label: str, text: str, style: str = "") -> None:
        """One labelled line, such as what Reverb said; a long one hangs beside its label."""
        self._write(text, label=f"{label:<{LABEL_WIDTH}}", style=style or STYLES.get(label, ""))

    def prove(self, facts: Sequence[Fact]) -> bool:
        """Shows in one line what was found; whether all of it is as the story says."""
        holds = all(fact.holds for fact in facts)
        self.line("Proof" if holds else "WRONG", ", ".join(map(str, facts)) + ".")
        return holds

    def table(self, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        """Figures below each other; the first column holds their names."""
        cells = [list(map(str, row)) for row in (columns, *rows)]
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        self._console.print()
        for place, (name, *figures) in enumerate(cells):
            numbers = "".join(f"{figure:>{width + 3}}" for figure, width in zip(figures, widths[1:], strict=True))
            self._write(f"{name:<{widths[0]}}{numbers}", label=" " * LABEL_WIDTH, style="" if place else "bold")

    def places(self, places: Mapping[str, str]) -> None:
        """Where to look further; an address is never broken, so that it can be copied."""
        for label, place in places.items():
            self._console.print(Text(f"  {label:<22}{place}"), soft_wrap=True)

    def _write(self, text: str, *, label: str = "", style: str = "") -> None:
        """Wrapped by hand, since rich would fill each line up with blanks; printed at once, since threads log."""
        rows = textwrap.wrap(
            plain(text),
            self._width,
            initial_indent=label,
            subsequent_indent=" " * len(label),
            break_on_hyphens=False,  # a SKU stays whole
        )
        self._console.print(Text("\n".join(rows), style=style), soft_wrap=True)

    def _heard_enter(self) -> bool:
        try:
            self._console.input(Text("  Press Enter ...", style="dim"))
        except EOFError:
            return False
        return True


class PluginLog(logging.Handler):
    """Shows the plugin's own log as it is written, and remembers it."""

    def __init__(self, teller: Teller) -> None:
        super().__init__(logging.INFO)
        self._teller = teller
        self._records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Shows one line: the time, and what happened."""
        self._records.append(record)
        message = record.getMessage()
        if record.exc_info and record.exc_info[1] is not None:
            message += f" ({type(record.exc_info[1]).__name__}: {record.exc_info[1]})"
        at = time.strftime("%H:%M:%S", time.localtime(record.created))
        self._teller.line(at, message, "yellow" if record.levelno >= logging.WARNING else "")

    def count(self, beginning: str) -> int:
        """How many lines begin like this."""
        return sum(1 for record in tuple(self._records) if record.getMessage().startswith(beginning))

    def count_attempts(self) -> int:
        """How many lines tell of an attempt."""
        return sum(1 for record in tuple(self._records) if record.name == "reverb_plugin.sync.run")


@contextmanager
def shown_log(teller: Teller) -> Iterator[PluginLog]:
    """The log of ``reverb_plugin`` is shown meanwhile."""
    logger, handler = logging.getLogger("reverb_plugin"), PluginLog(teller)
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        yield handler
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)


def has_person() -> bool:
    """Whether someone sits at a terminal who can press Enter."""
    return sys.stdin is not None and sys.stdin.isatty()


def plain(text: str) -> str:
    """The text without what would steer a terminal: product texts and Reverb's messages are other people's."""
    return "".join(character if character.isprintable() else "?" for character in text)
