"""The decisions by themselves: for any product and any settings, what may never happen does not."""

import json
from dataclasses import replace
from decimal import Context, Decimal, localcontext

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from reverb_plugin.changes import Scope
from reverb_plugin.errors import (
    AmbiguousError,
    DuplicateSkuError,
    HostError,
    InvalidValueError,
    NotAllowedError,
    NotFoundError,
    RateLimitedError,
    RefusedError,
    TokenRefusedError,
    UnavailableError,
)
from reverb_plugin.host import Product
from reverb_plugin.reverb_api.conditions import CONDITIONS
from reverb_plugin.reverb_api.models import Listing
from reverb_plugin.settings import Policy, Rounding, Settings
from reverb_plugin.store.links import Link
from reverb_plugin.store.store import Later, Park
from reverb_plugin.sync.decide import (
    Create,
    Unchanged,
    Update,
    adopt,
    after_write,
    choose_listing,
    decide_create,
    decide_update,
    with_photos,
)
from reverb_plugin.sync.fields import Group, fingerprint, policy_of
from reverb_plugin.sync.inventory import decide_stock
from reverb_plugin.sync.payload import make_payload
from reverb_plugin.sync.photos import decide_photos, identity, photos_fingerprint, usable_photos
from reverb_plugin.sync.price import LARGEST_PRICE, decide_price
from reverb_plugin.sync.retry import LONGEST_BACKOFF_SECONDS, MOST_ATTEMPTS, backoff_seconds, decide_retry

prices = st.decimals(min_value="0.01", max_value=10**9, places=2)
wild_prices = st.decimals(min_value=0, allow_nan=False, allow_infinity=False)
percents = st.decimals(min_value=-90, max_value=1000, places=2)
policies = st.sampled_from(Policy)
words = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=20)
conditions = st.sampled_from([*(each.display_name for each in CONDITIONS), "as seen", "", "brand new"])
urls = st.builds(
    "{}://{}{}{}".format,
    st.sampled_from(["https", "http", "ftp"]),
    st.sampled_from(["shop.example", "CDN.example:8443", "localhost", "10.0.0.1", "a:b@shop.example", ""]),
    st.sampled_from(["/1.jpg", "/2.JPG", "/media", "/a%20b.png", "//x", "", "/ü"]),
    st.sampled_from(["", "?v=1", "?v=2", "?id=1&v=3", "?id=2", "?v=%20&id=a+b", "#top", "?&&"]),
)
settings_of_any_kind = st.builds(
    Settings,
    auto_publish=st.booleans(),
    create_listings=st.booleans(),
    price_percent=percents,
    price_rounding=st.sampled_from(Rounding),
    stock_buffer=st.integers(0, 20),
    stock_maximum=st.none() | st.integers(1, 20),
    default_condition=conditions,
    **{f"policy_{group}": policies for group in Group},
)
products = st.builds(
    Product,
    sku=st.just("SKU"),
    title=st.just("Title"),
    price=st.none() | wild_prices,
    currency=st.sampled_from(["USD", "EUR", "JPY", "SEK"]),
    quantity=st.none() | st.integers(0, 100),
    description=words,
    condition=conditions,
    make=words,
    model=words,
    year=words,
    finish=words,
    categories=st.lists(words, max_size=3),
    photos=st.lists(urls, max_size=4),
    upc=words,
    offers_enabled=st.none() | st.booleans(),
)
known_conditions = st.none() | st.sampled_from([each.uuid for each in CONDITIONS])


