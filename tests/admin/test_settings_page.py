"""The settings on the page: shown with where they come from, tried on, saved together or not at all."""

import re

import pytest
from werkzeug.test import Client

from reverb_plugin.admin.sections import CHOICES, LABELS, NOT_ON_PAGE, SECTIONS
from reverb_plugin.settings import SETTINGS
from tests.admin.offline import open_offline
from tests.queries import recorded_queries
from tests.sync.market import SOLID_BODY, guitar, used_guitar


@pytest.fixture
def visit(market):
    """A browser that is on the page."""
    return Visitor(market.plugin)


class Visitor:
    def __init__(self, plugin):
        self.client = Client(plugin.admin_app(authorize=lambda environ: True))

    def get(self, address, **query):
        return self.client.get(address, query_string=query or None)

    def post(self, address, **form):
        """What the browser says of a form of the same page; values in a list are sent one by one."""
        return self.client.post(address, data=form, headers={"Sec-Fetch-Site": "same-origin"})


def control(page, name):
    """The tag of the control."""
    return re.search(rf'<(?:input|textarea|select|fieldset)[^>]* id="{name}"[^>]*>', page.text)[0]


class TestShowing:
    def test_each_setting_has_its_place(self):
        """Each setting stands in exactly one section with a label, and each choice has words."""
        placed = [name for section in SECTIONS.values() for name in section.fields]
        assert sorted(placed) == sorted(set(SETTINGS) - NOT_ON_PAGE) == sorted(LABELS)
        assert {choice for info in SETTINGS.values() for choice in info.choices} == set(CHOICES)

    @pytest.mark.parametrize("section", SECTIONS)
    def test_each_section(self, section, visit, market):
        """Each section shows a control for each of its settings, and leads to all others."""
        market.put(guitar())
        page = visit.get(f"/settings/{section}")
        assert page.status_code == 200
        assert all(f'name="{name}"' in page.text or f'id="{name}"' in page.text for name in SECTIONS[section].fields)
        assert page.text.count('href="/settings/') >= len(SECTIONS)
        assert page.text.count('aria-current="page"') == 2

    def test_a_link_fills_in_nothing(self, visit):
        """Nobody can send a link that only has to be saved; what is tried on is the exception, and is reviewed."""
        assert "evil.example" not in visit.get("/settings/keeping", frame_ancestors="https://evil.example").text
        assert "checked" not in control(visit.get("/settings/sync", auto_publish="on"), "auto_publish")

    def test_the_first_section(self, visit):
        """The settings begin with the connection; a section that is none is not found."""
        assert "Who this shop is on Reverb" in visit.get("/settings").text
        assert visit.get("/settings/nonsense").status_code == 404

    def test_who_else_decides(self, open_market, monkeypatch):
        """A setting that an environment variable or the shop's program sets is shown with that, and not changed."""
        monkeypatch.setenv("REVERB_STOCK_BUFFER", "4")
        market = open_market(environment="production")
        visit = Visitor(market.plugin)

        assert "Set by the environment variable REVERB_STOCK_BUFFER" in visit.get("/settings/price-stock").text
        assert "Set by the shop&#39;s program" in visit.get("/settings/connection").text
        visit.post("/settings/price-stock", stock_buffer="1", stock_maximum="9", reviewed="yes")
        assert (market.plugin.settings.stock_buffer, market.plugin.settings.stock_maximum) == (4, 9)
        assert "stock_buffer" not in market.plugin.store.saved_settings()

    def test_a_value_that_cannot_be_used(self, visit, market):
        """What was saved and cannot be used is told beside the field; saving the form mends it."""
        market.plugin.store.save_settings({"stock_buffer": "many"})
        market.clock.advance(2)
        page = visit.get("/settings/price-stock")
        assert "What is set cannot be used" in page.text
        visit.post("/settings/price-stock", stock_buffer="0", price_percent="0")
        assert "stock_buffer" not in market.plugin.store.saved_settings()

    @pytest.mark.parametrize(
        ("section", "number"),
        [("connection", 4), ("fields", 0), ("price-stock", 0), ("conditions", 0), ("categories", 1), ("pace", 0)],
    )
    def test_queries(self, section, number, visit, market):
        """One query for the settings, one for the name of the account, and few for what the section adds."""
        for count in range(30):
            market.put(guitar(f"G{count}"))
        market.clock.advance(2)
        with recorded_queries() as queries:
            visit.get(f"/settings/{section}")
        assert len(queries) == 2 + number


