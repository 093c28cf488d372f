"""The shop that a command line names, connected to Reverb."""

import importlib
import sys
from operator import attrgetter
from pathlib import Path

import click

from reverb_plugin.errors import HostError, NoShopError, PluginError
from reverb_plugin.host import Host
from reverb_plugin.plugin import Plugin, WorkerMode, configure


def connect(
    host: Host | str | None, *, data_dir: str | None, api_url: str | None, worker: WorkerMode = "none"
) -> Plugin:
    """The plugin of ``host``, or of the shop that ``--host`` names, or the plugin itself when it names one.

    Raises:
        NoShopError: none was named.
        HostError: the shop's code raised, or gave something else than a shop.
        click.UsageError: the name leads nowhere, or options do not fit the plugin that was named.
    """
    if not host:
        raise NoShopError
    shop = load_shop(host) if isinstance(host, str) else host
    if not isinstance(shop, Plugin):
        return configure(shop, data_dir=data_dir, api_url=api_url, worker=worker)
    if data_dir or api_url:
        raise click.UsageError(
            f"{host} is a Plugin with a database and an API address of its own: leave out --data-dir and "
            "--api-url, and REVERB_DATA_DIR and REVERB_API_URL."
        )
    return shop


def load_shop(name: str) -> Host | Plugin:
    """What ``package.module:attribute`` names, called when it is a class or a function; raises as :func:`connect`."""
    named = _find(name)
    if isinstance(named, type) or (callable(named) and not isinstance(named, Host | Plugin)):
        try:
            named = named()
        except PluginError:
            raise
        except Exception as error:
            raise HostError(f"{name}() raised {type(error).__name__}: {error}") from error
    if not isinstance(named, Host | Plugin):
        raise HostError(f"{name} gives {type(named).__name__}, which has no find_product and iter_products")
    return named


def _find(name: str) -> object:
    module_name, _, attribute = name.partition(":")
    if not module_name or not attribute:
        raise click.BadParameter(f"{name} must be written package.module:attribute", param_hint="--host")
    if module_name.endswith(".py"):
        meant = ".".join(Path(module_name).with_suffix("").parts)
        raise click.BadParameter(f"{name} is a file's name; write {meant}:{attribute}", param_hint="--host")
    if (here := str(Path.cwd())) not in sys.path:
        sys.path.insert(0, here)
    try:
        return attrgetter(attribute)(_import(module_name))
    except AttributeError:
        raise click.BadParameter(f"{module_name} has no {attribute}", param_hint="--host") from None


def _import(module_name: str) -> object:
    try:
        return importlib.import_module(module_name)
    except PluginError:
        raise
    except ModuleNotFoundError as error:
        if error.name is None or not f"{module_name}.".startswith(f"{error.name}."):
            raise HostError(f"importing {module_name} raised {type(error).__name__}: {error}") from error
        raise click.BadParameter(f"there is no module {module_name}", param_hint="--host") from None
    except Exception as error:
        raise HostError(f"importing {module_name} raised {type(error).__name__}: {error}") from error