class TestPrice:
    @given(prices, percents, st.sampled_from(Rounding), st.sampled_from(["USD", "JPY"]))
    def test_it_is_near_and_above_nothing(self, price, percent, rounding, currency):
        """Within half a step of the adjusted price, or the smallest amount of its rounding."""
        settings = Settings(price_percent=percent, price_rounding=rounding)
        amount = decide_price(price, currency, settings)
        whole = currency == "JPY" or rounding is not Rounding.CENT
        step = Decimal(1) if whole else Decimal("0.01")
        adjusted = price * (1 + percent / 100)
        assert amount > 0
        assert abs(amount - adjusted) <= step / 2 or amount <= step
        if currency == "JPY" or rounding is Rounding.WHOLE:
            assert amount == amount.to_integral_value()
        elif rounding is Rounding.NINETY_NINE:
            assert amount % 1 == Decimal("0.99")

    @given(prices, prices, percents, st.sampled_from(Rounding))
    def test_it_never_turns_the_order_round(self, low, high, percent, rounding):
        """What costs more in the shop does not cost less on Reverb."""
        settings = Settings(price_percent=percent, price_rounding=rounding)
        low, high = sorted([low, high])
        assert decide_price(low, "USD", settings) <= decide_price(high, "USD", settings)

    @given(prices)
    def test_unadjusted_it_is_the_shops_own(self, price):
        """Without a percentage the price goes as it is."""
        assert decide_price(price, "USD", Settings()) == price

    def test_the_hosts_decimal_context_does_not_matter(self):
        """A host that computes with six digits does not round our prices."""
        with localcontext(Context(prec=3)):
            assert decide_price(Decimal("1234567.89"), "USD", Settings()) == Decimal("1234567.89")

    @given(wild_prices)
    def test_no_price_makes_it_stumble(self, price):
        """Any number gives an amount that JSON and Reverb can take, or a problem."""
        payload = make_payload(Product("SKU", "Title", price=price, quantity=1), Settings())
        sent = payload.groups[Group.PRICE]
        assert bool(sent) == (0 < price < LARGEST_PRICE)
        if sent:
            assert "E" not in sent["price"]["amount"]


class TestStock:
    @given(st.integers(0, 1000), st.integers(0, 50), st.none() | st.integers(1, 50), st.booleans())
    def test_never_more_than_the_shop_has(self, quantity, buffer, maximum, holds_stock):
        """Between 0 and the shop's number; at most the maximum; one where one is all there can be; 0 stays 0."""
        stock = decide_stock(quantity, Settings(stock_buffer=buffer, stock_maximum=maximum), holds_stock=holds_stock)
        assert 0 <= stock.quantity <= quantity
        if holds_stock:
            assert stock.quantity == min(max(quantity - buffer, 0), maximum or quantity)
        else:
            assert stock.quantity == min(quantity, 1)
            assert (stock.note is not None) == (quantity > 1)


class TestPhotos:
    @given(urls)
    def test_identity_is_settled(self, url):
        """What stands for a photo stands for itself."""
        assume(usable_photos([url])[0])
        assert identity(identity(url)) == identity(url)

    @given(st.lists(urls, max_size=6))
    def test_each_photo_once_and_every_other_explained(self, given_urls):
        """Usable photos differ from each other; each other URL has its complaint."""
        usable, problems = usable_photos(given_urls)
        identities = [identity(url) for url in usable]
        assert len(set(identities)) == len(identities)
        assert usable_photos(usable) == (usable, ())
        assert len(problems) == sum(not usable_photos([url])[0] for url in given_urls)

    @given(st.lists(urls, max_size=6), st.lists(urls, max_size=6))
    def test_the_change_gives_the_wanted_list(self, wanted, remembered):
        """Removing what is to be removed, then sending the list where that is said, leaves Reverb with the wanted
        photos in their order.
        """
        wanted, remembered = usable_photos(wanted)[0], usable_photos(remembered)[0]
        change = decide_photos(wanted, remembered)
        listing = [url for url in remembered if url not in change.removed]
        if change.send:
            listing += [url for url in change.sources if url not in listing]
            listing.sort(key=change.sources.index)
        assert [identity(url) for url in listing] == [identity(url) for url in wanted]
        assert tuple(listing) == change.sources

    @given(st.lists(urls, max_size=6))
    def test_a_query_against_caches_makes_no_difference(self, given_urls):
        """The fingerprint of a list is that of its pictures."""
        usable, _ = usable_photos(given_urls)
        busted = [f"{url}{'&' if '?' in url else '?'}v=9" for url in usable if "#" not in url]
        assert photos_fingerprint(busted) == photos_fingerprint([url for url in usable if "#" not in url])


