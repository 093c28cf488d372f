"""The app: at start it connects the shop's signals and its plugin."""

from django.apps import AppConfig
from django.conf import settings


class ReverbConfig(AppConfig):
    """``INSTALLED_APPS += ["reverb_plugin.hosts.salesman"]``."""

    name = "reverb_plugin.hosts.salesman"
    label = "reverb_plugin_salesman"
    verbose_name = "Reverb"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """The models are loaded: everything else may be."""
        from reverb_plugin.hosts.salesman import plugging, signals  # noqa: PLC0415

        signals.connect()
        if getattr(settings, "REVERB_PLUGIN", {}) is not None:
            plugging.plug_in()
