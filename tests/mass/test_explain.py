"""Why is this product not on Reverb? One answer for each obstacle, in order, with what to do."""

import pytest

from reverb_plugin.hooks import on_product_saved
from tests.sync.market import SOLID_BODY, guitar, used_guitar

ORDER = [
    "Is it in the shop?",
    "Is it excluded by a rule?",
    "Was it deleted in the shop?",
    "Would a listing be made?",
    "What would be sent?",
    "What is left out?",
    "What should be known?",
    "Is it on Reverb?",
    "Has one nearly this SKU?",
    "Is it the same SKU?",
    "Is it the only one?",
    "How did the last attempt end?",
    "Does a change wait for a person?",
]


def not_in_shop(desk):
    """It is not in the shop."""


def broken_shop(desk):
    desk.host.fail(OSError("disk full"))


def excluded(desk):
    desk.fill_shop(guitar())
    desk.market.set(exclude_makes="fender")


def left_alone(desk):
    desk.fill_shop(guitar(sync=False))


def not_made(desk):
    desk.fill_shop(guitar())
    desk.market.set(create_listings="off")


def without_stock(desk):
    desk.fill_shop(guitar(quantity=0))
    desk.market.set(exclude_out_of_stock="on")


def without_price(desk):
    desk.fill_shop(guitar(price=None))


def unknown_condition(desk):
    desk.fill_shop(guitar(condition="as seen"))


def unmapped_category(desk):
    desk.fill_shop(guitar(categories=("Guitars",)))


def no_token(desk):
    desk.fill_shop(guitar())
    desk.plugin.configuration._arguments.pop("token")
    desk.plugin.configuration._read_at = None


def down(desk):
    desk.fill_shop(guitar())
    desk.door.go_down()


def deleted(desk):
    desk.market.save(guitar())
    desk.market.delete("STRAT")
    desk.fill_shop(guitar())


def sold(desk):
    desk.fill_shop(used_guitar("STRAT"))
    desk.list_all([used_guitar("STRAT")], state="ordered")


def draft(desk):
    desk.market.save(guitar())


def ended(desk):
    desk.market.save(guitar())
    desk.market.go_live("STRAT")
    desk.plugin.client.end_listing(desk.market.link("STRAT").listing_id)


def suspended(desk):
    desk.fill_shop(guitar())
    desk.list_all([guitar()], state="suspended")


def duplicate(desk):
    desk.fill_shop(guitar())
    desk.list_all([guitar(), guitar()])


def other_sku(desk):
    desk.market.save(guitar())
    desk.market.go_live("STRAT")
    desk.plugin.client.update_listing(desk.market.link("STRAT").listing_id, {"sku": "OTHER"})


def near_miss(desk):
    desk.fill_shop(guitar())
    desk.list_all([guitar("strat")])
    desk.preview()


def refused(desk):
    body = {"message": "Please fill in", "errors": {"price": ["is too low"]}}
    desk.door.add_fault("answer", "POST", status=412, body=body)
    desk.market.save(guitar())


OBSTACLES = [
    (not_in_shop, "Is it in the shop?", "No product has this SKU", "Check the SKU"),
    (broken_shop, "Is it in the shop?", "disk full", "conformance suite"),
    (excluded, "Is it excluded by a rule?", "'fender'", "setting exclude_makes"),
    (left_alone, "Is it excluded by a rule?", "leave this product alone", "in the shop"),
    (not_made, "Would a listing be made?", "create_listings is off", "Change the setting"),
    (without_stock, "Would a listing be made?", "no stock", "Change the setting or the stock"),
    (without_price, "Would a listing be made?", "the shop gives no price", "Correct the named field"),
    (unknown_condition, "Would a listing be made?", "condition_map", "in the setting condition_map"),
    (unmapped_category, "What is left out?", "category_map", "in the setting category_map"),
    (no_token, "Is it on Reverb?", "no token", "Enter the token"),
    (down, "Is it on Reverb?", "cannot be asked", "Nothing to do"),
    (deleted, "Was it deleted in the shop?", "2026-", "Save it in the shop again"),
    (sold, "What would be sent?", "sold on Reverb", "SKU of its own"),
    (draft, "Is it on Reverb?", "is draft", "Publish the draft"),
    (ended, "Is it on Reverb?", "is ended", "Relist it"),
    (suspended, "Is it on Reverb?", "is suspended", "Ask Reverb"),
    (duplicate, "Is it the only one?", "2 listings", "Remove the surplus"),
    (other_sku, "Is it the same SKU?", "'OTHER'", "Make the two SKUs the same"),
    (near_miss, "Has one nearly this SKU?", "'strat' (listing ", "Make the two SKUs the same"),
    (refused, "How did the last attempt end?", "price: is too low", "Correct in the shop"),
]


