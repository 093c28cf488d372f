"""Twenty-odd ways to fail, each made on a simulated Reverb as a shop would meet it."""

from decimal import Decimal

from reverb_plugin.errors import InvalidValueError
from tests.sync.market import PHOTO_1, guitar, used_guitar

LONG_TITLE = {"message": "Please fill in all the fields", "errors": {"title": ["is too long"]}}


def fault(market, kind, method, path="/listings", times=1, **options):
    market.door.add_fault(kind, method, path, times, **options)


def made(market, product=None):
    """The product is on Reverb as a draft."""
    assert market.save(product or guitar()).outcome == "created"


def refused_field(market):
    fault(market, "answer", "POST", status=422, body=LONG_TITLE)
    market.save(guitar())


def refused_update(market):
    made(market)
    fault(market, "answer", "PUT", status=412, body=LONG_TITLE)
    market.change("STRAT", price=Decimal("650.00"))


def refused_text_but_not_stock(market):
    market.set(policy_title="always")
    made(market)
    fault(market, "answer", "PUT", status=422, body=LONG_TITLE)
    market.change("STRAT", price=Decimal("650.00"), title="Other")


def unapproved_condition(market):
    market.set(auto_publish="on")
    market.door.set(stock_conditions_approved=False)
    market.save(guitar(condition="B-Stock"))


def shipping_profile_unknown(market):
    market.save(guitar(shipping_profile="99999"))


def sku_taken(market):
    market.door.set(index_lag_seconds=100_000)
    market.door.add_listing(sku="OTHER")
    fault(market, "answer", "POST", status=422, body={"message": "Invalid", "errors": {"sku": ["has been taken"]}})
    market.save_once(guitar())


def account_not_ready(market):
    market.set(auto_publish="on")
    market.door.set(account_ready=False)
    market.save(guitar())


def scope_missing(market):
    market.door.set(scopes=("public", "read_listings", "read_profile"))
    market.save(guitar())


def token_dead(market):
    market.door.set(token_revoked=True)
    market.save_once(guitar())


def too_many_requests(market):
    fault(market, "rate_limit", "POST")
    market.save_once(guitar())


def server_error(market):
    made(market)
    fault(market, "server_error", "PUT")
    market.change_once("STRAT", price=Decimal("650.00"))


def down_for_tuning(market):
    market.door.set(down=True)
    market.save_once(guitar())


def reset_while_creating(market):
    fault(market, "reset_after", "POST")
    market.save_once(guitar())


def unreachable(market):
    market.simulator.stop()
    try:
        market.save_once(guitar())
    finally:
        market.simulator.start()


def unreachable_while_writing(market):
    made(market)
    market.simulator.stop()
    try:
        market.change_once("STRAT", price=Decimal("650.00"))
    finally:
        market.simulator.start()


def bad_gateway(market):
    fault(market, "html", "GET", times=None)
    market.save_once(guitar())


def empty_answer(market):
    fault(market, "empty", "POST")
    market.save_once(guitar())


def half_an_answer(market):
    fault(market, "truncate", "POST")
    market.save_once(guitar())


def wrong_types(market):
    fault(market, "wrong_types", "GET", times=None)
    market.save_once(guitar())


def link_to_elsewhere(market):
    body = {"listings": [], "total": 1, "_links": {"next": {"href": "https://evil.example/api/my/listings?page=2"}}}
    fault(market, "answer", "GET", body=body)
    market.save(guitar())


def gone_and_refused(market):
    made(market)
    market.plugin.client.delete_listing(str(market.listing("STRAT")["id"]))
    fault(market, "answer", "POST", status=422, body=LONG_TITLE)
    market.change("STRAT", price=Decimal("650.00"))


def sold_on_reverb(market):
    made(market, used_guitar())
    market.go_live("JAZZ")
    market.door.buy(market.listing("JAZZ")["id"])
    market.change("JAZZ", price=Decimal("650.00"))


def photo_not_fetched(market):
    market.save(guitar(photos=("http://192.168.0.7/1.jpg",)))


def photo_not_fetched_later(market):
    market.set(policy_photos="always")
    made(market, guitar(photos=(PHOTO_1,)))
    market.change("STRAT", photos=(PHOTO_1, "http://192.168.0.7/2.jpg"))


def warnings_with_success(market):
    made(market)
    listing = {"id": market.listing("STRAT")["id"], "sku": "STRAT", "state": {"slug": "draft"}}
    body = {"message": "Saved", "listing": listing, "warnings": ["The price is far below the usual one"]}
    fault(market, "answer", "PUT", body=body)
    market.change("STRAT", price=Decimal("1.00"))


def not_published(market):
    market.set(auto_publish="on")
    market.door.set(publish_succeeds=False)
    market.save(guitar())
    market.live_through(3 * 3600.0)


def no_price(market):
    market.save(guitar(price=None))


def condition_unknown(market):
    market.save(guitar(condition="wie neu"))


def category_unmapped(market):
    market.save(guitar(categories=("Electric Guitars",)))


def shop_raises(market):
    made(market)
    market.host.find_product = lambda sku: {}["connection lost"]
    market.save_unread("STRAT")


def shop_holds_nonsense(market):
    made(market)

    def find(sku):
        raise InvalidValueError("quantity", "three", "must be a whole number from 0")

    market.host.find_product = find
    market.save_unread("STRAT")


def deleted_and_refused(market):
    made(market)
    fault(market, "answer", "DELETE", status=403, body={"message": "Please verify your account."})
    market.delete("STRAT")


def saved_again_unchanged(market):
    refused_field(market)
    market.save_again("STRAT")


FAILURES = (
    refused_field, refused_update, refused_text_but_not_stock, unapproved_condition, shipping_profile_unknown,
    sku_taken, account_not_ready, scope_missing, token_dead, too_many_requests, server_error, down_for_tuning,
    reset_while_creating, unreachable, unreachable_while_writing, bad_gateway, empty_answer, half_an_answer,
    wrong_types, link_to_elsewhere, gone_and_refused, sold_on_reverb, photo_not_fetched, photo_not_fetched_later,
    warnings_with_success, not_published, no_price, condition_unknown, category_unmapped, shop_raises,
    shop_holds_nonsense, deleted_and_refused, saved_again_unchanged,
)  # fmt: skip
