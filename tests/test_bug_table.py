"""Bugs of the existing plugins for Reverb that this one must not have: a test each, under the number of our table."""

from dataclasses import replace
from decimal import Decimal

import pytest
from werkzeug.test import Client

from reverb_plugin.changes import Reason, product_changed
from reverb_plugin.errors import RunTooSoonError
from reverb_plugin.hooks import on_product_saved
from reverb_plugin.settings import SETTINGS
from reverb_plugin.store import sync_log
from reverb_plugin.sync.fields import Group
from tests.orders.looks import LOOKS
from tests.sync.market import PHOTO_1, PHOTO_2, SOLID_BODY, guitar


@pytest.mark.parametrize("status", [400, 401, 403, 404, 412, 422, 429, 500, 503])
def test_b1_a_failure_is_never_marked_done(market, status):
    """The peer swallowed every failure and marked the task complete: here the job stays, and the row says why."""
    market.door.add_fault("answer", "POST", "/listings", times=None, status=status, body={"message": "no"})
    market.put(guitar())
    on_product_saved("STRAT", plugin=market.plugin)
    row = market.try_once()
    assert row.outcome in {"refused", "deferred"}
    assert row.message
    status = market.plugin.store.queue_status()
    assert status.pending + status.parked == 1


def test_b4_no_row_overwrites_another(market):
    """The peer loaded the report row by its number using the product's id: here ids of products mean nothing to the
    log, and each attempt has a row of its own.
    """
    for number in range(1, 6):
        market.save(guitar(f"SKU-{number}", id=str(6 - number)))
    market.change("SKU-1", price="1.00")
    rows = market.rows()
    assert len({row.id for row in rows}) == len(rows) == 6
    assert {(row.sku, row.product_id) for row in rows} == {(f"SKU-{n}", str(6 - n)) for n in range(1, 6)}


def test_b6_a_day_is_a_day(market):
    """RM2 looked back 300 s x 1440 for a day. A time span that a person sets is exactly as long as it says."""
    market.save(guitar("A"))
    market.clock.advance(2 * 60)
    market.save(guitar("B"))
    market.clock.advance(24 * 60 * 60 - 60)
    assert market.plugin.store.trim_log(keep_days=1, keep_rows=1_000) == 1
    assert [row.sku for row in market.rows()] == ["B"]


@pytest.mark.swallows
@pytest.mark.parametrize("error", [TypeError("t"), KeyError("k"), AssertionError(), RecursionError(), MemoryError()])
def test_b5_any_exception_in_the_push_is_a_row(market, monkeypatch, error):
    """The peer's handler named a class that did not exist, so the cron died with its task stuck: here whatever is
    raised in the midst of a push is a row, the job is tried again, and the others go on.
    """

    def stumble(*args, **kwargs):
        raise error

    with monkeypatch.context() as patched:
        patched.setattr("reverb_plugin.sync.push.make_payload", stumble)
        market.put(guitar("A"))
        on_product_saved("A", plugin=market.plugin)
        row = market.try_once()
    assert (row.outcome, row.code) == ("deferred", "plugin-error")
    assert type(error).__name__ in row.message
    assert market.save(guitar("B")).outcome == "created"
    assert market.last("A").outcome == "created"


def test_b7_a_row_holds_nothing_of_the_one_before(market):
    """The peer loaded every report into one object: a product that was not found kept the data of the last one."""
    market.save(guitar("A"))
    market.put(guitar("B"))
    market.host.remove("B")
    on_product_saved("B", plugin=market.plugin)
    row = market.drain()
    assert (row.sku, row.outcome) == ("B", "skipped")
    known = (row.product_id, row.product_url, row.listing_id, row.listing_url, row.http_status, row.request_id)
    assert known == (None,) * 6
    assert row.errors == ()


def test_b8_the_log_survives_a_mass_push(market):
    """The peer deleted every task and every report before a bulk sync: here what was there before stays."""
    for sku in ("A", "B", "C"):
        market.save(guitar(sku))
    before = market.rows()
    market.plugin.store.record([product_changed(sku, Reason.BY_HAND) for sku in ("A", "B", "C")])
    market.drain()
    assert market.rows()[3:] == before
    assert [row.reason for row in market.rows()[:3]] == ["by hand"] * 3


