"""What changed in which release: read from a changelog in the form of Keep a Changelog.

It comes with the release's own metadata, below the description. It is shown as plain text, whatever it holds.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from packaging.version import InvalidVersion, Version

MOST_RELEASES = 20
MOST_ENTRIES = 40
MOST_LETTERS = 400

_RELEASE = re.compile(r"## \[?([^\s\]]+)\]?(?:\([^)]*\))?(?:\s+[-–—]\s+(.*))?")
_MARKS = re.compile(r"(\*\*|\*|`)(?=\S)(.+?)(?<=\S)\1")
_LINK = re.compile(r"\[([^\]]+)\]\([^)]*\)")


@dataclass(frozen=True, slots=True)
class Group:
    """Changes of one kind: ``Added``, ``Changed``, ``Fixed``, ``Security`` ..."""

    title: str
    entries: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """What changed in one release; ``released`` is its date as it was written, "" when none was."""

    version: str
    released: str
    groups: tuple[Group, ...]

    @property
    def is_security(self) -> bool:
        """Whether it mends what endangers a shop."""
        return any(group.title.casefold() == "security" for group in self.groups)


def parse_changelog(text: str) -> tuple[Section, ...]:
    """The sections of the releases in ``text``, in its order; whatever else it holds is passed over."""
    parts = re.split(r"^(?=## )", text.replace("\r\n", "\n"), flags=re.MULTILINE)
    return tuple(section for part in parts if (section := _find_section(part)) is not None)


def changes_between(sections: tuple[Section, ...], after: Version, to: Version) -> tuple[Section, ...]:
    """What somebody gets who goes from the one release to the other; the newest first."""
    wanted = [section for section in sections if after < Version(section.version) <= to]
    return tuple(sorted(wanted, key=lambda section: Version(section.version), reverse=True)[:MOST_RELEASES])


def _find_section(part: str) -> Section | None:
    heading, _, body = part.partition("\n")
    match = _RELEASE.fullmatch(heading.strip())
    if match is None:
        return None
    try:
        version = str(Version(match[1]))
    except InvalidVersion:
        return None
    groups = (_read_group(text) for text in re.split(r"^### ", body, flags=re.MULTILINE))
    return Section(version, (match[2] or "").strip()[:MOST_LETTERS], tuple(group for group in groups if group.entries))


def _read_group(text: str) -> Group:
    title, _, body = text.partition("\n")
    return Group(title.strip()[:MOST_LETTERS], tuple(_entries(body))[:MOST_ENTRIES])


def _entries(body: str) -> Iterator[str]:
    """Each point of a list in one line, without marks."""
    for point in re.split(r"^[-*+] ", body, flags=re.MULTILINE)[1:]:
        words = " ".join(point.partition("\n\n")[0].split())[: 2 * MOST_LETTERS]
        plain = _MARKS.sub(r"\2", _LINK.sub(r"\1", words))
        yield plain if len(plain) <= MOST_LETTERS else plain[: MOST_LETTERS - 1] + "…"
