"""Making the shop's plugin."""

from reverb_plugin.hosts.django_shop import plugging
from reverb_plugin.hosts.oscar.options import read_options
from reverb_plugin.hosts.oscar.shop import OscarShop
from reverb_plugin.plugin import Plugin


def plug_in() -> Plugin:
    """The plugin as ``settings.REVERB_PLUGIN`` has it; raises ImproperlyConfigured for what cannot be meant."""
    options = read_options()
    return plugging.plug_in(OscarShop(options), options)