def test_b9_photos_are_not_sent_again_after_a_while(market):
    """The peer's memory of sent photos was a task that was cleaned up after a week: here it outlives log and queue."""
    market.set(policy_photos="always", log_retention_days="7")
    market.save(guitar(photos=(PHOTO_1, PHOTO_2)))
    market.clock.advance(400 * 86_400)
    market.drain()
    assert market.rows() == []
    market.asked()
    assert market.save_again("STRAT").outcome == "unchanged"
    assert market.asked() == []


def test_b10_photos_that_are_switched_off_stay_off(market):
    """The peer queued photos although their switch was off."""
    market.set(policy_photos="never")
    market.save(guitar(photos=(PHOTO_1,)))
    market.change("STRAT", photos=(PHOTO_1, PHOTO_2), price="1.00")
    assert all("photos" not in request.body for request in market.requests() if request.body)
    assert market.listing("STRAT")["photos"] == []


@pytest.mark.parametrize("count", [2, 3])
def test_b14_two_listings_are_not_taken_for_none(market, count):
    """The peer took a lookup that found two for one that found none, and made a third."""
    market.door.add_listings([{"sku": "STRAT", "price": "1.00"}] * count)
    row = market.save(guitar())
    assert len(market.door.listings()) == count
    assert f"{count} listings on Reverb have this SKU" in str(row.errors[0])


def posted(market):
    """The body of the POST for a product with everything."""
    full = {"upc": "012345678905", "photos": (PHOTO_1,), "shipping_profile": "61256", "offers_enabled": False}
    market.save(guitar(quantity=9, **full))
    return [request.body for request in market.requests("POST")]


def posted_in_the_shops_words(market):
    market.save(guitar(condition="", categories=("Guitars",)))
    return [request.body for request in market.requests("POST")]


def asked_for_a_save(market):
    on_product_saved(_put(market, guitar()), plugin=market.plugin)
    market.drain(5)
    return market.asked()


def asked_for_a_second_save(market):
    market.save(guitar())
    return market.asked()


def found_in_the_sandbox(market):
    market.save(guitar())
    market.set(environment="sandbox")
    return market.link("STRAT")


def left_after_a_deletion(market):
    market.save(guitar())
    market.delete("STRAT")
    return market.asked()


def seconds_for_ten_requests(market):
    started_at = market.clock.monotonic()
    for _ in range(10):
        market.plugin.client.get_account()
    return round(market.clock.monotonic() - started_at)


def rows_after_a_month(market):
    entry = replace(market.save(guitar()), id=None)
    with market.plugin.store._database.write() as connection:
        for _ in range(1500):
            sync_log.append(connection, entry)
    market.clock.advance(30 * 86_400)
    market.drain()
    return len(market.plugin.store.log_page(limit=5000))


def _put(market, product):
    market.put(product)
    return product


def planned(market):
    """What a plan says of a cheap guitar without stock."""
    market.put(guitar("A-1", price="99.00", quantity=0, make="Squier", categories=("Basses",)))
    market.plugin.mass_sync.preview()
    market.drain()
    return [(row.sku, row.action) for row in market.plugin.store.runs.rows(1)]


def held_by_the_brake(market):
    products = [guitar(f"G-{number}") for number in range(10)]
    for product in products:
        market.door.add_listing(sku=product.sku, condition="Brand New", inventory=3, price="799.00")
        market.put(replace(product, price=Decimal("1.00")))
    market.plugin.mass_sync.start()
    market.drain()
    return market.plugin.store.runs.find(1).state


def when_the_next_mass_sync_may_begin(market):
    market.plugin.mass_sync.start()
    market.drain()
    try:
        market.plugin.mass_sync.start()
    except RunTooSoonError:
        return "later"
    return "now"


def drift_checks_of_a_day(market):
    market.save(guitar())
    market.live_through(25 * 3600, step=3600)
    return len(market.plugin.store.runs.newest("drift check"))


def headers_of_the_page(market):
    answer = Client(market.plugin.admin_app(lambda environ: True)).get("/")
    return answer.headers["Content-Security-Policy"]


def index_on_the_page(market):
    page = Client(market.plugin.admin_app(lambda environ: True)).get("/update").text
    return "index.example" in page


