"""Tries this version: ``python -m reverb_plugin.update.probe try FOLDER`` or ``... migrate FOLDER``.

An older version that installs this one runs it in a Python of its own; so the arguments and what is printed stay as
they are: one JSON object in the last line, with the ``version`` and the ``head`` of the database.
"""

import importlib
import json
import pkgutil
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from wsgiref.util import setup_testing_defaults

import reverb_plugin
from reverb_plugin.clock import Clock
from reverb_plugin.errors import PluginError
from reverb_plugin.guard import watched
from reverb_plugin.host import Product
from reverb_plugin.store import migrate
from reverb_plugin.store.engine import Database
from reverb_plugin.store.schema import HEAD
from reverb_plugin.store.store import FILE_NAME
from reverb_plugin.version import __version__

if TYPE_CHECKING:
    from reverb_plugin.plugin import Plugin

PAGES = ("/", "/log", "/settings", "/products", "/orders", "/mass-sync", "/update")
PATIENCE_SECONDS = 30.0
READY_SHOPS = "reverb_plugin.hosts."
"""They are imported by their own shop alone, and some only once that is set up."""


class EmptyShop:
    """A shop without products."""

    def find_product(self, sku: str) -> Product | None:  # noqa: ARG002 - the port's signature
        """There is none."""
        return None

    def iter_products(self, after_sku: str | None = None) -> Iterator[Product]:  # noqa: ARG002
        """There are none."""
        return iter(())


def try_out(folder: Path) -> None:
    """Imports every module, brings the database in ``folder`` up, runs the checks and renders the page.

    Raises:
        PluginError: something does not work.
    """
    for module in pkgutil.walk_packages(reverb_plugin.__path__, "reverb_plugin."):
        if not module.name.endswith("__main__") and not module.name.startswith(READY_SHOPS):
            importlib.import_module(module.name)
    from reverb_plugin.plugin import configure  # noqa: PLC0415 - above this room

    broken: list[Exception] = []
    plugin = configure(EmptyShop(), data_dir=folder, worker="none")
    try:
        with watched(broken.append):
            plugin.store.queue_status()
            plugin.diagnose(offline=True)
            for path in PAGES:
                _render(plugin, path)
    finally:
        plugin.close()
    if broken:
        raise broken[0]


def _render(plugin: "Plugin", path: str) -> None:
    environ: dict[str, object] = {"PATH_INFO": path}
    setup_testing_defaults(environ)
    answered: list[str] = []

    def start_response(status: str, _headers: object, _exc_info: object = None) -> None:
        answered.append(status)

    content = b"".join(plugin.admin_app(lambda _environ: True)(environ, start_response))  # type: ignore[arg-type]
    if not answered or not answered[0].startswith(("200", "303")):
        raise PluginError(f"the page {path} answers {answered}: {content[:500].decode(errors='replace')}")


def bring_up(folder: Path) -> None:
    """Migrates the database in ``folder``, if there is one, in one transaction.

    Raises:
        StoreError: that is not possible; the database is as it was.
    """
    path = folder / FILE_NAME
    if path.exists():
        clock = Clock()
        database = Database(path, migrate.is_current, migrate.migrate, clock, patience_seconds=PATIENCE_SECONDS)
        try:
            with database.read():
                pass
        finally:
            database.close()


def main(action: str, folder: str) -> None:
    """Does it and says so; ends with 1 and in its last line the reason when it does not work."""
    try:
        {"try": try_out, "migrate": bring_up}[action](Path(folder))
    except PluginError as error:
        sys.stdout.write(error.message)
        sys.exit(1)
    except Exception:  # noqa: BLE001 - whatever it is, the older version has to hear of it
        sys.stdout.write(traceback.format_exc())
        sys.exit(1)
    sys.stdout.write(f"{json.dumps({'version': __version__, 'head': HEAD})}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
