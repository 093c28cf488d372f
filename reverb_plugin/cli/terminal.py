"""Tables on the terminal: calm, without frames, and safe for texts that others wrote."""

from collections.abc import Iterable

from rich.console import Console
from rich.table import Table
from rich.text import Text

from reverb_plugin.cli.texts import printable
from reverb_plugin.errors import FieldError
from reverb_plugin.settings import Environment

OUTCOME_STYLES = {
    "created": "green",
    "updated": "green",
    "ended": "green",
    "imported": "green",
    "cancelled": "green",
    "moved": "green",
    "shipped": "green",
    "refused": "bold red",
    "deferred": "yellow",
    "skipped": "dim",
    "unchanged": "dim",
}


def make_console(*, stderr: bool = False) -> Console:
    """Where tables go; colours only on a terminal, and no markup in any text."""
    return Console(stderr=stderr, markup=False, highlight=False, emoji=False)


def plain(text: str, style: str = "") -> Text:
    """A text that somebody else wrote, shown as it is."""
    return Text(printable(text), style=style)


def make_table(*, show_header: bool = True, expand: bool = False) -> Table:
    """A table of columns side by side, with nothing drawn around them."""
    return Table(box=None, padding=(0, 2, 0, 0), show_header=show_header, header_style="bold", expand=expand)


def print_table(console: Console, table: Table) -> None:
    """Prints it; what is no terminal gets no blanks at the ends of lines."""
    if console.is_terminal:
        console.print(table)
        return
    with console.capture() as captured:
        console.print(table)
    console.print("\n".join(line.rstrip() for line in captured.get().splitlines()), soft_wrap=True)


def environment_badge(environment: Environment, console: Console) -> Text:
    """The environment, so that nobody takes one for the other; in colours it has a margin of its own."""
    margin = " " if console.is_terminal and not console.no_color else ""
    if environment is Environment.PRODUCTION:
        return Text.assemble((f"{margin}PRODUCTION{margin}", "bold white on red"))
    return Text.assemble((f"{margin}sandbox{margin}", "black on yellow"))


def outcome_text(outcome: str) -> Text:
    """The outcome in its colour."""
    return plain(outcome, OUTCOME_STYLES.get(outcome, ""))


def message_text(message: str, errors: Iterable[FieldError], *, hint: str | None = None) -> Text:
    """A message, each error below it on a line of its own, and what to do next."""
    lines = [plain(message), *(plain(f"- {error}") for error in errors)]
    if hint:
        lines.append(plain(hint, "italic"))
    return Text("\n").join(lines)
