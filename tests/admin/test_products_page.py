"""Products on the page: every SKU with its state on both sides, and everything that can be done about it."""

from dataclasses import replace
from html import unescape

import pytest

from reverb_plugin.admin.product_list import LONGEST_SECONDS, ROWS
from reverb_plugin.testing import FakeHost, HostConformance
from tests.admin.visitor import Visitor, find_form, rows_of, text_of
from tests.mass.desk import Desk, guitars, listing_fields
from tests.queries import recorded_queries
from tests.sync.market import guitar

HOSTILE = ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7 * 7 }}", "\u202egnp.exe", "🎸" * 60]


@pytest.fixture
def visitor(market):
    market.set(mass_sync_pause_hours="0", drift_check_hours="0")
    return Visitor(market.plugin)


def product_page(visitor, sku, **query):
    return visitor.open("/product", sku=sku, **query)


def skus_on(page):
    return [row.split()[0] for row in rows_of(page)]


class TestList:
    def test_each_sku_on_both_sides(self, visitor, market):
        """The shop's price and stock, the listing's state, how the last attempt ended, and what waits for a person."""
        market.save(guitar("A"))
        market.go_live("A")
        market.save(guitar("B", price=None))
        market.put(guitar("C", quantity=None, price="12.50"))
        a, b, c = rows_of(visitor.open("/products"))
        assert "A Fender Player Stratocaster 799.00 USD 3 Draft" in a
        assert "Created" in a
        assert "unknown price" in b
        assert "Refused" in b
        assert "Waits for you" in b
        assert "price: the shop gives no price." in b
        assert "12.50 USD unknown No listing known None yet" in c

    def test_all_come_page_by_page(self, visitor, market):
        """Every product once, in the shop's order, over plain links; the last page leads nowhere."""
        market.host.add(*guitars(2 * ROWS + 7))
        seen, page = [], visitor.open("/products")
        while True:
            seen += skus_on(page)
            links = [part.split('"')[0] for part in page.text.split('rel="next" href="')[1:]]
            if not links:
                break
            page = visitor.open(links[0].replace("&amp;", "&"))
        assert seen == [f"G-{number:04}" for number in range(2 * ROWS + 7)]
        assert "First page" in page.text

    def test_a_page_that_just_fits_is_the_last(self, visitor, market):
        """No link leads to an empty page."""
        market.host.add(*guitars(ROWS))
        assert 'rel="next"' not in visitor.open("/products").text

    def test_search(self, visitor, market):
        """By a part of SKU or title, whatever its case; exactly this SKU stands first, also when the shop has none."""
        market.host.add(guitar("AMP-1", title="Tube Amp"), guitar("PEDAL", title="Chorus for amps"), guitar("STRAT"))
        assert skus_on(visitor.open("/products", q="amp")) == ["AMP-1", "PEDAL"]
        assert skus_on(visitor.open("/products", q="STRAT")) == ["STRAT"]
        market.save(guitar("GONE"))
        market.delete("GONE")
        (row,) = rows_of(visitor.open("/products", q="GONE"))
        assert "Not in the shop" in row
        assert "No product has “nothing”" in text_of(visitor.open("/products", q="nothing"))

    def test_a_long_search_ends_and_goes_on(self, open_market, clock):
        """A shop that is slow to walk is walked for a second; the page says how far, and a link goes on from there."""

        class SlowHost(FakeHost):
            def iter_products(self, after_sku=None):
                for product in super().iter_products(after_sku):
                    clock.advance(LONGEST_SECONDS / 80)
                    yield product

        market = open_market(SlowHost([*guitars(300), guitar("ZZ", title="Needle")]))
        visitor, pages = Visitor(market.plugin), 0
        page = visitor.open("/products", q="needle")
        while "ZZ" not in skus_on(page):
            pages += 1
            assert "products were looked at; there are more" in text_of(page)
            page = visitor.open(page.text.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&"))
        assert 1 < pages < 6

    def test_choices(self, visitor, market):
        """On Reverb, not on Reverb, excluded, waiting for a person, deleted in the shop."""
        market.set(exclude_skus="X*")
        market.save(guitar("ON"))
        market.save(guitar("GONE"))
        market.delete("GONE")
        market.save(guitar("BAD", price=None))
        market.host.add(guitar("XTRA"), guitar("NEW"))
        chosen = {show: skus_on(visitor.open("/products", show=show)) for show in ("listed", "unlisted", "excluded")}
        assert chosen == {"listed": ["ON"], "unlisted": ["BAD", "NEW", "XTRA"], "excluded": ["XTRA"]}
        assert skus_on(visitor.open("/products", show="waiting")) == ["BAD"]
        assert skus_on(visitor.open("/products", show="deleted")) == ["GONE"]
        assert visitor.open("/products", show="nonsense").status_code == 200

    def test_a_shop_that_fails_is_told(self, visitor, market):
        """What the shop said and what to do, in the page, instead of the list."""
        market.host.fail(ConnectionError("the shop's database is away"))
        text = text_of(visitor.open("/products"))
        assert "the shop's database is away" in text
        assert "conformance suite" in text

    @pytest.mark.parametrize("address", ["/products", "/settings/conditions", "/settings/price-stock"])
    def test_what_is_no_product(self, visitor, market, monkeypatch, address):
        """An adapter that gives something else is named, on each page that looks through the products."""
        monkeypatch.setattr(market.host, "iter_products", lambda after_sku=None: iter([{"sku": "A"}]))
        page = visitor.open(address)
        assert page.status_code == 200
        assert "iter_products gave dict, which is no Product" in page.text

    def test_queries(self, visitor, market):
        """As many queries for a full page as for a page of one: settings, links, last outcomes, jobs, account."""
        market.host.add(*guitars(ROWS))
        visitor.open("/products")
        with recorded_queries() as full:
            visitor.open("/products")
        with recorded_queries() as one:
            visitor.open("/products", q="G-0001")
        with recorded_queries() as chosen:
            visitor.open("/products", show="unlisted")
        assert len(full) <= 5
        assert len(chosen) <= len(full) + 1  # which of a thousand have a listing
        assert len(one) <= len(full) + 3  # the row of exactly this SKU is looked up by itself

    def test_reverb_is_not_asked(self, visitor, market):
        """The list and a product are shown from memory."""
        market.save(guitar("A"))
        market.door.clear_requests()
        visitor.open("/products")
        product_page(visitor, "A")
        assert market.asked() == []


class TestHostileText:
    @pytest.mark.parametrize("text", HOSTILE)
    def test_it_is_shown_as_text(self, visitor, market, text):
        """Markup in a title, a description, a message or an address is read, never run."""
        market.save(guitar("A", title=text[:255], description=text, price=None, url=f"javascript:{text}"))
        market.put(guitar("B", title=text[:255]))
        for page in (visitor.open("/products"), product_page(visitor, "A", ask="reverb"), product_page(visitor, "B")):
            assert page.status_code == 200
            assert text[:60] in text_of(page) or text.startswith(("<", '"'))
            assert "<script>alert" not in page.text
            assert "<img src=x" not in page.text
            assert 'href="javascript' not in page.text

    def test_any_sku_has_its_page(self, visitor, market):
        """Each link in the list leads to its product, whatever signs the SKU has, and its buttons are about it."""
        skus = sorted([*HostConformance.skus, *(text for text in HOSTILE if text.isprintable())])
        market.host.add(*map(guitar, skus))
        listed = visitor.open("/products")
        addresses = [unescape(part.split('"')[0]) for part in listed.text.split('class="sku" href="')[1:]]
        for sku, address in zip(skus, addresses, strict=True):
            page = visitor.open(address)
            assert page.status_code == 200
            assert find_form(page, "Exclude") == ("/product/exclude", {"sku": sku})
            visitor.press(page, "Exclude")
            assert not market.plugin.configuration.load().problems
        assert len(market.plugin.settings.exclude_skus) == len(skus)
        assert len(rows_of(visitor.open("/products", show="excluded"))) == len(skus)


class TestOneProduct:
    def test_what_is_known(self, visitor, market):
        """Both sides as last seen, and what was tried."""
        market.save(guitar("A"))
        text = text_of(product_page(visitor, "A"))
        assert "Price 799.00 USD In stock 3" in text
        assert "State Draft" in text
        assert "Created Made as a draft. product saved" in text

    def test_nobody_knows_it(self, visitor):
        """A SKU that neither side knows is not found, and the page says so; none at all is no page."""
        page = product_page(visitor, "NOBODY")
        assert page.status_code == 404
        assert "Nobody knows this SKU" in text_of(page)
        assert visitor.open("/product").status_code == 404

    def test_explained(self, visitor, market):
        """One question to Reverb gives the answers in order, what to do, and each field on both sides."""
        market.put(guitar("A", price="650.00"))
        market.door.add_listings([listing_fields(guitar("A")) | {"state": "live"}])
        market.door.clear_requests()
        text = text_of(product_page(visitor, "A", ask="reverb"))
        assert market.asked() == ["GET my/listings"]
        assert text.index("Is it in the shop?") < text.index("Is it on Reverb?") < text.index("How did the last")
        assert "Price 650.00 USD 799.00 USD always Would be sent" in text
        assert "What to do:" in text

    def test_history_of_both_environments(self, visitor, market):
        """What was done in the other environment is marked as such."""
        market.save(guitar("A"))
        assert "sandbox" not in text_of(product_page(visitor, "A")).partition("History")[2]
        market.set(environment="production")
        assert "sandbox" in text_of(product_page(visitor, "A")).partition("History")[2]

    def test_reverb_is_down(self, visitor, market):
        """One question and no second try: the person who waits is told at once, beside all that is known."""
        market.put(guitar("A"))
        market.door.go_down()
        before = market.clock.now()
        text = text_of(product_page(visitor, "A", ask="reverb"))
        assert market.asked() == ["GET my/listings"]
        assert market.clock.now() == before
        assert "Reverb cannot be asked" in text
        assert "799.00 USD" in text

    def test_reverb_cannot_be_asked(self, visitor, market):
        """The page says so, and shows what is known all the same."""
        market.put(guitar("A"))
        market.set(token="")
        page = product_page(visitor, "A", ask="reverb")
        assert page.status_code == 200
        assert "799.00 USD" in text_of(page)

    def test_sync_now(self, visitor, market):
        """Noted without asking Reverb, whatever auto_sync says; that no process sends is told; then it is sent."""
        market.put(guitar("A"))
        market.set(auto_sync="off")
        page = visitor.press(product_page(visitor, "A"), "Sync now")
        assert "It is noted" in text_of(page)
        assert "No process sends" in text_of(page)
        assert "In the queue" in text_of(page)
        assert market.asked() == []
        market.drain()
        assert market.last("A").outcome == "created"
        assert "No process sends" in text_of(product_page(visitor, "A"))

    def test_a_process_that_sends_is_seen(self, visitor, market):
        """While some process has the right to send nothing is said, wherever it is."""
        market.put(guitar("A"))
        assert market.plugin.store.claim_sender("elsewhere:7:x", "0.1.0", 30.0)
        assert "No process sends" not in text_of(product_page(visitor, "A"))

    def test_try_again(self, visitor, market):
        """What waits for a person is woken, once; the button is there only while something waits."""
        market.save(guitar("A", price=None))
        market.host.change("A", price="10.00")
        page = product_page(visitor, "A")
        assert "price: the shop gives no price. Correct what the message says" in text_of(page)
        assert "It is tried again." in text_of(visitor.press(page, "Try again"))
        assert "Nothing of it waits" in text_of(visitor.send("/product/retry", sku="A"))
        market.drain()
        assert market.last("A").outcome == "created"
        with pytest.raises(AssertionError):
            find_form(product_page(visitor, "A"), "Try again")

    def test_exclude_and_take_up_again(self, visitor, market):
        """The product is left alone until it is taken up again; other exclusions stay as they are."""
        market.set(exclude_skus="OLD-*")
        market.put(guitar("A"))
        page = visitor.press(product_page(visitor, "A"), "Exclude")
        assert "It is left alone" in text_of(page)
        assert market.save_again("A").outcome == "skipped"
        page = visitor.press(page, "Take up again")
        assert market.plugin.settings.exclude_skus == ("OLD-*",)
        assert market.save_again("A").outcome == "created"

    def test_a_rule_for_many_is_not_undone_here(self, visitor, market):
        """A pattern that holds for other SKUs too is named, with the way to the settings, and no button changes it."""
        market.set(exclude_skus="A*")
        market.put(guitar("A-1"))
        page = product_page(visitor, "A-1")
        assert "excluded by 'A*'" in text_of(page)
        assert 'href="/settings"' in page.text.split("excluded by")[1]
        for words in ("Exclude", "Take up again"):
            with pytest.raises(AssertionError):
                find_form(page, words)

    def test_a_list_from_elsewhere_is_not_changed(self, open_market, monkeypatch):
        """Where an environment variable decides, neither a button nor a form sent all the same changes anything."""
        monkeypatch.setenv("REVERB_EXCLUDE_SKUS", "Z")
        market = open_market(FakeHost([guitar("A")]))
        visitor = Visitor(market.plugin)
        with pytest.raises(AssertionError):
            find_form(product_page(visitor, "A"), "Exclude")
        assert "not decided on this page" in text_of(visitor.send("/product/exclude", sku="A"))
        assert market.plugin.store.saved_settings().get("exclude_skus") is None

    @pytest.mark.parametrize("action", ["sync", "retry", "exclude", "include", "adopt", "settle"])
    def test_a_form_without_a_sku(self, visitor, action):
        """Nothing happens, and the page says what is wrong."""
        assert visitor.send(f"/product/{action}", sku="").status_code == 400
        assert visitor.send(f"/product/{action}").status_code == 400

    def test_queries(self, visitor, market):
        """A product with a long history and differences takes as few queries as a new one."""
        market.save(guitar("A"))
        for price in range(10, 20):
            market.change("A", price=f"{price}.00")
        product_page(visitor, "A")
        with recorded_queries() as queries:
            product_page(visitor, "A")
        assert len(queries) <= 9, "\n\n".join(queries)


class TestAdopt:
    @pytest.fixture
    def listing_id(self, market):
        market.put(guitar("A"))
        (listing_id,) = market.door.add_listings([listing_fields(guitar("A")) | {"state": "live", "title": "Other"}])
        return str(listing_id)

    def test_what_was_found(self, visitor, market, listing_id):
        """The listing with this SKU is offered; pressing links it with one question, and sends nothing."""
        page = product_page(visitor, "A", ask="reverb")
        market.door.clear_requests()
        assert "The listing is linked" in text_of(visitor.press(page, "Adopt"))
        assert market.asked() == ["GET listings/#"]
        assert market.link("A").listing_id == listing_id
        assert "belongs to this product" in text_of(product_page(visitor, "A", ask="reverb"))

    @pytest.mark.parametrize("written", ["{}", " {} ", "https://reverb.com/item/{}-fender-player", "/item/{}/"])
    def test_by_number_or_address(self, visitor, market, listing_id, written):
        """However a person writes it down."""
        visitor.send("/product/adopt", sku="A", listing_id=written.format(listing_id))
        assert market.link("A").listing_id == listing_id

    @pytest.mark.parametrize(
        ("written", "told"), [("4711", "no such listing"), ("my guitar", "write its number"), ("", "write its number")]
    )
    def test_what_is_none(self, visitor, market, listing_id, written, told):
        """It is said beside the product, and nothing is linked."""
        page = visitor.send("/product/adopt", sku="A", listing_id=written)
        assert page.status_code == 409
        assert market.link("A") is None
        assert "799.00 USD" in text_of(page)
        assert told in text_of(page) or "listing" in text_of(page).lower()

    def test_reverb_has_asked_for_silence(self, visitor, market, listing_id):
        """While no request may go, the page says so at once and does not wait for it."""
        now = market.clock.now().timestamp()
        market.plugin.store.change_remote_state(lambda state: replace(state, blocked_until=now + 60))
        page = visitor.send("/product/adopt", sku="A", listing_id=listing_id)
        assert "Reverb cannot be asked now" in text_of(page)
        assert market.clock.now().timestamp() == now


class TestSettle:
    @pytest.fixture
    def drifted(self, visitor, market):
        """The shop has another quantity and another price than the listing shows."""
        desk = Desk(market)
        product = guitar("A")
        desk.list_all([product])
        desk.fill_shop(product)
        desk.preview()
        market.host.change("A", quantity=9, price="650.00")
        desk.check_drift()
        desk.forget_requests()
        return desk

    def test_differences_are_shown(self, visitor, drifted):
        """What the last check found, old and new, with what can be done."""
        text = text_of(product_page(visitor, "A"))
        assert "quantity 3 → becomes 9" in text
        assert "price 799.00 USD → becomes 650.00 USD" in text

    def test_send_what_the_shop_has(self, visitor, drifted):
        """Only this difference is sent, and is then no longer shown."""
        form = {"sku": "A", "kind": "price", "to": "reverb"}
        assert "It is being settled" in text_of(visitor.send("/product/settle", **form))
        drifted.market.drain()
        assert [row.body for row in drifted.door.requests("PUT")] == [
            {"price": {"amount": "650.00", "currency": "USD"}}
        ]
        assert "→ becomes 650.00" not in text_of(product_page(visitor, "A"))

    def test_let_the_shop_take_over(self, visitor, drifted):
        """Nothing is asked while the form is sent; the worker asks once, and the shop has Reverb's number."""
        page = visitor.press(product_page(visitor, "A"), "Let the shop take over 3")
        assert drifted.door.requests() == []
        assert "Waits" in text_of(page)
        drifted.market.drain()
        assert drifted.host.find_product("A").quantity == 3

    def test_one_at_a_time(self, visitor, drifted):
        """While a run is under way nothing else is begun, and the page says so."""
        drifted.mass_sync.preview()
        page = visitor.press(product_page(visitor, "A"), "Send what the shop has")
        assert "One is under way already" in text_of(page)

    def test_nothing_to_settle(self, visitor, drifted):
        """Pressed in an old window: it is said, and the product is shown as it is."""
        page = visitor.send("/product/settle", sku="A", kind="photos", to="reverb")
        assert page.status_code == 409
        assert "nothing of this kind" in text_of(page)
