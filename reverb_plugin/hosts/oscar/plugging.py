"""Making the shop's plugin, and starting its worker in processes that serve the shop."""

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.signals import request_started

from reverb_plugin.default import find_default
from reverb_plugin.errors import InvalidValueError
from reverb_plugin.hosts.oscar.options import read_options
from reverb_plugin.hosts.oscar.shop import OscarShop
from reverb_plugin.plugin import Plugin, configure


def plug_in() -> Plugin:
    """The plugin as ``settings.REVERB_PLUGIN`` has it.

    Its worker starts with the first request: ``manage.py`` and scripts have none, and do not send.

    Raises:
        ImproperlyConfigured: an entry cannot be meant.
    """
    options = read_options()
    try:
        plugin = configure(
            OscarShop(options),
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
