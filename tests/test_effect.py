"""What a change of settings does to how many products, told before it is saved; and the rules worked on a product."""

from dataclasses import replace
from decimal import Decimal

import pytest

from reverb_plugin.effect import EffectKind, consequences, foresee
from reverb_plugin.errors import HostError
from reverb_plugin.glance import AT_ONCE, Glance, gather_words
from reverb_plugin.settings import Policy, Rounding, Settings
from reverb_plugin.store.links import Link
from reverb_plugin.sync.fields import Group
from reverb_plugin.testing import FakeHost, FrozenClock
from reverb_plugin.worked_example import choose_example, work_example
from tests.sync.market import SOLID_BODY, guitar, used_guitar

NEW = "7c3f45de-2ae0-4c81-8400-fdb6b1d74890"
USUAL = Settings()
LISTED = Link("STRAT", listing_id="1", state="live", condition_uuid=NEW)


def find(product, link, before=USUAL, **changes):
    return [(each.kind.value, each.group) for each in consequences(product, link, before, replace(before, **changes))]


class TestConsequences:
    @pytest.mark.parametrize(
        ("changes", "expected"),
        [
            ({}, []),
            ({"requests_per_minute": 10}, []),
            ({"price_percent": Decimal(5)}, [("changes", Group.PRICE)]),
            ({"price_rounding": Rounding.WHOLE}, []),
            ({"stock_buffer": 1}, [("changes", Group.QUANTITY)]),
            ({"stock_buffer": 3}, [("ends", Group.QUANTITY)]),
            ({"stock_maximum": 3}, []),
            ({"exclude_makes": ("fen*",)}, [("left alone", None)]),
            ({"policy_title": Policy.ALWAYS}, [("follows", Group.TITLE)]),
            ({"policy_finish": Policy.NEVER}, []),
            ({"policy_price": Policy.NEVER}, [("stays", Group.PRICE)]),
            ({"create_listings": False}, []),
            ({"auto_publish": True}, []),
        ],
    )
    def test_for_a_listing(self, changes, expected):
        """What a mass sync would send otherwise, and nothing that stays the same for this product."""
        assert find(guitar(), LISTED, **changes) == expected

    @pytest.mark.parametrize(
        ("changes", "expected"),
        [
            ({}, []),
            ({"create_listings": False}, [("not made", None)]),
            ({"auto_publish": True}, [("published", None)]),
            ({"price_percent": Decimal(5)}, [("made otherwise", Group.PRICE)]),
            ({"policy_title": Policy.NEVER}, [("made otherwise", Group.TITLE)]),
            ({"policy_title": Policy.ALWAYS}, []),
            ({"exclude_skus": ("STRAT",)}, [("left alone", None)]),
            (
                {"condition_map": {"Brand New": "Mint"}},
                [("made otherwise", group) for group in (Group.QUANTITY, Group.CONDITION, Group.UPC)],
            ),
        ],
    )
    def test_for_a_product_without_listing(self, changes, expected):
        """What its listing would be made with, or that none would be made."""
        assert find(guitar(), None, **changes) == expected

    def test_the_way_back(self):
        """A rule that is taken away brings products back, and a mapped word makes a listing possible."""
        excluded = replace(USUAL, exclude_makes=("Fender",))
        assert find(guitar(), LISTED, excluded, exclude_makes=()) == [("taken up", None)]
        assert find(guitar(condition="wie neu"), None, condition_map={"wie neu": "Mint"}) == [("made", None)]
        assert find(guitar(), None, replace(USUAL, auto_publish=True), auto_publish=False) == [("drafted", None)]

    def test_a_category_that_is_mapped(self):
        """The new listing gets its category; a listing that exists keeps its own, for it is sent on create only."""
        product, mapped = guitar(categories=("Guitars",)), {"category_map": {"Guitars": SOLID_BODY}}
        assert find(product, None, **mapped) == [("made otherwise", Group.CATEGORIES)]
        assert find(product, LISTED, **mapped) == []

    def test_one_of_a_kind_is_not_held_back(self):
        """The buffer does nothing to a used item."""
        assert find(used_guitar(), None, stock_buffer=1) == []

    def test_a_tombstone_is_left_alone(self):
        """A product that was deleted in the shop is not touched by any setting."""
        buried = replace(LISTED, deleted_at=FrozenClock().now())
        assert find(guitar(), buried, price_percent=Decimal(5)) == []


