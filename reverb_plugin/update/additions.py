"""What a release needs besides what is installed: found by pip, from the configured index alone."""

import json
from importlib import metadata
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename

from reverb_plugin.errors import UpdateError
from reverb_plugin.update.index import PROJECT, ReleaseFile, is_as_safe
from reverb_plugin.update.pip import QUIET, Child, clean_environ, run_pip

SECONDS = 15


def find_additions(wheel: Path, index_url: str, folder: Path) -> tuple[ReleaseFile, ...]:
    """The wheels that ``wheel`` needs and this environment lacks; what is installed stays as it is.

    ``folder`` is for pip's own files. Nothing is installed, and nothing is kept of what pip downloads to find out.

    Raises:
        UpdateError: they cannot be had without changing what is installed, or not from this index.
    """
    constraints, report = folder / "constraints.txt", folder / "report.json"
    constraints.write_text("".join(sorted(set(_installed()))))
    arguments = [
        "install",
        *QUIET,
        f"--timeout={SECONDS}",
        "--retries=1",
        f"--index-url={index_url}",
        f"--constraint={constraints}",
        "--dry-run",
        f"--report={report}",
        str(wheel),
    ]
    run_pip(Child("pip", arguments, clean_environ(folder)))
    found = json.loads(report.read_text())["install"]
    others = [each for each in found if canonicalize_name(each["metadata"]["name"]) != PROJECT]
    return tuple(_as_file(each["download_info"], index_url) for each in others)


def _installed() -> list[str]:
    return [
        f"{each.name}=={each.version}\n"
        for each in metadata.distributions()
        if each.name and canonicalize_name(each.name) != PROJECT
    ]


def _as_file(info: dict[str, Any], index_url: str) -> ReleaseFile:
    url = info["url"]
    filename = unquote(urlsplit(url).path.rpartition("/")[2])
    sha256 = info.get("archive_info", {}).get("hashes", {}).get("sha256", "")
    try:
        _, version, _, tags = parse_wheel_filename(filename)
    except InvalidWheelFilename:
        raise UpdateError(f"{filename} is needed, and is no wheel") from None
    if not sha256 or not is_as_safe(url, index_url):
        raise UpdateError(f"{filename} is needed, and comes without a hash or from an unsafe address")
    return ReleaseFile(filename=filename, url=url, sha256=sha256, version=version, tags=tags)