class TestSaving:
    def test_saved(self, visit, market):
        """A change without effect on listings is saved at once, and said."""
        answer = visit.post("/settings/pace", requests_per_minute="60", brake_percent="10")
        assert (answer.status_code, answer.location) == (303, "/settings/pace?notice=settings-saved")
        assert (market.plugin.settings.requests_per_minute, market.plugin.settings.brake_percent) == (60, 10)
        assert "Saved." in visit.get(answer.location).text

    def test_another_process_shows_it_at_once(self, tmp_path):
        """A shop has several processes: the one that answers the form is not the one that shows the page after it."""
        with open_offline(tmp_path) as one, open_offline(tmp_path) as other:
            Visitor(other).get("/settings/pace")
            answer = Visitor(one).post("/settings/pace", requests_per_minute="61")
            assert 'value="61"' in control(Visitor(other).get(answer.location), "requests_per_minute")

    def test_nothing_changed(self, visit):
        """A form that is sent as it was shown saves nothing."""
        answer = visit.post("/settings/pace", brake_percent="20")
        assert answer.location == "/settings/pace?notice=settings-unchanged"

    def test_errors(self, visit, market):
        """Each error stands beside its field, everything that was entered is still there, and nothing was saved."""
        before = dict(market.plugin.store.saved_settings())
        page = visit.post("/settings/pace", requests_per_minute="many", brake_percent="200", drift_check_hours="7")

        assert page.status_code == 422
        assert "2 fields need another value" in page.text
        assert 'aria-describedby="requests_per_minute-error requests_per_minute-help"' in control(
            page, "requests_per_minute"
        )
        for name, text in {"requests_per_minute": "many", "brake_percent": "200", "drift_check_hours": "7"}.items():
            assert f'value="{text}"' in control(page, name)
        assert "Must be a whole number from 1 to 100." in page.text
        assert market.plugin.store.saved_settings() == before

    def test_switches(self, visit, market):
        """A switch that is off says so; one that is not in the form stays as it is."""
        visit.post("/settings/sync", auto_sync=["off"], auto_publish=["off", "on"], reviewed="yes")
        settings = market.plugin.settings
        assert (settings.auto_sync, settings.auto_publish, settings.create_listings) == (False, True, True)

    def test_lists(self, visit, market):
        """A list has one line for each word."""
        visit.post("/settings/exclusions", exclude_makes="Fender\r\n\r\n Gib* \r\n")
        assert market.plugin.settings.exclude_makes == ("Fender", "Gib*")
        assert "Fender\nGib*</textarea>" in visit.get("/settings/exclusions").text

    def test_the_default_is_not_saved(self, visit, market):
        """Back to the default means that nothing is kept."""
        visit.post("/settings/pace", brake_percent="10")
        visit.post("/settings/pace", brake_percent="20")
        assert "brake_percent" not in market.plugin.store.saved_settings()

    def test_policies(self, visit, market):
        """The table has three choices for each group of fields, and saves what was chosen."""
        page = visit.get("/settings/fields")
        assert page.text.count('type="radio"') == 3 * 13
        visit.post("/settings/fields", policy_title="never", policy_price="always")
        assert market.plugin.settings.policy_title == "never"


