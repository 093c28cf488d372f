"""Orders: what a purchase does, how orders are listed, shipped and refunded."""

from datetime import timedelta
from decimal import Decimal

import pytest

from reverb_plugin.simulator import DoorError

REFUND = {"state": "approved", "reason": "buyer_return", "refund_amount": {"amount": "50.00", "currency": "USD"}}
SHIPMENT = {"provider": "UPS", "tracking_number": "1Z999", "send_notification": True}


@pytest.fixture
def stocked(door):
    return door.add_listing(sku="CAJON", condition="Brand New", inventory=5, price="169.99")


def order(api, number):
    return api.get(f"/my/orders/selling/{number}").body


def numbers(got):
    return [row["order_number"] for row in got.body["orders"]]


class TestBuying:
    def test_a_purchase_lowers_the_stock(self, api, door, stocked):
        """Two of five leave three; the order says so too."""
        number = door.buy(stocked, 2)
        assert api.listing(stocked)["inventory"] == 3
        assert order(api, number)["remaining_listing_inventory"] == 3

    def test_the_last_piece_sells_the_listing_out(self, api, door, stocked):
        """At 0 it is ``sold``."""
        door.buy(stocked, 5)
        assert api.listing(stocked)["state"]["slug"] == "sold"

    def test_more_than_there_is_cannot_be_bought(self, door, stocked):
        """The door says why."""
        with pytest.raises(DoorError, match="has 5 in stock, not 6"):
            door.buy(stocked, 6)

    def test_what_is_not_live_cannot_be_bought(self, door):
        """Neither drafts nor ended listings."""
        with pytest.raises(DoorError, match="is ended, not live"):
            door.buy(door.add_listing(state="ended"))

    def test_an_unpaid_offer_takes_no_stock_until_it_is_paid(self, api, door, stocked):
        """The stock follows the payment, and so does paid_at."""
        number = door.buy(stocked, status="unpaid", order_type="offer", price="150.00")
        assert (api.listing(stocked)["inventory"], "paid_at" in order(api, number)) == (5, False)
        door.set_order_status(number, "paid")
        assert (api.listing(stocked)["inventory"], "paid_at" in order(api, number)) == (4, True)

    def test_a_cancelled_order_gives_its_stock_back(self, api, door, stocked):
        """Sold out, cancelled, live again."""
        number = door.buy(stocked, 5)
        door.set_order_status(number, "cancelled")
        listing = api.listing(stocked)
        assert (listing["state"]["slug"], listing["inventory"]) == ("live", 5)

    def test_amounts_add_up(self, api, door, stocked):
        """Total = pieces + shipping + tax; payout = total less tax (where Reverb hands it on) and fees."""
        number = door.buy(stocked, 2, shipping="19.99", tax_rate="0.12", bump_fee="1.00")
        body = order(api, number)
        money = {name: row for name, row in body.items() if isinstance(row, dict) and "amount" in row}
        amount = {name: Decimal(row["amount"]) for name, row in money.items()}
        assert amount["amount_product_subtotal"] == 2 * amount["amount_product"] == Decimal("339.98")
        assert amount["amount_tax"] == Decimal("43.20")
        assert amount["total"] == amount["amount_product_subtotal"] + amount["shipping"] + amount["amount_tax"]
        fees = amount["selling_fee"] + amount["bump_fee"] + amount["direct_checkout_fee"]
        assert amount["direct_checkout_payout"] == amount["total"] - amount["amount_tax"] - fees

    def test_a_recorded_order_has_the_same_amounts(self, api, door):
        """179.99 and 19.99 shipping at 12 % gave 223.98, fees of 10.00 and 9.43, and a payout of 179.55."""
        listing = door.add_listing(price="179.99")
        body = order(api, door.buy(listing, shipping="19.99", tax_rate="0.12", bump_fee="1.00"))
        names = ("total", "amount_tax", "selling_fee", "direct_checkout_fee", "direct_checkout_payout")
        assert [body[name]["amount"] for name in names] == ["223.98", "24.00", "10.00", "9.43", "179.55"]

    def test_a_seller_who_owes_the_tax_is_paid_it(self, api, door):
        """499.98 without shipping at 5 % paid out 454.92 of 524.98."""
        listing = door.add_listing(price="249.99", condition="Brand New", inventory=2)
        number = door.buy(
            listing, 2, shipping="0.00", tax_rate="0.05", bump_fee="23.62", tax_responsible_party="seller"
        )
        body = order(api, number)
        assert (body["shipping"]["display"], body["shipping_taxed"]) == ("FREE", False)
        assert body["direct_checkout_payout"]["amount"] == "454.92"

    def test_the_buyers_currency_is_shown_beside(self, api, door, stocked):
        """presentment_ twins are in the buyer's currency."""
        body = order(api, door.buy(stocked, presentment_currency="CAD", presentment_rate="1.5"))
        assert body["presentment_amount_product"]["display"] == "$254.99"
        assert body["presentment_amount_total"]["currency"] == "CAD"

    def test_orders_of_one_checkout_share_a_bundle(self, api, door, stocked):
        """bundle_with gives two orders the same order_bundle_id."""
        first = door.buy(stocked)
        second = door.buy(stocked, bundle_with=first)
        assert order(api, first)["order_bundle_id"] == order(api, second)["order_bundle_id"]
        assert first != second

    def test_ids_of_an_order_are_text(self, api, door, stocked):
        """order_number and product_id are strings, buyer_id is a number; links are relative."""
        number = door.buy(stocked, buyer="Alex Example")
        body = order(api, number)
        assert (body["order_number"], body["product_id"]) == (number, str(stocked))
        assert (body["buyer_name"], type(body["buyer_id"])) == ("Alex Example", int)
        assert body["_links"]["self"]["href"] == f"/api/my/orders/selling/{number}"

    def test_an_address_can_be_missing(self, api, door, stocked):
        """Also on an order that is to be shipped."""
        assert "shipping_address" not in order(api, door.buy(stocked, buyer={"address": None}))


