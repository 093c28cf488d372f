"""The documentation tells the truth: it names what there is, and its examples run."""

import ast
import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest

from reverb_plugin import errors, hooks
from reverb_plugin.hosts.csv_formats import OwnFormat
from reverb_plugin.settings import SETTINGS, show
from tests.docs.pages import PAGES, ROOT, blocks, languages, read

TESTS = sorted(ROOT.glob("tests/**/test_*.py"))
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#]+)(?:#[^)]*)?\)")


def error_classes(base: type[errors.PluginError] = errors.PluginError) -> set[type[errors.PluginError]]:
    return {base}.union(*map(error_classes, base.__subclasses__()))


@pytest.mark.parametrize("name", SETTINGS)
def test_setting_is_documented(name: str) -> None:
    """Each setting stands in the documentation with its variable, default and help."""
    info = SETTINGS[name]
    default = f"`{show(info.default)}`" if show(info.default) else "empty"
    text = info.help.replace("|", r"\|")  # a bar would end the cell

    row = next(line for line in (ROOT / "docs/settings.md").read_text().splitlines() if f"| `{name}` |" in line)

    assert f"| `{info.variable}` |" in row
    assert f"| {default} | {text} |" in row
    assert all(f"`{choice}`" in row for choice in info.choices)


def test_no_setting_is_documented_that_is_none() -> None:
    """The documentation names no setting that does not exist."""
    named = re.findall(r"^\| `(\w+)` \|", (ROOT / "docs/settings.md").read_text(), re.MULTILINE)

    assert list(SETTINGS) == named


@pytest.mark.parametrize("error", sorted(error_classes(), key=lambda error: error.__name__))
def test_error_is_documented(error: type[errors.PluginError]) -> None:
    """Each error code stands in the documentation with what happened, whose turn it is and what to do."""
    row = f"| `{error.code}` | {inspect.getdoc(error)} | {error.turn} | {error.hint} |"

    assert row in (ROOT / "docs/errors.md").read_text().splitlines()


def test_error_codes_are_their_own() -> None:
    """No two kinds of error share a code, and each code is kebab-case."""
    codes = [error.code for error in error_classes()]

    assert len(codes) == len(set(codes))
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", code) for code in codes)


@pytest.mark.parametrize("name", hooks.__all__)
def test_hook_is_documented(name: str) -> None:
    """Each hook stands in the documentation, takes its event and the plugin, and says what it does."""
    hook = getattr(hooks, name)

    assert f"| `{name}` |" in (ROOT / "docs/hosts.md").read_text()
    assert [parameter.kind.name for parameter in inspect.signature(hook).parameters.values()] == [
        "POSITIONAL_OR_KEYWORD",
        "KEYWORD_ONLY",
    ]
    assert inspect.getdoc(hook)


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    """A link from one page to a file of the project leads to one."""
    for target in LINK.findall(read(page)):
        assert (ROOT / page).parent.joinpath(target).exists(), target


@pytest.mark.parametrize("page", [page for page in PAGES if "python" in languages(page)])
def test_python_examples_run(page: str, tmp_path: Path) -> None:
    """The Python of a page runs from top to bottom, as its reader would paste it."""
    code = "\n".join(blocks(page, "python"))

    run = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={"XDG_DATA_HOME": str(tmp_path), "HOME": str(tmp_path), "PATH": ""},
        timeout=60,
        check=False,
    )

    assert run.stderr == ""
    assert run.returncode == 0


def test_first_shop_of_a_reader_knows_what_it_does_not_have() -> None:
    """The shop of the README has no product for a SKU that it does not know, as its contract and the doctor ask."""
    names: dict[str, object] = {}
    exec(blocks("README.md", "python")[0].partition("plugin = ")[0], names)
    shop = names["MyShop"]()  # type: ignore[operator]

    assert shop.find_product("BOSS-DS1") is not None
    assert shop.find_product("reverb-plugin: no such SKU") is None


@pytest.mark.parametrize("file", TESTS, ids=lambda file: str(file.relative_to(ROOT)))
def test_tests_say_their_promise(file: Path) -> None:
    """Each test states what it promises in its docstring."""
    functions = [node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.FunctionDef)]

    assert [each.name for each in functions if each.name.startswith("test_") and not ast.get_docstring(each)] == []


def test_csv_columns_are_documented() -> None:
    """The documentation of our own CSV names each column, and no other."""
    named = re.findall(r"^\| `(\w+)` \|", (ROOT / "docs/csv.md").read_text(), re.MULTILINE)

    assert list(OwnFormat.columns) == named


def test_troubleshooting_names_what_there_is() -> None:
    """Each code among the symptoms is one of the errors or outcomes below it, and each error stands there once."""
    symptoms, below = (ROOT / "docs/errors.md").read_text().split("## Error codes")
    table, outcomes = below.split("Outcomes that")
    codes = re.findall(r"^\| `([a-z-]+)` \|", table, re.MULTILINE)
    known = {*codes, *re.findall(r"^\| `([a-z-]+)` \|", outcomes, re.MULTILINE)}

    assert sorted(codes) == sorted(error.code for error in error_classes())
    assert set(re.findall(r"`([a-z]+(?:-[a-z]+)+)`", symptoms)) <= known