class TestReview:
    @pytest.fixture
    def shop(self, market):
        """Five listed guitars and one that is not listed."""
        for number in range(1, 6):
            market.save(guitar(f"G{number}", quantity=number))
        market.put(guitar("NEW"))
        return market

    def test_what_it_does(self, shop, visit):
        """A change that touches listings is shown with how many and which, and saved only then."""
        page = visit.post("/settings/price-stock", stock_buffer="2", price_percent="10")

        assert page.status_code == 200
        assert "Not saved yet" in page.text
        assert "2 listings go to 0 and end." in page.text
        assert "The quantity of 3 listings changes." in page.text
        assert "The price of 5 listings changes." in page.text
        assert "799.00 USD → 878.90 USD" in page.text
        assert "All 6 products of the shop were looked at." in page.text
        assert shop.plugin.settings.stock_buffer == 0

        form = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page.text))
        answer = visit.post("/settings/price-stock", **form, reviewed="yes")
        assert answer.status_code == 303
        assert (shop.plugin.settings.stock_buffer, shop.plugin.settings.price_percent) == (2, 10)

    def test_back_to_the_form(self, shop, visit):
        """Who goes back finds what was entered."""
        page = visit.post("/settings/price-stock", stock_buffer="2", price_percent="10", edit="yes")
        assert 'value="2"' in control(page, "stock_buffer")
        assert shop.plugin.settings.stock_buffer == 0

    def test_no_listing_is_touched(self, shop, visit):
        """A rule that changes nothing for any product is saved without a question."""
        assert visit.post("/settings/price-stock", stock_maximum="50").status_code == 303

    def test_the_shop_cannot_be_asked(self, shop, visit):
        """That the effect is not known is said, and it can be saved all the same."""
        shop.host.fail(RuntimeError("no database"))
        page = visit.post("/settings/price-stock", stock_buffer="2")
        assert "It is not known what this does" in page.text
        assert visit.post("/settings/price-stock", stock_buffer="2", reviewed="yes").status_code == 303

    def test_rows_of_the_log(self, shop, visit):
        """Rows that would be deleted are counted before it is saved."""
        shop.clock.advance(3 * 86_400)
        page = visit.post("/settings/keeping", log_retention_days="2", log_retention_rows="100000")
        assert "5 rows of the sync log are deleted for good." in page.text
        assert "products of the shop were looked at" not in page.text
        assert visit.post("/settings/keeping", log_retention_days="4").status_code == 303


class TestWorkedExample:
    def test_with_what_is_entered(self, market, visit):
        """What is entered is worked out on a product of the shop before anything is saved."""
        market.put(guitar())
        page = visit.get("/settings/price-stock", price_percent="5", price_rounding="ninety-nine", stock_buffer="1")
        assert "838.99 USD" in page.text
        assert "1 held back" in page.text
        assert 'value="5"' in control(page, "price_percent")
        assert market.plugin.settings.price_percent == 0

    def test_another_product(self, market, visit):
        """Any product can be named; one that is not there is told."""
        market.put(guitar())
        market.put(used_guitar("JAZZ", quantity=4))
        assert "One of a kind: at most 1" in visit.get("/settings/price-stock", example="JAZZ").text
        assert "No product has the SKU jazz" in visit.get("/settings/price-stock", example="jazz").text

    @pytest.mark.parametrize("query", [{}, {"example": "JAZZ"}])
    def test_the_shop_cannot_be_asked(self, market, visit, query):
        """The form can be used all the same, and says why there is no example."""
        market.put(guitar())
        market.host.fail(RuntimeError("no database"))
        page = visit.get("/settings/price-stock", stock_buffer="2", **query)
        assert page.status_code == 200
        assert "raised RuntimeError: no database" in page.text
        assert 'value="2"' in control(page, "stock_buffer")

    def test_an_empty_shop(self, visit):
        """Without products there is nothing to work on."""
        assert "no product to show this on" in visit.get("/settings/price-stock").text