class TestLists:
    def test_the_newest_order_comes_first(self, api, door, stocked):
        """By creation."""
        old, new = door.buy(stocked), door.buy(stocked)
        assert numbers(api.get("/my/orders/selling/all")) == [new, old]

    def test_there_are_lists_of_what_is_unpaid_and_to_be_shipped(self, api, door, stocked):
        """unpaid and awaiting_shipment."""
        unpaid, paid, shipped = door.buy(stocked, status="unpaid"), door.buy(stocked), door.buy(stocked)
        door.set_order_status(shipped, "shipped")
        assert numbers(api.get("/my/orders/selling/unpaid")) == [unpaid]
        assert numbers(api.get("/my/orders/selling/awaiting_shipment")) == [paid]

    def test_an_order_is_found_by_uuid_and_by_its_buyer(self, api, door, stocked):
        """by_uuid and buyer_history."""
        first, other = door.buy(stocked, buyer="Alex Example"), door.buy(stocked, buyer="Kim Example")
        body = order(api, first)
        assert api.get(f"/my/orders/selling/by_uuid/{body['uuid']}").body["order_number"] == first
        assert numbers(api.get(f"/my/orders/selling/buyer_history/{body['buyer_id']}")) == [first]
        assert other not in numbers(api.get(f"/my/orders/selling/buyer_history/{body['buyer_id']}"))

    def test_pages_of_orders_have_relative_links(self, api, door):
        """24 rows by default, and a next link without a host that keeps the filters."""
        listing = door.add_listing(condition="Brand New", inventory=60)
        for _ in range(51):
            door.buy(listing)
        start = "2015-01-01T00:00:00Z"
        body = api.get("/my/orders/selling/all", updated_start_date=start, per_page=100).body
        assert (len(body["orders"]), body["total"], body["total_pages"]) == (50, 51, 2)
        link = body["_links"]["next"]["href"]
        assert link.startswith("/api/my/orders/selling/all?updated_start_date=2015")
        assert len(api.get(api.simulator.site + link).body["orders"]) == 1
        assert len(api.get("/my/orders/selling/all").body["orders"]) == 24

    def test_dates_cut_the_list(self, slow, slow_api, clock):
        """created_* looks at the order's beginning, updated_* at its last change."""
        listing = slow.door.add_listing(condition="Brand New", inventory=5)
        early = slow.door.buy(listing)
        clock.advance(3600)
        middle = clock.now() - timedelta(minutes=30)
        late = slow.door.buy(listing)
        at = middle.strftime("%Y-%m-%dT%H:%M:%SZ")
        assert numbers(slow_api.get("/my/orders/selling/all", created_start_date=at)) == [late]
        assert numbers(slow_api.get("/my/orders/selling/all", created_end_date=at)) == [early]
        slow.door.set_order_status(early, "shipped")
        assert numbers(slow_api.get("/my/orders/selling/all", updated_start_date=at)) == [late, early]
        assert numbers(slow_api.get("/my/orders/selling/all", updated_end_date=at)) == []

    @pytest.mark.parametrize("text", ["2015-01-01T12:00-00:00", "2015-04-09T10:52:23-00:00", "2015-01-01T12:00:00Z"])
    def test_every_documented_form_of_a_date_is_read(self, api, text):
        """Without seconds, with an offset, with Z."""
        assert api.get("/my/orders/selling/all", updated_start_date=text).status == 200

    @pytest.mark.parametrize("text", ["yesterday", "2015-01-01T12:00:00+01:00", "2015-13-01"])
    def test_a_date_that_cannot_be_read_is_a_400(self, api, text):
        """An unencoded plus arrives as a blank and is refused, too."""
        got = api.get(f"/my/orders/selling/all?updated_start_date={text}")
        assert (got.status, got.body) == (400, {"error": "updated_start_date is invalid"})

    def test_an_unknown_order_is_a_404(self, api):
        """By number and by uuid."""
        assert api.get("/my/orders/selling/1").status == 404
        assert api.get("/my/orders/selling/by_uuid/1").status == 404


