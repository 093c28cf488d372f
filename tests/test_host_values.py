"""The values that cross between a shop and the plugin."""

from decimal import Decimal

import pytest

from reverb_plugin.errors import InvalidValueError
from reverb_plugin.host import Line, OrderCancelled, OrderPlaced, Product, Refund, Shipment, check_quantity, check_sku


def test_product_needs_only_sku_and_title():
    """What a shop does not know stays unknown: no price, no quantity, Reverb's own default for offers."""
    product = Product("A-1", "Cable")
    assert (product.price, product.quantity, product.offers_enabled, product.sync) == (None, None, None, True)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", ""),
        ("title", None),
        ("title", "x" * 256),
        ("make", 5),
        ("year", 1965),
        ("description", None),
        ("price", 9.99),
        ("price", "cheap"),
        ("price", Decimal("NaN")),
        ("price", Decimal("Infinity")),
        ("price", Decimal("-0.01")),
        ("price", True),
        ("currency", "US"),
        ("currency", "dollars"),
        ("currency", None),
        ("quantity", -1),
        ("quantity", 1.5),
        ("quantity", "3"),
        ("quantity", True),
        ("categories", "Guitars"),
        ("categories", None),
        ("photos", "https://shop.example/a.jpg"),
        ("photos", 5),
        ("id", 1.5),
        ("shipping_profile", []),
    ],
)
def test_product_refuses_nonsense_by_field_and_value(field, value):
    """A value that cannot be meant is refused with the field's name and the value."""
    with pytest.raises(InvalidValueError) as caught:
        Product(**{"sku": "A-1", "title": "Cable", field: value})
    assert caught.value.field == field
    assert repr(value)[:40] in caught.value.message


@pytest.mark.parametrize("sku", ["", " ", " A", "A ", "A\n", "A\tB", "\x00", "x" * 256, None, 5])
def test_sku_that_cannot_be_a_key_is_refused(sku):
    """A SKU is printable text without blanks at its ends."""
    with pytest.raises(InvalidValueError, match="sku"):
        check_sku(sku)


@pytest.mark.parametrize("sku", ["A-1", "a b", "0012", "it's", "100%", "a/b", "日本-1", "😀", "x" * 255])
def test_sku_is_kept_as_it_is(sku):
    """Any other SKU is taken as the shop writes it."""
    assert check_sku(sku) == sku


@pytest.mark.parametrize("quantity", [None, 0, 250])
def test_quantity_is_kept(quantity):
    """Unknown stays unknown and zero stays zero."""
    assert check_quantity(quantity) is quantity


def test_texts_lose_blanks_at_their_ends():
    """Blanks around a text are never meant."""
    product = Product("A-1", " Cable ", description="\n<p>Long</p>\n", make=" Mogami ")
    assert (product.title, product.description, product.make) == ("Cable", "<p>Long</p>", "Mogami")


def test_price_is_exact():
    """Text and whole numbers become a Decimal."""
    assert Product("A-1", "Cable", "19.99").price == Decimal("19.99")
    assert Product("A-1", "Cable", 20).price == Decimal(20)


def test_currency_is_written_in_capitals():
    """usd and USD are the same currency."""
    assert Product("A-1", "Cable", currency="usd").currency == "USD"


def test_lists_become_tuples_without_empty_items():
    """Any iterable of texts is a list; empty items are dropped and the order is kept."""
    product = Product("A-1", "Cable", photos=["https://b", " ", "https://a"], categories=iter(["Cables"]))
    assert (product.photos, product.categories) == (("https://b", "https://a"), ("Cables",))


def test_ids_may_be_numbers():
    """Shops number their products; we keep text."""
    assert Product("A-1", "Cable", id=42).id == "42"


def test_product_cannot_be_changed():
    """A value that was checked stays checked."""
    with pytest.raises(AttributeError):
        Product("A-1", "Cable").title = ""


def test_equal_products_are_equal():
    """Products are values."""
    assert Product("A-1", "Cable", Decimal("5.0")) == Product("A-1", "Cable", Decimal("5.00"))
    assert len({Product("A-1", "Cable"), Product("A-1", "Cable")}) == 1


@pytest.mark.parametrize("quantity", [0, -1, 1.5, True, "1", None])
def test_line_needs_a_whole_number_above_zero(quantity):
    """An order line of nothing is refused."""
    with pytest.raises(InvalidValueError, match="quantity"):
        Line("A-1", quantity)


@pytest.mark.parametrize("event", [OrderPlaced, OrderCancelled, Refund])
class TestOrderEvents:
    def test_keeps_id_and_lines(self, event):
        """An event holds the shop's order id as text and its lines in order."""
        made = event(7, [Line("A-1"), Line("B-1", 2)])
        assert (made.order_id, made.lines) == ("7", (Line("A-1"), Line("B-1", 2)))

    @pytest.mark.parametrize("lines", [(), None, ["A-1"], 5])
    def test_needs_lines(self, event, lines):
        """An event that touches no SKU is refused."""
        with pytest.raises(InvalidValueError, match="lines"):
            event("7", lines)

    @pytest.mark.parametrize("order_id", ["", " ", None, 1.5])
    def test_needs_an_order_id(self, event, order_id):
        """An event of no order is refused."""
        with pytest.raises(InvalidValueError, match="order_id"):
            event(order_id, [Line("A-1")])

    def test_is_not_another_event(self, event):
        """A refund is no order, though they hold the same."""
        others = {OrderPlaced, OrderCancelled, Refund} - {event}
        assert all(event("7", [Line("A-1")]) != other("7", [Line("A-1")]) for other in others)


@pytest.mark.parametrize("field", ["order_id", "carrier", "tracking_number"])
def test_shipment_needs_all_its_fields(field):
    """A parcel without order, carrier or number cannot be told to anyone."""
    with pytest.raises(InvalidValueError, match=field):
        Shipment(**{"order_id": "7", "carrier": "UPS", "tracking_number": "1Z", field: ""})


@pytest.mark.parametrize(("field", "value"), [("sync", "no"), ("sync", 0), ("offers_enabled", "yes"), ("url", 7)])
def test_a_switch_is_a_switch(field, value):
    """A text such as "no" is not taken for True: the shop would lose the product it wanted left alone."""
    with pytest.raises(InvalidValueError) as error:
        Product("A", "Guitar", **{field: value})
    assert error.value.field == field
