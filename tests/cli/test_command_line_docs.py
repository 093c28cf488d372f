"""The documentation of the command line names what there is, and its examples can be typed."""

import contextlib
import re
import shlex
from pathlib import Path

import click
import pytest

from reverb_plugin.cli import COMMANDS, main
from reverb_plugin.cli.exits import MEANINGS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/command-line.md").read_text()
SECTIONS = dict(re.findall(r"^## `([a-z -]+)`\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))
OPTION_ROW = re.compile(r"^\| `(--[a-z-]+)` \|", re.MULTILINE)
EXAMPLE = re.compile(r"^ *(?:\$ )?(reverb-plugin .*)$|`(reverb-plugin [^`]+)`", re.MULTILINE)


def leaves() -> dict[str, click.Command]:
    """Each command that does something, by its words."""
    found: dict[str, click.Command] = {}
    for name in COMMANDS:
        command = main.get_command(click.Context(main), name)
        inner = command.commands if isinstance(command, click.Group) else {}
        found |= {f"{name} {each}": inner[each] for each in inner} or {name: command}
    return found


def examples() -> list[tuple[str, str]]:
    pages = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]
    return sorted({(page.name, a or b) for page in pages for a, b in EXAMPLE.findall(page.read_text())})


def test_every_command_has_a_section():
    """The page has a section for each command, in the order of the help, and no other."""
    assert list(SECTIONS) == list(leaves())


@pytest.mark.parametrize("name", leaves())
def test_every_option_is_documented(name):
    """A section's table names each option of its command, and no other; and there is an example."""
    options = {flag for each in leaves()[name].params if isinstance(each, click.Option) for flag in each.opts}

    assert set(OPTION_ROW.findall(SECTIONS[name])) == options
    assert f"reverb-plugin {name}" in SECTIONS[name]


def test_exit_codes_are_documented():
    """The page has each exit code with its meaning."""
    rows = re.findall(r"^\| (\d+) \| (.*) \|$", PAGE, re.MULTILINE)

    assert rows == [(str(int(code)), meaning) for code, meaning in MEANINGS.items()]


@pytest.mark.parametrize(("page", "example"), examples())
def test_examples_can_be_typed(page, example):
    """Each command line in any page of the documentation is one that click takes."""
    words = shlex.split(example.partition(" < ")[0])[1:]
    if words[:1] == ["COMMAND"]:
        words = words[1:]
    command: click.Command = main
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        found = command.get_command(click.Context(command), words.pop(0))
        assert found is not None, f"{page}: {example}"
        command = found

    with contextlib.suppress(click.exceptions.Exit):  # --help
        command.make_context(example, words, resilient_parsing=isinstance(command, click.Group))
