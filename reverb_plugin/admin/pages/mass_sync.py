"""Sync all listings."""

from dataclasses import dataclass

from reverb_plugin.admin.visit import Page, Route, Visit


@dataclass(frozen=True, slots=True)
class MassSyncPage:
    """What the template may use."""

    title: str


def show(visit: Visit) -> Page:
    """The page."""
    return Page("mass_sync.html", MassSyncPage(title="Sync all listings"))


ROUTES = (Route("/mass-sync", "mass-sync", show),)
