"""Overview."""

from dataclasses import dataclass

from reverb_plugin.admin.visit import Page, Route, Visit


@dataclass(frozen=True, slots=True)
class OverviewPage:
    """What the template may use."""

    title: str


def show(visit: Visit) -> Page:
    """The page."""
    return Page("overview.html", OverviewPage(title="Overview"))


ROUTES = (Route("/", "overview", show),)
