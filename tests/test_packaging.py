"""What is built is what a shop installs."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

pytestmark = pytest.mark.skipif(not (ROOT / "hooks").is_dir(), reason="only a checkout can be built")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--outdir", str(folder), str(ROOT)],
        check=True,
        capture_output=True,
        timeout=110,
    )
    return zipfile.ZipFile(next(folder.glob("*.whl")))


def test_nothing_else_is_put_into_site_packages(wheel: zipfile.ZipFile) -> None:
    """The wheel brings one package and its metadata, nothing that could hide a module of the host."""
    names = wheel.namelist()
    top_level = next(name for name in names if name.endswith("top_level.txt"))

    assert wheel.read(top_level).decode().split() == ["reverb_plugin"]
    assert {name.split("/")[0].split("-")[0] for name in names} == {"reverb_plugin"}


def test_every_module_is_in_the_wheel(wheel: zipfile.ZipFile) -> None:
    """No package is forgotten in setup.cfg: hooks and templates are there, and all data files."""
    packaged = set(wheel.namelist())
    kinds = {".py", ".csv", ".html", ".json", ".css", ".js", ".svg"}
    tree = {"reverb_plugin": "reverb_plugin", "hooks": "reverb_plugin/hooks", "templates": "reverb_plugin/templates"}
    expected = {
        str(Path(inside, file.relative_to(ROOT / folder)))
        for folder, inside in tree.items()
        for file in (ROOT / folder).rglob("*")
        if file.suffix in kinds
    }

    assert expected | {"reverb_plugin/py.typed"} <= packaged


def test_the_changelog_is_in_the_wheel(wheel: zipfile.ZipFile) -> None:
    """A release tells what changed in it: the changelog is part of its metadata."""
    metadata = next(name for name in wheel.namelist() if name.endswith("METADATA"))
    text = wheel.read(metadata).decode()

    assert "# reverb-plugin\n" in text
    assert "\n# Changelog\n" in text
    assert "\n### Added\n" in text
