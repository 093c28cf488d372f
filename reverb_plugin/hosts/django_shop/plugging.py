"""Making a shop's plugin, and starting its worker in processes that serve the shop."""

from pathlib import Path
from typing import Any, Protocol

from django.core.exceptions import ImproperlyConfigured
from django.core.signals import request_started

from reverb_plugin.default import find_default
from reverb_plugin.errors import InvalidValueError
from reverb_plugin.host import Host
from reverb_plugin.plugin import Plugin, WorkerMode, configure


class PluginOptions(Protocol):
    """The entries of ``REVERB_PLUGIN`` that every Django shop has: those of ``reverb_plugin.configure``."""

    @property
    def data_dir(self) -> str | Path | None:
        """The folder of the plugin's files."""

    @property
    def environment(self) -> str | None:
        """``sandbox`` or ``production``."""

    @property
    def api_url(self) -> str | None:
        """Another address of the API."""

    @property
    def worker(self) -> WorkerMode:
        """``thread`` or ``none``."""


def plug_in(shop: Host, options: PluginOptions) -> Plugin:
    """The plugin as ``settings.REVERB_PLUGIN`` has it.

    Its worker starts with the first request: ``manage.py`` and scripts have none, and do not send.

    Raises:
        ImproperlyConfigured: an entry cannot be meant.
    """
    try:
        plugin = configure(
            shop,
            environment=options.environment,
            data_dir=options.data_dir,
            api_url=options.api_url,
            worker="none",
        )
    except InvalidValueError as error:
        raise ImproperlyConfigured(f"REVERB_PLUGIN: {error.message}") from error
    if options.worker == "thread":
        _start_with_first_request(plugin)
    return plugin


def _start_with_first_request(plugin: Plugin) -> None:
    def start(**_signal: Any) -> None:
        request_started.disconnect(start)
        if find_default() is plugin:  # nobody has closed it
            plugin.start_worker()

    request_started.connect(start, weak=False)