class TestShipping:
    def test_shipping_notes_the_parcel_down(self, api, door, stocked):
        """The order is shipped, with carrier, number and date."""
        number = door.buy(stocked)
        got = api.post(f"/my/orders/selling/{number}/ship", SHIPMENT)
        assert (got.status, got.body) == (200, {"message": "Your order has been marked as shipped."})
        body = order(api, number)
        assert (body["status"], body["shipping_provider"], body["shipping_code"]) == ("shipped", "UPS", "1Z999")
        assert len(body["shipping_date"]) == 10

    @pytest.mark.parametrize("name", list(SHIPMENT))
    def test_all_three_fields_are_required(self, api, door, stocked, name):
        """A missing one is named."""
        body = {other: value for other, value in SHIPMENT.items() if other != name}
        got = api.post(f"/my/orders/selling/{door.buy(stocked)}/ship", body)
        assert (got.status, got.body) == (400, {"error": f"{name} is missing"})

    def test_a_carrier_nobody_knows_is_refused(self, api, door, stocked):
        """Carriers have to be spelled as in the list."""
        got = api.post(f"/my/orders/selling/{door.buy(stocked)}/ship", {**SHIPMENT, "provider": "ups"})
        assert got.body == {"error": "provider does not have a valid value"}

    def test_a_shipped_order_is_not_shipped_again(self, api, door, stocked):
        """The second call is a 422, and the first number stays."""
        number = door.buy(stocked)
        api.post(f"/my/orders/selling/{number}/ship", SHIPMENT)
        got = api.post(f"/my/orders/selling/{number}/ship", {**SHIPMENT, "tracking_number": "other"})
        assert (got.status, order(api, number)["shipping_code"]) == (422, "1Z999")

    def test_an_order_can_be_picked_up(self, api, door, stocked):
        """A date is optional."""
        number = door.buy(stocked, local_pickup=True)
        got = api.post(f"/my/orders/selling/{number}/mark_picked_up", {"date": "2026-05-21T15:00:00-05:00"})
        assert (got.status, order(api, number)["status"]) == (200, "picked_up")


class TestRefunds:
    def test_a_buyers_request_is_listed_and_answered(self, api, door, stocked):
        """It can be filtered by state and order, and approving all of it refunds the order."""
        number = door.buy(stocked)
        refund_id = door.request_refund(number)
        path = "/my/refund_requests/selling"
        assert api.get(path, state="pending_seller_response", order_number=number).body["total"] == 1
        assert api.get(path, state="denied").body["total"] == 0
        assert api.get(f"{path}?state[]=denied&state[]=pending_seller_response").body["total"] == 1
        got = api.put(f"{path}/{refund_id}", {"state": "approved", "note_to_buyer": "Sorry"})
        assert (got.status, got.body["state"], got.body["note_to_buyer"]) == (200, "approved", "Sorry")
        assert order(api, number)["status"] == "refunded"

    def test_an_answer_is_final(self, api, door, stocked):
        """Denied stays denied."""
        refund_id = door.request_refund(door.buy(stocked), amount="5.00")
        api.put(f"/my/refund_requests/selling/{refund_id}", {"state": "denied"})
        assert api.put(f"/my/refund_requests/selling/{refund_id}", {"state": "approved"}).status == 422

    def test_a_seller_can_begin(self, api, door, stocked):
        """A part of the money leaves the order as it is."""
        number = door.buy(stocked)
        got = api.post(f"/my/orders/selling/{number}/refund_requests", REFUND)
        assert (got.status, got.body["refund_amount"]["amount"]) == (201, "50.00")
        assert order(api, number)["status"] == "paid"

    @pytest.mark.parametrize(
        ("change", "status"),
        [
            ({"state": "maybe"}, 400),
            ({"reason": "bored"}, 400),
            ({"refund_amount": None}, 400),
            ({"refund_amount": {"amount": "5.00", "currency": "EUR"}}, 422),
        ],
    )
    def test_a_refund_that_cannot_be_is_refused(self, api, door, stocked, change, status):
        """State and reason come from a list, the amount is needed and in the shop's currency."""
        body = {**REFUND, **change}
        assert api.post(f"/my/orders/selling/{door.buy(stocked)}/refund_requests", body).status == status


def test_payments_and_payouts_follow_the_orders(api, door, stocked):
    """A paid order has a payment; a shipped one a payout, whose number is only in its link."""
    number = door.buy(stocked)
    assert api.get("/my/payments/selling", order_id=number).body["payments"][0]["order_id"] == number
    assert api.get("/my/payouts").body["total"] == 0
    door.set_order_status(number, "shipped")
    (payout,) = api.get("/my/payouts").body["payouts"]
    assert api.get(payout["_links"]["line_items"]["href"]).body["line_items"][0]["order_id"] == number


def test_orders_can_be_moved_after_a_reset(door):
    """After a reset the door speaks of the new orders and not of the old book."""
    door.reset()
    number = door.buy(door.add_listing())
    door.set_order_status(number, "shipped")
    assert [order["status"] for order in door.orders()] == ["shipped"]
