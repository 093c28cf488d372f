"""docs/adapter.md: the adapter it builds keeps every promise of the port."""

import re
from pathlib import Path

from reverb_plugin.host_orders import CancelsOrders, ChangesQuantity, TakesOrders

PAGE = (Path(__file__).parents[2] / "docs/adapter.md").read_text()
NAMES = {"__name__": __name__}
exec("\n".join(re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)), NAMES)

TestMyShop = NAMES["TestMyShop"]  # with it, the whole conformance suite runs here


def test_the_last_step_has_each_ability():
    """The suite leaves out what a shop does not offer; the page's offers what it tells of."""
    host = NAMES["TestMyShop"]().make_host([])
    assert all(isinstance(host, ability) for ability in (ChangesQuantity, TakesOrders, CancelsOrders))
