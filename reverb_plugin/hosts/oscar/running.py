"""The shop's plugin for the command line, outside ``manage.py``.

``DJANGO_SETTINGS_MODULE=shop.settings reverb-plugin drain --host reverb_plugin.hosts.oscar.running:plugin``
"""

from reverb_plugin.hosts.django_shop.running import plugin

__all__ = ["plugin"]
