"""A django-salesman shop as a host: add ``"reverb_plugin.hosts.salesman"`` to ``INSTALLED_APPS``.

Imported only on request; the package itself does not depend on Salesman. docs/salesman.md tells what the app does.
"""
