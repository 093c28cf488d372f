"""The pages, one module each: its routes, and a dataclass for what each template may use."""

from collections.abc import Mapping
from types import ModuleType

from reverb_plugin.admin.pages import (
    first_run,
    log,
    mass_sync,
    orders,
    overview,
    products,
    settings,
    support,
    update,
)
from reverb_plugin.admin.visit import Route

PAGES: tuple[ModuleType, ...] = (overview, log, products, orders, mass_sync, settings, support, first_run, update)

NAVIGATION: Mapping[str, str] = {
    "overview": "Overview",
    "log": "Sync log",
    "products": "Products",
    "orders": "Orders",
    "mass-sync": "Sync all listings",
    "settings": "Settings",
    "support": "Support",
}
"""The names of the pages that stand in the navigation, with their titles."""


def section_of(name: str) -> str | None:
    """The page in the navigation that the route called ``name`` belongs to."""
    for page in PAGES:
        names = [route.name for route in routes_of(page)]
        if name in names:
            return next((known for known in names if known in NAVIGATION), None)
    return None


def routes_of(page: ModuleType) -> tuple[Route, ...]:
    """The routes of one page."""
    routes: tuple[Route, ...] = page.ROUTES
    return routes
