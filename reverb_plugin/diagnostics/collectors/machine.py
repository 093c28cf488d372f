"""The environment: Python and its packages, the machine, what serves the shop, SQLite."""

import importlib.metadata
import locale
import os
import platform
import sqlite3
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from reverb_plugin.version import __version__

MOST_PACKAGES = 600
SERVERS = (
    "gunicorn", "uwsgi", "mod_wsgi", "waitress", "uvicorn", "hypercorn", "daphne", "cheroot", "gevent", "eventlet",
    "celery", "pytest",
)  # fmt: skip
FRAMEWORKS = ("django", "flask", "starlette", "fastapi", "pyramid", "tornado", "bottle", "oscar", "saleor", "odoo")
PROXIES = (
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "SSL_CERT_FILE",
)
_MEMORY = Path("/proc/meminfo")
_OS_RELEASE = Path("/etc/os-release")


def collect_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    """What can be told of the machine and this process; what cannot is left out. Of variables only their names."""
    parts: Mapping[str, Callable[[], Any]] = {
        "plugin": lambda: __version__,
        "python": _python,
        "platform": _platform,
        "process": _process,
        "server": lambda: {name: True for name in SERVERS if name in sys.modules},
        "frameworks": lambda: {name: True for name in FRAMEWORKS if name in sys.modules},
        "sqlite": _sqlite,
        "time": lambda: {"zone": time.strftime("%Z"), "offset": time.strftime("%z")},
        "locale": lambda: {"encoding": locale.getpreferredencoding(False), "file_system": sys.getfilesystemencoding()},
        "variables": lambda: {name: True for name in sorted(environ) if name.startswith("REVERB_")},
        "proxies": lambda: {name: True for name in PROXIES if environ.get(name) or environ.get(name.lower())},
        "packages": _packages,
    }
    found = {}
    for name, collect in parts.items():
        try:
            found[name] = collect()
        except Exception as error:  # noqa: BLE001 - a machine may be broken in any way; the rest goes on
            found[name] = f"cannot be told: {error}"
    return found


def _python() -> dict[str, Any]:
    return {
        "version": platform.python_version(),
        "implementation": platform.python_implementation(),
        "build": " ".join(platform.python_build()),
        "executable": sys.executable,
        "in_environment": sys.prefix != sys.base_prefix,
        "optimised": sys.flags.optimize,
    }


def _platform() -> dict[str, Any]:
    found: dict[str, Any] = {
        "system": platform.system(),
        "release": platform.release(),
        "machine": platform.machine(),
        "processors": os.cpu_count(),
    }
    with suppress(OSError, ValueError, IndexError):
        found["memory_kilobytes"] = int(_MEMORY.read_text().split("MemTotal:")[1].split()[0])
    with suppress(OSError, IndexError):
        found["distribution"] = _OS_RELEASE.read_text().split("PRETTY_NAME=")[1].splitlines()[0].strip('"')
    return found


def _process() -> dict[str, Any]:
    found: dict[str, Any] = {"threads": sorted(thread.name for thread in threading.enumerate())[:50]}
    found["folder"] = str(Path.cwd())
    for name in ("getuid", "geteuid"):
        if hasattr(os, name):
            found[name.removeprefix("get")] = getattr(os, name)()
    return found


def _sqlite() -> dict[str, Any]:
    with sqlite3.connect(":memory:") as raw:
        options = sorted(row[0] for row in raw.execute("PRAGMA compile_options"))
    raw.close()
    return {"version": sqlite3.sqlite_version, "options": options}


def _packages() -> dict[str, str]:
    found: dict[str, str] = {}
    for distribution in importlib.metadata.distributions():
        with suppress(Exception):  # one package without metadata does not hide the others
            found[str(distribution.metadata["Name"])] = str(distribution.version)
        if len(found) >= MOST_PACKAGES:
            break
    return dict(sorted(found.items(), key=lambda each: each[0].lower()))
