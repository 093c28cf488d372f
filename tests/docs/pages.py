"""The code blocks of the documentation. A test that runs some takes them from here, and test_blocks.py sees that each
is taken.
"""

import re
import textwrap
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = sorted(str(page.relative_to(ROOT)) for page in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")))
BLOCK = re.compile(r"^( *)```(\w+)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)


def read(page: str) -> str:
    """The text of a page: ``README.md``, ``docs/flask.md``."""
    return (ROOT / page).read_text()


def blocks(page: str, language: str) -> list[str]:
    """The blocks of a page in a language, in their order."""
    return [textwrap.dedent(block) for _, each, block in BLOCK.findall(read(page)) if each == language]


def languages(page: str) -> set[str]:
    """Those of the blocks of a page."""
    return {language for _, language, _ in BLOCK.findall(read(page))}
