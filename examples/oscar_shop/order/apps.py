"""Oscar's order app under the shop's name."""

from oscar.apps.order import apps


class OrderConfig(apps.OrderConfig):
    """Finds the shop's own ``processing`` before Oscar's."""

    name = "examples.oscar_shop.order"
