"""Wheels of this very tree under any version, written as the zip files they are: without a build tool, at once."""

import base64
import hashlib
import tomllib
import zipfile
from pathlib import Path

import reverb_plugin
from reverb_plugin.version import __version__

PACKAGE = Path(reverb_plugin.__file__).parent
KINDS = {".py", ".csv", ".html", ".json", ".css", ".js", ".svg", ".typed"}
PROJECT = Path(__file__).parents[2] / "pyproject.toml"
CHANGES = """\
# Changelog

## [{version}] - 2026-12-01

### Added

- Something **new**.
"""


def make_wheel(
    folder,
    version,
    *,
    name="reverb_plugin",
    changes=None,
    requires=None,
    requires_python=">=3.11",
    files=None,
    metadata_version=None,
    filename=None,
):
    """Writes a wheel of this tree as ``version`` into ``folder``; its path.

    ``changes`` is its changelog, ``requires`` its dependencies (by default those of pyproject.toml). ``files`` are put
    in place of the tree's or beside them, by path; None takes one out. ``name``, ``metadata_version`` and ``filename``
    make it lie.
    """
    info = f"{name}-{version}.dist-info"
    content = {path: text.encode() if isinstance(text, str) else text for path, text in _tree(version).items()}
    content[f"{info}/METADATA"] = _metadata(
        name.replace("_", "-"),
        metadata_version or version,
        requires_python,
        _requirements() if requires is None else requires,
        CHANGES.format(version=version) if changes is None else changes,
    ).encode()
    content[f"{info}/WHEEL"] = b"Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    content[f"{info}/entry_points.txt"] = b"[console_scripts]\nreverb-plugin = reverb_plugin.cli:main\n"
    content[f"{info}/top_level.txt"] = b"reverb_plugin\n"
    for path, text in (files or {}).items():
        content.pop(path, None)
        if text is not None:
            content[path] = text.encode() if isinstance(text, str) else text
    content[f"{info}/RECORD"] = _record(content, f"{info}/RECORD").encode()
    path = folder / (filename or f"{name}-{version}-py3-none-any.whl")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as wheel:
        for entry, data in content.items():
            wheel.writestr(zipfile.ZipInfo(entry, (2026, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)
    return path


def _tree(version):
    """The package as it is built; hooks and templates lie inside it, by link in a checkout."""
    files = {
        f"reverb_plugin/{path.relative_to(PACKAGE)}": path.read_bytes()
        for folder in (PACKAGE, PACKAGE / "hooks", PACKAGE / "templates")
        for path in folder.rglob("*")
        if path.suffix in KINDS and path.is_file()
    }
    said = files["reverb_plugin/version.py"].decode()
    return files | {"reverb_plugin/version.py": said.replace(f'"{__version__}"', f'"{version}"').encode()}


def _requirements():
    return tomllib.loads(PROJECT.read_text())["project"]["dependencies"]


def _metadata(name, version, requires_python, requires, changes):
    lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}", f"Requires-Python: {requires_python}"]
    lines += [f"Requires-Dist: {each}" for each in requires]
    return "\n".join([*lines, "Description-Content-Type: text/markdown", "", "# reverb-plugin", "", changes])


def _record(content, own):
    def row(path, data):
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        return f"{path},sha256={digest},{len(data)}"

    return "\n".join([*(row(path, data) for path, data in content.items()), f"{own},,", ""])
