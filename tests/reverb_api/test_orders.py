"""Reading orders: the money is right, what is missing is missing, and nonsense is said."""

from decimal import Decimal

import pytest

from reverb_plugin.reverb_api.answer import UnreadableError
from reverb_plugin.reverb_api.models import Money
from reverb_plugin.reverb_api.orders import Order, OrderPage, RefundRequest
from reverb_plugin.sync.order_rules import order_for_shop


def usd(amount, currency="USD"):
    return {"amount": amount, "amount_cents": 1, "currency": currency, "symbol": "$", "display": "FREE"}


def order(**fields):
    """An order of two pieces to Canada, on which Reverb hands the tax on."""
    return {
        "order_number": "90000201",
        "uuid": "a-uuid",
        "status": "paid",
        "order_type": "instant",
        "product_id": 70000201,
        "sku": " CYM-20 ",
        "title": "A ride cymbal",
        "quantity": "2",
        "amount_product": usd("120.00"),
        "amount_product_subtotal": usd("240.00"),
        "shipping": usd("18.50"),
        "amount_tax": usd("33.61"),
        "total": usd("292.11"),
        "presentment_amount_total": usd("400.19", "cad"),
        "selling_fee": usd("12.93"),
        "bump_fee": usd("2.40"),
        "direct_checkout_fee": usd("12.15"),
        "tax_on_fees": usd("0.00"),
        "tax_rate": 0.13,
        "tax_responsible_party": "reverb",
        "direct_checkout_payout": usd("231.02"),
        "buyer_name": "Pat Example",
        "buyer_id": 1000201,
        "local_pickup": False,
        "shipping_address": {
            "name": " Pat Example ",
            "street_address": "1 Example Street",
            "extended_address": None,
            "locality": "Toronto",
            "postal_code": "M5H 2N2",
            "country_code": "CA",
        },
        "created_at": "2026-03-08T01:59:59-06:00",
        "paid_at": "2026-03-08T03:00:01-05:00",
        "updated_at": "2026-03-08T03:00:02-05:00",
        "_links": {
            "web": {"href": "https://reverb.com/my/selling/orders/90000201"},
            "packing_slip": {"web": {"href": "https://reverb.com/slip"}},
            "purchase_shipping_label": {"href": "javascript:alert(1)"},
            "contact_buyer": {"web": {"href": "https://reverb.com/my/messages/new?token=private"}},
        },
    } | fields


def test_the_money_adds_up():
    """Subtotal is price times pieces, the total has shipping and tax, the payout neither tax nor fees."""
    read = Order.read(order())
    assert read.subtotal.amount == read.price.amount * read.quantity == Decimal("240.00")
    assert read.total.amount == read.subtotal.amount + read.shipping.amount + read.tax.amount
    fees = sum(fee.amount for fee in read.fees.values())
    assert read.payout.amount == read.total.amount - read.tax.amount - fees
    assert read.presented_total == Money(Decimal("400.19"), "CAD")
    assert read.tax_rate == Decimal("0.13")


def test_cents_stand_in_for_an_amount():
    """Where there is no amount its cents are read; a yen has none."""
    read = Order.read(
        order(
            amount_product={"amount_cents": 12000, "currency": "USD"}, total={"amount_cents": "29211", "amount": None}
        )
    )
    assert (read.price, read.total) == (Money(Decimal("120.00"), "USD"), Money(Decimal("292.11"), ""))
    assert Money.read({"amount_cents": 12000, "currency": "jpy"}) == Money(Decimal(12000), "JPY")


def test_amounts_in_two_currencies_are_not_added_up():
    """The shop gets one currency; what is in another one is left out and told, unless it is nothing."""
    odd = Order.read(order(total=usd("400.19", "CAD"), tax_on_fees=usd("0.00", "CAD")))
    assert odd.problem == "total is in CAD, not in USD"
    shop = order_for_shop(odd, "CYM-20")
    assert (shop.currency, shop.total, shop.subtotal) == ("USD", None, Decimal("240.00"))
    assert shop.fees["tax_on_fees"] == 0


@pytest.mark.parametrize("fields", [{"local_pickup": "true"}, {"local_pickup": None, "shipping_method": "local"}])
def test_a_pickup_is_told_in_two_ways(fields):
    """Either says that the buyer comes for it, to the shop as well."""
    assert order_for_shop(Order.read(order(**fields)), "CYM-20").local_pickup
    assert not order_for_shop(Order.read(order()), "CYM-20").local_pickup


def test_a_price_that_is_missing_is_told():
    """An order without a price is no gift."""
    assert Order.read(order(amount_product=None, amount_product_subtotal={})).problem == "amount_product is missing"
    assert Order.read(order(amount_product=None)).problem == ""


def test_ids_are_text_and_blanks_go():
    """Numbers and texts of ids are one, and nobody's address begins with a blank."""
    read = Order.read(order())
    assert (read.number, read.listing_id, read.buyer_id, read.sku) == ("90000201", "70000201", "1000201", "CYM-20")
    assert (read.address.name, read.address.region, read.address.extended_address) == ("Pat Example", "", "")


