"""Salesman keeps every promise of a host: the port is not shaped like one shop."""

import pytest

from reverb_plugin.testing import HostConformance
from tests.salesman import shop


class TestSalesman(HostConformance):
    """The same suite as for any other shop, over two models of products."""

    @pytest.fixture(autouse=True)
    def _databases(self, databases):
        self._fresh = databases.fresh

    def make_host(self, products):
        self._fresh()
        for number, product in enumerate(products):
            shop.add_port_product(product, number)
        return shop.host()
