"""Oscar keeps every promise of a host."""

import pytest

from reverb_plugin.testing import HostConformance
from tests.oscar import shop


class TestOscar(HostConformance):
    """The same suite as for any other shop, with a database of its own for each shop that it asks for."""

    @pytest.fixture(autouse=True)
    def _databases(self, databases):
        self._fresh = databases.fresh

    def make_host(self, products):
        self._fresh()
        for product in products:
            shop.add_port_product(product)
        return shop.host()
