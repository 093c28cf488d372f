"""Sync log."""

from dataclasses import dataclass

from reverb_plugin.admin.visit import Page, Route, Visit


@dataclass(frozen=True, slots=True)
class LogPage:
    """What the template may use."""

    title: str


def show(visit: Visit) -> Page:
    """The page."""
    return Page("log.html", LogPage(title="Sync log"))


ROUTES = (Route("/log", "log", show),)