def test_times_are_utc_across_the_change_of_clocks():
    """Two seconds apart at the source are two seconds apart here, though the offset changed in between."""
    read = Order.read(order())
    assert (read.paid_at - read.created_at).total_seconds() == 2
    assert str(read.paid_at) == "2026-03-08 08:00:01+00:00"


def test_what_is_missing_is_missing():
    """An offer that nobody has paid yet: no total, no address, no bundle, and no zero in their place."""
    gone = (
        "total",
        "amount_tax",
        "shipping_address",
        "order_bundle_id",
        "paid_at",
        "tax_rate",
        "direct_checkout_payout",
    )
    read = Order.read({name: value for name, value in order(status="unpaid").items() if name not in gone})
    assert (read.total, read.tax, read.address, read.paid_at, read.tax_rate, read.payout) == (None,) * 6
    assert read.bundle_id == ""


def test_links_are_pages_for_people():
    """Pages stand at either depth; what is no page is left out, and so is the buyer's private address."""
    links = Order.read(order()).links
    assert links == {"web": "https://reverb.com/my/selling/orders/90000201", "packing_slip": "https://reverb.com/slip"}


@pytest.mark.parametrize(
    ("fields", "is_same"),
    [
        ({"updated_at": "2026-04-01T00:00:00-05:00"}, True),
        ({"_links": {}}, True),
        ({"needs_feedback_for_buyer": True}, True),
        ({"status": "shipped"}, False),
        ({"shipping_code": "1Z"}, False),
        ({"shipping_address": None}, False),
        ({"quantity": 1}, False),
    ],
)
def test_the_fingerprint_is_that_of_the_content(fields, is_same):
    """Reverb touches orders for trifles; only what matters makes another fingerprint."""
    assert (Order.read(order()).fingerprint == Order.read(order(**fields)).fingerprint) is is_same


@pytest.mark.parametrize(
    "fields",
    [
        {"order_number": None},
        {"quantity": 0},
        {"quantity": 1.5},
        {"status": {}},
        {"sku": ["CYM-20"]},
        {"product_id": True},
    ],
)
def test_nonsense_is_said(fields):
    """What cannot be meant is no order; in a page it hides no other."""
    with pytest.raises(UnreadableError):
        Order.read(order(**fields))
    if fields.get("order_number", True):
        page = OrderPage.read({"orders": [order(**fields), order(order_number="90000202")]})
        assert [(row.number, bool(row.problem)) for row in page.orders] == [("90000201", True), ("90000202", False)]


def test_what_has_no_number_hides_nothing_else():
    """A row without a number is shown under its uuid, with its page on Reverb; one without any name is passed over."""
    page = OrderPage.read({"orders": [None, "order", {}, order(order_number=None), order()]})
    assert [(row.number, row.links.get("web")) for row in page.orders] == [
        ("a-uuid", "https://reverb.com/my/selling/orders/90000201"),
        ("90000201", "https://reverb.com/my/selling/orders/90000201"),
    ]
    assert page.orders[0].problem == "order_number is missing; nothing was done for it"


ODD = [[], ["x"], {"x": {"y": 1}}, "nonsense", True, -1, 1e300, ""]
VITAL = {"order_number", "quantity", "status", "sku", "product_id"}


@pytest.mark.parametrize(
    "name", [*sorted(order().keys() - VITAL), "shipping_address.locality", "amount_product.amount"]
)
def test_what_is_odd_hides_nothing_else(name):
    """A single field that cannot be meant is missing; all others are read, and the stock moves all the same."""
    whole = Order.read(order())
    for odd in ODD:
        first, _, second = name.partition(".")
        read = Order.read(order(**{first: order()[first] | {second: odd} if second else odd}))
        assert (read.number, read.status, read.sku, read.quantity) == ("90000201", "paid", "CYM-20", 2)
        differing = {each for each in Order.__dataclass_fields__ if getattr(read, each) != getattr(whole, each)}
        assert len(differing - {"problem"}) <= 1, (odd, differing)
        assert read.fingerprint


def test_what_is_odd_is_told():
    """A person reads which field it is."""
    assert Order.read(order(total=[1], paid_at="soon")).problem == "total is no amount; paid_at is no time"
    assert Order.read(order(tax_rate="", amount_tax={"amount": ""}, paid_at="", shipping_address={})).problem == ""


def test_a_page_without_its_list_is_not_empty():
    """An answer that holds no list says nothing of orders, and must not look like none."""
    with pytest.raises(UnreadableError):
        OrderPage.read({"total": 0})
    assert OrderPage.read({"orders": []}).orders == ()


def test_a_page_leads_to_the_next():
    """Links of 2023 are relative; they are taken as they are."""
    page = OrderPage.read({"orders": [], "_links": {"next": {"href": "/api/my/orders/selling/all?page=2"}}})
    assert page.next_link == "/api/my/orders/selling/all?page=2"


def test_a_refund_request():
    """Whose order it is, and whether it waits for the seller."""
    request = RefundRequest.read({"id": 47, "order_number": 90000101, "state": "pending_seller_response"})
    assert request == RefundRequest("47", "90000101", "pending_seller_response")
