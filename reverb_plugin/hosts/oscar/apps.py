"""The app: at start it connects the shop's signals, its plugin and its dashboard."""

from django.apps import AppConfig
from django.conf import settings


class ReverbConfig(AppConfig):
    """``INSTALLED_APPS += ["reverb_plugin.hosts.oscar"]``."""

    name = "reverb_plugin.hosts.oscar"
    label = "reverb_plugin"
    verbose_name = "Reverb"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """The models are loaded: everything else may be."""
        from reverb_plugin.hosts.oscar import dashboard, plugging, signals  # noqa: PLC0415

        signals.connect()
        dashboard.extend()
        if getattr(settings, "REVERB_PLUGIN", {}) is not None:
            plugging.plug_in()
