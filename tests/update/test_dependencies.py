"""What a release needs besides itself, and what of the shop's own packages may be touched: nothing."""

import zipfile

import pytest

from reverb_plugin.version import __version__
from tests.update.wheels import make_wheel

HELPER = "reverb-test-helper"


def make_helper(folder, version="1.0", requires=""):
    """A wheel of another project."""
    info = f"reverb_test_helper-{version}.dist-info"
    path = folder / f"reverb_test_helper-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr("reverb_test_helper.py", f"version = {version!r}\n")
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {HELPER}\nVersion: {version}\n{requires}")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(
            f"{info}/RECORD", f"reverb_test_helper.py,,\n{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n"
        )
    return path


@pytest.fixture
def needy(index, tmp_path_factory):
    """A release 0.2.0 that needs another project, which the index has."""
    folder = tmp_path_factory.mktemp("needy")
    index.add(make_wheel(folder, "0.2.0", requires=[f"{HELPER}>=1"]))
    index.add(make_helper(folder), project=HELPER)
    return folder


def test_extraneous_dependencies(installed, index, needy):
    """What a release wants to bring along is named, and nothing is installed before a person has agreed."""
    printed = installed.update(fails=True)

    assert f"needs what is not installed here: {HELPER}>=1" in printed
    assert "--with-dependencies" in printed
    assert not any(HELPER in path for path in index.requests)
    assert not (installed.data / "update").exists()


@pytest.mark.long
def test_dependencies_that_were_agreed_to(installed, needy):
    """They come from the configured index with the hash it gives, and are seen in the plan."""
    assert "add reverb_test_helper-1.0-py3-none-any.whl" in installed.update("--dry-run", "--with-dependencies")

    installed.update("--with-dependencies")

    assert installed.run("-c", "import reverb_test_helper; print(reverb_test_helper.version)").strip() == "1.0"
    assert installed.versions()[0] == "0.2.0"


@pytest.mark.long
def test_dependencies_go_when_the_old_version_comes_back(installed, needy):
    """An update that is killed leaves nothing of what it brought along."""
    installed.update_killed("kill-all leash.py open site-packages/reverb_plugin/store/ 9", "--with-dependencies")

    assert installed.versions()[0] == __version__
    installed.run("-c", "import reverb_test_helper", fails=True)
    installed.check_whole()


def test_a_dependency_that_would_change_another_package(installed, index, needy):
    """When it can only be had with another version of what is installed, nothing is done, and pip's words say why."""
    index.add(make_helper(needy, requires="Requires-Dist: packaging<1\n"), project=HELPER)

    printed = installed.update("--with-dependencies", fails=True)

    assert "packaging<1" in printed
    assert installed.versions()[0] == __version__
    assert not (installed.data / "update").exists()