@pytest.mark.parametrize(
    ("seed", "question", "text", "to_do"), OBSTACLES, ids=lambda each: getattr(each, "__name__", "")
)
def test_each_obstacle_is_named_with_what_to_do(desk, seed, question, text, to_do):
    """Whatever stands in the way is an answer to one question, and the one thing to do is about it."""
    seed(desk)
    explanation = desk.plugin.explain("STRAT")
    (answer,) = [answer for answer in explanation.answers if answer.question == question and answer.is_obstacle]
    assert text in answer.text
    assert to_do in explanation.to_do


@pytest.mark.parametrize("seed", [each[0] for each in OBSTACLES], ids=lambda each: each.__name__)
def test_the_answers_come_in_order(desk, seed):
    """The shop, the rules, what would be sent, Reverb, the last attempt; and nothing is written."""
    seed(desk)
    desk.forget_requests()
    questions = [answer.question for answer in desk.plugin.explain("STRAT").answers]
    places = [ORDER.index(question) for question in questions]
    assert places == sorted(places)
    assert desk.writes() == []


def test_nothing_stands_in_the_way(desk):
    """Live and in step: no obstacle, and nothing to do."""
    desk.market.save(guitar())
    desk.market.go_live("STRAT")
    desk.market.save_again("STRAT")
    explanation = desk.plugin.explain("STRAT")
    assert [answer for answer in explanation.answers if answer.is_obstacle] == []
    assert explanation.to_do == "Nothing."


def test_what_would_be_sent_and_which_policy_decides(desk):
    """Each group of fields with the shop's value, when it is sent, and whether it would be sent now."""
    desk.market.set(policy_description="never")
    desk.list_all([guitar(price="650.00", title="Other")])
    desk.fill_shop(guitar())
    explanation = desk.plugin.explain("STRAT")
    fields = {field.group: field for field in explanation.fields}
    assert (fields["price"].policy, fields["price"].is_sent) == ("always", True)
    assert fields["price"].value == {"price": {"amount": "799.00", "currency": "USD"}}
    assert (fields["title"].policy, fields["title"].is_sent) == ("create", False)
    assert (fields["description"].policy, fields["description"].is_sent) == ("never", False)
    assert fields["categories"].value == {"categories": [{"uuid": SOLID_BODY}]}
    assert explanation.to_do == "Save or push it."


@pytest.mark.parametrize("switch", ["on", "off"])
def test_a_save_that_was_ignored(desk, switch):
    """With auto_sync off a save sends nothing: then what to do is to push by hand."""
    desk.market.set(auto_sync=switch)
    desk.fill_shop(guitar())
    on_product_saved("STRAT", plugin=desk.plugin)
    to_do = desk.plugin.explain("STRAT").to_do
    assert to_do.startswith("Save or push it" if switch == "on" else "Push it by hand")


def test_it_says_synced_but_is_not(desk):
    """Changed on Reverb after Reverb had accepted it: a save sends nothing, and that is said with what helps."""
    desk.market.save(guitar())
    desk.market.go_live("STRAT")
    desk.plugin.client.update_listing(
        desk.market.link("STRAT").listing_id, {"price": {"amount": "650.00", "currency": "USD"}}
    )
    explanation = desk.plugin.explain("STRAT")
    assert "What would be sent?" in [answer.question for answer in explanation.answers]
    assert "drift" in explanation.to_do


def test_a_listing_that_the_lookup_does_not_show_yet(desk):
    """Just made: it is asked for by its id."""
    desk.door.set(index_lag_seconds=3600)
    desk.market.save(guitar())
    (answer,) = [each for each in desk.plugin.explain("STRAT").answers if each.question == "Is it on Reverb?"]
    assert desk.market.link("STRAT").listing_id in answer.text