class TestForesee:
    def foresee(self, host, links, **changes):
        return foresee(host, lambda skus: links, USUAL, replace(USUAL, **changes), FrozenClock())

    def test_counts_and_examples(self):
        """How many, the grave ones first, with a few products and their old and new values."""
        host = FakeHost([guitar(f"G{number}", quantity=number) for number in range(1, 8)])
        links = {f"G{number}": replace(LISTED, sku=f"G{number}") for number in range(1, 8)}

        foresight = self.foresee(host, links, stock_buffer=2)

        assert [(effect.kind, effect.count) for effect in foresight.effects] == [
            (EffectKind.ENDS, 2),
            (EffectKind.CHANGES, 5),
        ]
        first = foresight.effects[1].examples
        assert [(each.sku, each.old, each.new) for each in first] == [
            ("G3", "3", "1"),
            ("G4", "4", "2"),
            ("G5", "5", "3"),
        ]
        assert (foresight.seen, foresight.is_whole) == (7, True)

    def test_nothing_changes(self):
        """A change that touches no listing has no effect to tell."""
        assert self.foresee(FakeHost([guitar()]), {}, requests_per_minute=5).effects == ()

    def test_the_links_are_asked_for_piece_by_piece(self):
        """One question for two hundred products, not one for each."""
        asked = []
        host = FakeHost([guitar(f"G{number:04}") for number in range(2 * AT_ONCE + 1)])

        foresee(host, lambda skus: asked.append(len(skus)) or {}, USUAL, USUAL, FrozenClock())

        assert asked == [AT_ONCE, AT_ONCE, 1]

    def test_a_shop_that_fails(self):
        """An adapter that raises is named as the shop's error."""
        host = FakeHost([guitar()])
        host.fail(RuntimeError("no database"))
        with pytest.raises(HostError, match="no database"):
            self.foresee(host, {})


class TestGlance:
    @pytest.mark.parametrize(("most", "seen", "is_whole"), [(3, 3, False), (5, 5, True), (9, 5, True)])
    def test_bounded_by_number(self, most, seen, is_whole):
        """It stops at the number it was given, and knows whether there were more."""
        glance = Glance(FakeHost([guitar(f"G{number}") for number in range(5)]), FrozenClock(), most=most, seconds=1)
        assert len(list(glance.products())) == seen
        assert (glance.seen, glance.is_whole) == (seen, is_whole)

    def test_bounded_by_time(self):
        """A slow shop is not looked through to its end."""
        clock = FrozenClock()
        host = FakeHost([guitar(f"G{number:04}") for number in range(3 * AT_ONCE)])
        glance = Glance(host, clock, most=10_000, seconds=1)
        for _ in glance.pieces():
            clock.advance(0.6)
        assert (glance.seen, glance.is_whole) == (2 * AT_ONCE, False)

    def test_words(self):
        """The shop's words with the number of products that have them; the empty condition is one of them."""
        host = FakeHost([guitar("A", condition=""), guitar("B", categories=("x", "x", "y")), guitar("C")])
        words = gather_words(Glance(host, FrozenClock(), most=10, seconds=1))
        assert words.conditions == {"": 1, "Brand New": 2}
        assert words.categories == {"x": 1, "y": 1, SOLID_BODY: 2}


class TestWorkedExample:
    def test_steps(self):
        """Each rule that is in force is a step, and the last one is what is sent."""
        settings = replace(
            USUAL,
            price_percent=Decimal(5),
            price_rounding=Rounding.NINETY_NINE,
            stock_buffer=1,
            stock_maximum=1,
        )
        example = work_example(guitar(), settings)
        assert [(step.label, step.value) for step in example.price] == [
            ("In the shop", "799.00 USD"),
            ("plus 5 %", "838.95 USD"),
            ("On Reverb, rounded to end in .99", "838.99 USD"),
        ]
        assert [(step.label, step.value) for step in example.stock] == [
            ("In the shop", "3"),
            ("1 held back", "2"),
            ("At most 1 shown", "1"),
            ("On Reverb", "1"),
        ]

    def test_one_of_a_kind(self):
        """A used item is shown once, and why is said."""
        example = work_example(used_guitar(quantity=4), replace(USUAL, stock_buffer=2))
        assert [(step.label, step.value) for step in example.stock] == [
            ("In the shop", "4"),
            ("One of a kind: at most 1", "1"),
            ("On Reverb", "1"),
        ]
        assert "one of a kind" in example.note

    def test_what_cannot_be_worked_out(self):
        """Unknown stays unknown: no step is made up for a price or a quantity that the shop does not give."""
        example = work_example(guitar(price=None, quantity=None), USUAL)
        assert (example.price, example.stock) == ((), ())
        assert "the shop gives no price" in example.note

    def test_the_product_that_shows_most(self):
        """One with a price and several in stock is chosen before others; an excluded one never."""
        products = [guitar("A", price=None), used_guitar("B"), guitar("C", make="Other"), guitar("D")]
        assert choose_example(products, USUAL).sku == "C"
        assert choose_example(products, replace(USUAL, exclude_makes=("other",))).sku == "D"
        assert choose_example([], USUAL) is None
