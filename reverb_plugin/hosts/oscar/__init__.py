"""A django-oscar shop as a host: add ``"reverb_plugin.hosts.oscar"`` to ``INSTALLED_APPS``.

Imported only on request; the package itself does not depend on Oscar. docs/django.md tells what the app does.
"""