# setting: (another value, what can be seen from outside)
SEEN = {
    "token": ("a-dead-token", lambda market: (asked_for_a_save(market), market.report.stopped_because)),
    "environment": ("production", found_in_the_sandbox),
    "auto_sync": ("off", asked_for_a_save),
    "auto_publish": ("on", posted),
    "create_listings": ("off", asked_for_a_save),
    "deleted_products": ("leave", left_after_a_deletion),
    **{f"policy_{group}": ("never", posted) for group in Group},
    "default_condition": ("Poor", posted_in_the_shops_words),
    "condition_map": ('{"Brand New": "Poor"}', posted),
    "category_map": (f'{{"Guitars": "{SOLID_BODY}"}}', posted_in_the_shops_words),
    "price_percent": ("5", posted),
    "price_rounding": ("whole", posted),
    "stock_buffer": ("1", posted),
    "stock_maximum": ("2", posted),
    "exclude_skus": ("A-*", planned),
    "exclude_categories": ("Bass*", planned),
    "exclude_makes": ("squier", planned),
    "exclude_price_below": ("100", planned),
    "exclude_price_above": ("98.99", planned),
    "exclude_out_of_stock": ("on", planned),
    "brake_percent": ("100", held_by_the_brake),
    "mass_sync_pause_hours": ("0", when_the_next_mass_sync_may_begin),
    "drift_check_hours": ("0", drift_checks_of_a_day),
    **LOOKS,
    "requests_per_minute": ("60", seconds_for_ten_requests),
    "log_retention_days": ("7", rows_after_a_month),
    "log_retention_rows": ("1000", rows_after_a_month),
    "frame_ancestors": ("'none'", headers_of_the_page),
    "update_check": ("off", lambda market: market.plugin.updates.status().words),
    "update_index_url": ("https://index.example/simple/", index_on_the_page),
}


def test_b16_every_setting_is_in_the_table():
    """The table of the next test knows all settings."""
    assert SEEN.keys() == SETTINGS.keys()


@pytest.mark.parametrize("name", SETTINGS)
def test_b16_every_setting_is_read_by_something(open_market, simulator, name):
    """The peer had two switches that nothing read: here another value makes something else happen."""
    value, look = SEEN[name]
    seen = []
    for number, text in enumerate([None, None, value]):
        simulator.door.reset()
        market = open_market(folder=str(number), token=None)
        market.set(token=simulator.token)
        if text is not None:
            market.set(**{name: text})
        seen.append(look(market))
    assert seen[0] == seen[1] != seen[2]


def test_b18_looking_costs_no_request(market):
    """The peer asked Reverb four times whenever its settings page was opened: here looking asks nothing."""
    market.save(guitar())
    market.asked()
    plugin = market.plugin
    plugin.configuration.load()
    market.set(stock_buffer="1", policy_price="never")
    store = plugin.store
    looks = [store.queue_status, store.parked_jobs, store.log_page, store.count_links, store.find_sender]
    for look in [*looks, store.get_remote_state, store.saved_settings, lambda: store.find_link("STRAT")]:
        look()
    assert market.asked() == []


@pytest.mark.parametrize("host", ["localhost", "localhost:8000", "127.0.0.1"])
def test_b20_no_picture_but_the_products_own(market, host):
    """The peer sent a hard-coded test picture when the shop ran on localhost: here it is left out, with the reason."""
    row = market.save(guitar(photos=(f"http://{host}/1.jpg", f"https://{host}/2.jpg")))
    assert "photos" not in market.requests("POST")[0].body
    assert len(row.errors) == 2


class TestB22:
    """The peer's price sync overwrote prices on Reverb by surprise."""

    def test_b22_a_price_set_on_reverb_stays_until_the_shops_price_changes(self, market):
        """The seller lowers the price on Reverb: sales and other edits in the shop do not undo it."""
        market.save(guitar())
        number = market.listing("STRAT")["id"]
        price = {"amount": "650.00", "currency": "USD"}
        market.plugin.client.update_listing(str(number), {"price": price})
        market.save_again("STRAT")
        market.sell("STRAT")
        market.change("STRAT", quantity=7, title="Other")
        assert market.listing("STRAT")["price"] == "650.00"
        market.change("STRAT", price=Decimal("700.00"))
        assert market.listing("STRAT")["price"] == "700.00"

    @pytest.mark.parametrize("policy", ["create", "never"])
    def test_b22_a_price_of_its_own_is_never_touched(self, market, policy):
        """With the policy on create or never, a listing's price is the seller's, also when it was made by hand."""
        market.set(policy_price=policy)
        market.door.add_listing(sku="STRAT", price="650.00", condition="Brand New", inventory=1)
        market.save(guitar())
        market.change("STRAT", price="1.00")
        assert market.listing("STRAT")["price"] == "650.00"