class TestConditions:
    def test_words_of_the_shop(self, market, visit):
        """Each word of the shop has its number of products; those that nobody understands come first."""
        for number, condition in enumerate(["Excellent", "wie neu", "wie neu"]):
            market.put(guitar(f"G{number}", condition=condition))
        page = visit.get("/settings/conditions").text
        assert page.index("wie neu") < page.index("As it says")
        assert "Not understood: choose" in page

    def test_chosen(self, market, visit):
        """The choices are saved together; an empty one is no entry."""
        form = {"word": ["wie neu", "alt", ""], "condition": ["Mint", "", ""], "default_condition": "Good"}
        assert visit.post("/settings/conditions", **form).status_code == 303
        assert market.plugin.settings.condition_map == {"wie neu": "Mint"}
        assert market.plugin.settings.default_condition == "Good"

    def test_a_word_without_choice(self, market, visit):
        """A new word needs a choice; nothing of the form is saved before."""
        page = visit.post("/settings/conditions", word=["alt", "neu"], condition=["Fair", ""], default_condition="Good")
        assert page.status_code == 422
        assert 'value="neu"' in control(page, "new-word")
        assert "<option selected>Good</option>" in page.text
        assert "<option selected>Fair</option>" in page.text
        assert "Choose Reverb&#39;s condition for &#39;neu&#39;." in page.text
        assert market.plugin.settings.default_condition == "Brand New"

    def test_effect(self, market, visit):
        """That products can be listed now is told first."""
        market.put(guitar(condition="wie neu"))
        page = visit.post("/settings/conditions", word=["wie neu"], condition=["Mint"])
        assert "1 product that gets no listing now can get one." in page.text


class TestCategories:
    def test_words_of_the_shop(self, market, visit):
        """Each category of the shop has its number of products, and Reverb's name once it is chosen."""
        market.put(guitar("A", categories=("Guitars > Solid Body",)))
        market.put(guitar("B", categories=("Guitars > Solid Body", SOLID_BODY)))
        assert "Not chosen" in visit.get("/settings/categories").text

        page = visit.get("/settings/categories/choose", word="Guitars > Solid Body")
        assert "Electric Guitars / Solid Body" in page.text
        assert "2 products are in it. New listings are made in the category that is chosen" in page.text
        answer = visit.post("/settings/categories/choose", word="Guitars > Solid Body", uuid=SOLID_BODY)

        assert answer.location == "/settings/categories?notice=category-saved"
        page = visit.get("/settings/categories").text
        assert "Not chosen" not in page
        assert page.count("Electric Guitars / Solid Body") == 2

    def test_search(self, visit):
        """Each word has to be in the full name; a category that lies in the middle is marked."""
        page = visit.get("/settings/categories/choose", word="x", q="GUITAR amps").text
        assert "Amps / Guitar Amps / Guitar Combos" in page
        assert "Has narrower ones; Reverb may refuse it" in page
        assert "Electric Guitars" not in page
        widest = visit.get("/settings/categories/choose", word="x", q="electric guitars").text
        assert "Electric Guitars / Solid Body" in widest
        assert "Has narrower ones" not in widest
        assert (
            "No category of Reverb has zither in its name" in visit.get("/settings/categories/choose", q="zither").text
        )

    def test_reverb_is_down(self, market, visit):
        """Without the list, why there is none is said with a way to try again."""
        market.door.go_down()
        page = visit.get("/settings/categories/choose", word="x")
        assert page.status_code == 200
        assert "cannot be had" in page.text
        assert "Try again" in page.text

    @pytest.mark.parametrize("form", [{"word": "x"}, {"word": "x", "uuid": "guitars"}, {"uuid": SOLID_BODY}])
    def test_half_a_choice(self, form, visit, market):
        """Nothing is saved without a word and a category."""
        assert visit.post("/settings/categories/choose", **form).status_code == 422
        assert market.plugin.settings.category_map == {}

    def test_removed(self, visit, market):
        """A choice can be taken back; the others stay."""
        market.set(category_map=f'{{"a": "{SOLID_BODY}", "b": "{SOLID_BODY}"}}')
        visit.post("/settings/categories/forget", word="a")
        assert market.plugin.settings.category_map == {"b": SOLID_BODY}

    def test_locked(self, open_market, monkeypatch):
        """A map that comes from an environment variable is shown and not changed."""
        monkeypatch.setenv("REVERB_CATEGORY_MAP", f'{{"a": "{SOLID_BODY}"}}')
        market = open_market()
        visit = Visitor(market.plugin)
        assert "Set by" not in visit.get("/settings/categories").text.partition("The list is set by")[0]
        answer = visit.post("/settings/categories/forget", word="a")
        assert answer.location == "/settings/categories?notice=setting-locked"
        assert market.plugin.settings.category_map == {"a": SOLID_BODY}