class TestPayload:
    @given(products, settings_of_any_kind, known_conditions)
    def test_nothing_unknown_or_empty_is_ever_sent(self, product, settings, known):
        """No None, no empty text or list, and no quantity that the shop does not know."""
        payload = make_payload(product, settings, known)
        fields = {name: value for group in payload.groups.values() for name, value in group.items()}
        assert all(value not in (None, "", [], {}) for value in fields.values())
        json.dumps(fields, allow_nan=False)
        assert payload.groups.keys() == set(Group)
        if product.quantity is None:
            assert not {"inventory", "has_inventory"} & fields.keys()
        elif "inventory" in fields:
            assert 0 <= fields["inventory"] <= product.quantity
            assert fields["has_inventory"] or fields["inventory"] <= 1

    @given(products, settings_of_any_kind, known_conditions)
    def test_what_is_missing_is_explained(self, product, settings, known):
        """A price, a condition or a category that cannot be sent is a problem with that name."""
        payload = make_payload(product, settings, known)
        fields = {error.field for error in payload.problems}
        assert ("price" in fields) == (not payload.groups[Group.PRICE])
        assert ("condition" in fields) == (not payload.groups[Group.CONDITION])


class TestDecisions:
    @given(products, settings_of_any_kind, st.sampled_from(Scope))
    def test_a_create_keeps_to_the_policies(self, product, settings, scope):
        """Only what may be sent is in the body; never a publish without stock; never for stock alone."""
        payload = make_payload(product, settings)
        decision = decide_create(product, payload, settings, scope)
        if not isinstance(decision, Create):
            return
        assert scope is Scope.ALL
        assert settings.create_listings
        allowed = {"sku", "publish"}
        for group, fields in payload.groups.items():
            if policy_of(settings, group) is not Policy.NEVER:
                allowed |= fields.keys()
        assert decision.body.keys() == allowed
        assert not decision.body["publish"] or payload.quantity

    @given(products, products, settings_of_any_kind, st.sampled_from(Scope))
    def test_an_update_keeps_to_the_policies_and_settles(self, before, after, settings, scope):
        """Only what may be sent and differs is in the body, and once accepted nothing is left to send."""
        first = make_payload(before, settings)
        listing = Listing("7", "SKU", state="live")
        body = {name: value for fields in first.groups.values() for name, value in fields.items()}
        link = after_write(Link("SKU"), body, listing)
        payload = make_payload(after, settings, link.condition_uuid)
        decision = decide_update(payload, link, settings, scope)
        if isinstance(decision, Unchanged):
            return
        assert isinstance(decision, Update)
        assert decision.body or decision.photos
        for group in decision.groups:
            assert policy_of(settings, group) is Policy.ALWAYS
            assert scope is Scope.ALL or group is Group.QUANTITY
            assert payload.groups[group] != first.groups[group]
        accepted = after_write(link, decision.body, listing)
        if decision.photos:
            accepted = with_photos(accepted, decision.photos.sources)
        assert decide_update(payload, accepted, settings, scope) == Unchanged()

    @given(products, settings_of_any_kind)
    def test_an_adopted_listing_settles(self, product, settings):
        """After one PUT at the most an adopted listing is in step."""
        payload = make_payload(product, settings)
        listing = Listing("7", "SKU", state="live", title="Other")
        link = adopt("SKU", None, payload, listing)
        decision = decide_update(payload, link, settings, Scope.ALL)
        if isinstance(decision, Update):
            assert decision.photos is None
            link = after_write(link, decision.body, listing)
        assert decide_update(payload, link, settings, Scope.ALL) == Unchanged()

    @given(st.lists(st.tuples(st.integers(1, 200), st.sampled_from(["live", "draft", "ended", "sold", "odd"]))))
    def test_the_best_of_several(self, rows):
        """A live one before a draft before anything else; among equals the newest."""
        listings = [Listing(str(number), state=state) for number, state in rows]
        chosen = choose_listing(listings)
        assert (chosen is None) == (not rows)
        if chosen is not None:
            ranks = {"live": 2, "draft": 1}
            best = max((ranks.get(state, 0), number) for number, state in rows)
            assert (ranks.get(chosen.state, 0), int(chosen.id)) == best

    def test_a_relisting_holds_the_quantity(self):
        """What we ended comes back with publish and the quantity, although the number is the one sent before."""
        payload = make_payload(Product("SKU", "Title", price=1, quantity=1, condition="Mint"), Settings())
        sent = {"has_inventory": fingerprint(False), "inventory": fingerprint(1), "price": fingerprint("x")}
        link = Link("SKU", "7", state="ended", ended_by_us=True, sent=sent)
        decision = decide_update(payload, link, Settings(), Scope.STOCK)
        assert decision.body == {"has_inventory": False, "inventory": 1, "publish": True}
        assert decide_update(payload, replace(link, ended_by_us=False), Settings(), Scope.STOCK) == Unchanged()


