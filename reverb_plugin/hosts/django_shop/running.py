"""The shop's plugin for the command line, outside ``manage.py``.

``DJANGO_SETTINGS_MODULE=shop.settings reverb-plugin drain --host reverb_plugin.hosts.salesman.running:plugin``
"""

import django

from reverb_plugin.default import find_default
from reverb_plugin.errors import HostError
from reverb_plugin.plugin import Plugin


def plugin() -> Plugin:
    """The plugin that the app has made; raises HostError when the settings want none."""
    django.setup()
    found = find_default()
    if found is None:
        raise HostError("settings.REVERB_PLUGIN is None: name the plugin that the shop itself configures")
    return found