class TestConnection:
    @pytest.fixture
    def unconnected(self, open_market):
        """A shop that was never connected."""
        return open_market(token=None)

    def test_token_and_test(self, unconnected):
        """A token is saved and tried at once; what was found is shown with its place on Reverb."""
        visit = Visitor(unconnected.plugin)
        assert "There is no token yet" in visit.get("/settings/connection").text

        visit.post("/settings/connection", token=unconnected.simulator.token, environment="sandbox")
        page = visit.get("/settings/connection").text

        assert "Example Gear Shop" in page
        assert "There is no listing yet." in page
        assert "https://sandbox.reverb.com/my/billing" in page

    def test_the_token_is_never_shown(self, unconnected):
        """Neither after it was saved, nor on a form that could not be."""
        visit, token = Visitor(unconnected.plugin), unconnected.simulator.token
        pages = [
            visit.post("/settings/connection", token=f"{token} with blank", environment="sandbox"),
            visit.post("/settings/connection", token=token, environment="sandbox"),
            visit.get("/settings/connection"),
            visit.get("/start"),
        ]
        assert all(token not in page.text for page in pages)
        assert pages[0].status_code == 422

    def test_a_token_of_the_shops_program(self, open_market):
        """A token given to configure() is not in the plugin's database, and nobody says so."""
        page = Visitor(open_market(token="of-the-program").plugin).get("/settings/connection")
        assert "passes it to configure()" in page.text
        assert "plugin&#39;s database" not in page.text

    def test_an_empty_field_keeps_the_token(self, unconnected):
        """Saving the form again without entering the token does not lose it."""
        visit = Visitor(unconnected.plugin)
        visit.post("/settings/connection", token="abc", environment="sandbox")
        visit.post("/settings/connection", token="", environment="sandbox")
        assert unconnected.plugin.settings.token.reveal() == "abc"

    def test_another_environment_needs_its_token(self, unconnected):
        """A token belongs to one environment: changing that alone is refused beside the token."""
        visit = Visitor(unconnected.plugin)
        visit.post("/settings/connection", token="abc", environment="sandbox")
        page = visit.post("/settings/connection", token="", environment="production")
        assert page.status_code == 422
        assert "enter the one for production" in page.text
        assert unconnected.plugin.settings.environment == "sandbox"

    def test_test_again(self, market, visit):
        """The button tries again, and a revoked token is told with what to do."""
        market.door.set(token_revoked=True)
        answer = visit.post("/settings/connection/try")
        assert answer.location == "/settings/connection?notice=connection-tried"
        assert "refuses the token" in visit.get("/settings/connection").text

    def test_forget(self, unconnected):
        """The token can be forgotten."""
        visit = Visitor(unconnected.plugin)
        visit.post("/settings/connection", token="abc", environment="sandbox")
        visit.post("/settings/connection/forget-token")
        assert unconnected.plugin.settings.token is None
        assert visit.post("/settings/connection/try").location == "/settings/connection?notice=token-missing"


HOSTILE = ["<script>alert(1)</script>", "\u202egnitsil", "🎸" * 20, '"><img src=x onerror=alert(1)>', "{{ 7 * 7 }}"]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text(text, market, visit):
    """What stands in the shop or is entered is shown as text, and never as markup."""
    market.put(guitar(condition=text[:255], categories=(text,), title=text, make=text))
    pages = [
        visit.get("/settings/conditions"),
        visit.get("/settings/categories"),
        visit.get("/settings/categories/choose", word=text, q=text),
        visit.get("/settings/price-stock"),
        visit.post("/settings/keeping", frame_ancestors=text),
        visit.post("/settings/conditions", word=[text], condition=["Mint"]),
        visit.post("/settings/exclusions", exclude_makes=text.replace("[", "")),
    ]
    for page in pages:
        assert page.status_code in {200, 422}
        assert "<script>alert" not in page.text
        assert "<img" not in page.text
