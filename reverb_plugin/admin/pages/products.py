"""Products."""

from dataclasses import dataclass

from reverb_plugin.admin.visit import Page, Route, Visit


@dataclass(frozen=True, slots=True)
class ProductsPage:
    """What the template may use."""

    title: str


def show(visit: Visit) -> Page:
    """The page."""
    return Page("products.html", ProductsPage(title="Products"))


def show_one(visit: Visit) -> Page:
    """The page of one SKU.

    The SKU stands in the query string: in a path, servers and browsers change ``/``, ``//`` and ``..``.
    """
    return Page("products.html", ProductsPage(title=visit.request.args["sku"]))


ROUTES = (Route("/products", "products", show), Route("/product", "product", show_one))