class TestFingerprint:
    values = st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
        max_leaves=6,
    )

    @given(values, values)
    def test_equal_for_equal_values(self, one, other):
        """Fingerprints are equal exactly when the values are, as JSON has them."""
        same = json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
        assert (fingerprint(one) == fingerprint(other)) == same

    def test_the_order_of_keys_does_not_matter(self):
        """A mapping is what it holds."""
        assert fingerprint({"a": 1, "b": 2}) == fingerprint({"b": 2, "a": 1})


class TestRetry:
    @given(st.integers(0, 10**6), st.floats(0, 1, exclude_max=True))
    def test_the_wait_grows_and_is_bounded(self, attempts, jitter):
        """Doubling up to an hour; half of it is left to chance."""
        wait = backoff_seconds(attempts, jitter)
        assert 2.5 <= wait <= LONGEST_BACKOFF_SECONDS
        assert wait <= 2 * backoff_seconds(attempts, 0.0)

    @pytest.mark.parametrize(
        "error",
        [RefusedError(), NotFoundError(), NotAllowedError(page_url="/"), InvalidValueError("a", 1, "b")],
        ids=repr,
    )
    def test_what_needs_a_person_waits_for_one(self, error):
        """Trying again by itself would change nothing."""
        assert decide_retry(error, 0, 0.5, circuit_was_open=False) == Park()

    @pytest.mark.parametrize("error", [RateLimitedError(), TokenRefusedError()], ids=repr)
    def test_what_is_not_the_jobs_fault_is_no_try(self, error):
        """However often it happens."""
        assert decide_retry(error, MOST_ATTEMPTS, 0.5, circuit_was_open=False) == Later(0.0, counts=False)

    @pytest.mark.parametrize(
        "error", [UnavailableError(), AmbiguousError(), DuplicateSkuError(), HostError()], ids=repr
    )
    def test_the_rest_is_tried_eight_times(self, error):
        """Then a person is asked; nothing is tried for ever and nothing forgotten."""
        decisions = [decide_retry(error, attempts, 0.5, circuit_was_open=False) for attempts in range(MOST_ATTEMPTS)]
        assert [isinstance(decision, Later) for decision in decisions] == [True] * 7 + [False]

    @pytest.mark.parametrize("error", [UnavailableError(), AmbiguousError()], ids=repr)
    def test_while_reverb_is_down_nothing_counts(self, error):
        """An outage parks no job."""
        decision = decide_retry(error, MOST_ATTEMPTS, 0.5, circuit_was_open=True)
        assert isinstance(decision, Later)
        assert not decision.counts
