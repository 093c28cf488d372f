"""The documentation of the checks names each of them, in their order, and what can be repaired."""

import re
from pathlib import Path

import pytest

from reverb_plugin.diagnostics.checks import ALL

PAGE = (Path(__file__).parents[2] / "docs/checks.md").read_text()
SECTIONS = dict(re.findall(r"^### ([a-z-]+)\n(.*?)(?=^##|\Z)", PAGE, re.MULTILINE | re.DOTALL))


def test_each_check_has_its_place():
    """A section for each code, in the order in which the checks are made, and no other."""
    assert list(SECTIONS) == [check.code for check in ALL]


@pytest.mark.parametrize("check", ALL, ids=lambda check: check.code)
def test_the_section_is_of_this_check(check):
    """It begins with the check's name, and names its repair when there is one."""
    text = " ".join(SECTIONS[check.code].split())
    assert text.startswith(f"**{check.name}.** ")
    assert check.repair is None or f"*{check.repair.words}*" in text


def test_what_a_check_needs_comes_before_it():
    """The order is that of causes: a check only waits for those that were made before, and each code is one check's."""
    codes = [check.code for check in ALL]
    assert len(set(codes)) == len(codes) >= 30
    for place, check in enumerate(ALL):
        assert set(check.needs) <= set(codes[:place]), check.code
