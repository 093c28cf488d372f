"""The page inside the shop's admin: a WSGI application that a host mounts, made by ``Plugin.admin_app``."""

from reverb_plugin.admin.app import AdminApp, Authorize
from reverb_plugin.admin.desk import Desk

__all__ = ["AdminApp", "Authorize", "Desk"]
