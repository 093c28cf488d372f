"""What changed, read from a changelog that may be anybody's."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from packaging.version import Version

from reverb_plugin.update.changelog import MOST_ENTRIES, MOST_LETTERS, changes_between, parse_changelog

ROOT = Path(__file__).parents[2]


def test_our_own_changelog_can_be_read():
    """The form that our changelog has is the form that is read: a release made of it today would tell its changes."""
    text = (ROOT / "README.md").read_text() + (ROOT / "CHANGELOG.md").read_text()
    released = text.replace("## [Unreleased]", "## [9.9.9] - 2027-01-01")
    section = parse_changelog(released)[0]
    assert (section.version, section.released) == ("9.9.9", "2027-01-01")
    assert section.groups[0].title == "Added"
    assert len(section.groups[0].entries) > 20
    assert section.groups[0].entries[1].startswith("reverb_plugin.configure and six hooks, which never raise")


def test_forms_of_headings():
    """With and without brackets, link, date, and a dash of any length; the rest is passed over."""
    headings = ["[1.0.0] - 2026-01-01", "[1.1.0](https://example.com) – 2026-01-02", "1.2.0", "Try it", "[Unreleased]"]
    text = "".join(f"## {heading}\n\n- Something.\n\n" for heading in headings)
    assert [(each.version, each.released) for each in parse_changelog(text)] == [
        ("1.0.0", "2026-01-01"),
        ("1.1.0", "2026-01-02"),
        ("1.2.0", ""),
    ]


def test_an_entry_over_several_lines():
    """It becomes one line, without marks."""
    (section,) = parse_changelog(
        "## 1.0\n### Fixed\n- One that\n  goes `on` and **on**,\n  see [there](x).\n\n  More.\n- Two"
    )
    assert section.groups[0].entries == ("One that goes on and on, see there.", "Two")


def test_security_in_any_letters():
    """A group of that title makes a security release."""
    assert parse_changelog("## 1.0\n### SECURITY\n- x")[0].is_security
    assert not parse_changelog("## 1.0\n### Security\n\nnothing this time")[0].is_security


def test_the_length_is_bounded():
    """A changelog of any length gives what fits on a page."""
    text = "## 1.0\n### Added\n" + f"- {'x' * 1_000}\n" * 1_000
    (section,) = parse_changelog(text)
    assert len(section.groups[0].entries) == MOST_ENTRIES
    assert len(section.groups[0].entries[0]) == MOST_LETTERS


def test_between_two_releases():
    """After the one and up to the other, the newest first, in whatever order they are written."""
    sections = parse_changelog("".join(f"## {version}\n- x\n" for version in ("1.1", "1.10", "1.9", "2.0")))
    assert [each.version for each in changes_between(sections, Version("1.1"), Version("1.10"))] == ["1.10", "1.9"]


@given(st.text(alphabet="#-*[]() \n\r`1.0aé", max_size=200))
def test_any_text(text):
    """No text is too strange: it gives sections or none."""
    for section in parse_changelog(text):
        Version(section.version)
