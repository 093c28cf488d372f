"""A wheel, looked into before anything of it is used."""

import io
import zipfile
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.version import Version

from reverb_plugin.errors import ReleaseRefusedError
from reverb_plugin.store.schema import HEAD
from reverb_plugin.update.index import ReleaseFile
from reverb_plugin.update.wheel import MOST_FILES, read_wheel
from tests.update.wheels import make_wheel

FILE = ReleaseFile("reverb_plugin-0.2.0-py3-none-any.whl", "", "", Version("0.2.0"))
INFO = "reverb_plugin-0.2.0.dist-info"


def wheel_of(*names, metadata="Metadata-Version: 2.1\nName: reverb-plugin\nVersion: 0.2.0\n"):
    """A small wheel that brings these files."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as wheel:
        wheel.writestr(f"{INFO}/METADATA", metadata)
        for name in names:
            wheel.writestr(zipfile.ZipInfo(name), "x")
    return stream.getvalue()


def test_a_wheel_of_this_tree(releases):
    """Version, Python, dependencies without those of extras, the newest database it knows, its size."""
    facts = read_wheel(releases["0.2.0"].read_bytes(), FILE)
    assert (facts.version, facts.requires_python, facts.schema_head) == ("0.2.0", ">=3.11", HEAD)
    assert {requirement.name for requirement in facts.requires} > {"requests", "SQLAlchemy"}
    assert facts.unpacked_bytes > 500_000
    assert "Something **new**" in facts.description


def test_a_wheel_on_the_disk(releases):
    """A file is read in place."""
    with releases["0.2.0"].open("rb") as file:
        assert read_wheel(file, FILE).version == "0.2.0"


@pytest.mark.parametrize(
    "name",
    [
        "requests/__init__.py",
        "evil.py",
        "evil.pth",
        "reverb_plugin.pth",
        "reverb_plugin-0.2.0.data/scripts/pip",
        "reverb_plugin-0.3.0.dist-info/METADATA",
        "/reverb_plugin/x.py",
        "reverb_plugin/../evil.py",
        "reverb_plugin\\..\\evil.py",
        "../evil.py",
        "reverb_plugin",
        "",
        ".",
    ],
)
def test_what_does_not_belong_to_the_plugin(name):
    """Another package, a file that Python runs at each start, a path that leads out: the wheel is refused."""
    with pytest.raises(ReleaseRefusedError, match="does not belong to the plugin"):
        read_wheel(wheel_of(name), FILE)


def test_a_file_twice():
    """A zip can hold two files of one name, of which each reader takes another."""
    with pytest.warns(UserWarning, match="Duplicate"):
        content = wheel_of("reverb_plugin/a.py", "reverb_plugin/a.py")
    with pytest.raises(ReleaseRefusedError, match="twice"):
        read_wheel(content, FILE)


def test_a_bomb():
    """Too many files, or too many bytes once unpacked, are not unpacked."""
    with pytest.raises(ReleaseRefusedError, match="unpacks to"):
        read_wheel(wheel_of(*(f"reverb_plugin/{number}" for number in range(MOST_FILES + 1))), FILE)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as wheel:
        wheel.writestr("reverb_plugin/large", bytes(110_000_000))
    with pytest.raises(ReleaseRefusedError, match="unpacks to"):
        read_wheel(stream.getvalue(), FILE)


@pytest.mark.parametrize(
    "metadata",
    [
        "",
        "Name: reverb-plugin\n",
        "Metadata-Version: 2.1\nName: requests\nVersion: 0.2.0\n",
        "Metadata-Version: 2.1\nName: reverb-plugin\nVersion: 0.2\nRequires-Dist: ???\n",
        "Metadata-Version: 2.1\nName: reverb-plugin\nVersion: newest\n",
        "Metadata-Version: 2.1\nName: reverb-plugin\nVersion: 0.2.0\nRequires-Dist: a >>> 1\n",
    ],
)
def test_metadata_that_cannot_be_meant(metadata):
    """Of another project, without a version, or not to be read."""
    with pytest.raises(ReleaseRefusedError):
        read_wheel(wheel_of(metadata=metadata), FILE)


def test_another_version_inside(tmp_path):
    """A wheel is the one its name says."""
    content = make_wheel(tmp_path, "0.2.0").read_bytes()
    with pytest.raises(ReleaseRefusedError):
        read_wheel(content, replace(FILE, version=Version("0.3.0")))


@settings(max_examples=60)
@given(st.data())
def test_a_broken_wheel(data):
    """Whatever is wrong with its bytes, it is refused in words or read."""
    content = bytearray(wheel_of("reverb_plugin/a.py"))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(content)))
    with suppress(ReleaseRefusedError):
        read_wheel(bytes(content[:cut] if data.draw(st.booleans()) else content), FILE)
