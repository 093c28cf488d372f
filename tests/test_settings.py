"""Settings: where a value comes from, what it may be, and that nothing unusable is ever in force."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reverb_plugin.configuration import FRESH_SECONDS, Configuration
from reverb_plugin.errors import InvalidSettingError, StoreError
from reverb_plugin.redact import MASK, Secret
from reverb_plugin.settings import SETTINGS, Environment, Policy, Rounding, Settings, get_info, load_settings, show
from reverb_plugin.testing import FrozenClock


class Drawer:
    """What a person entered, in memory; ``broken`` stands for a database that cannot be used."""

    def __init__(self, **texts):
        self.texts = texts
        self.broken = False
        self.reads = 0

    def saved_settings(self):
        if self.broken:
            raise StoreError("the disk is full")
        self.reads += 1
        return dict(self.texts)

    def save_settings(self, texts):
        if self.broken:
            raise StoreError("the disk is full")
        kept = {**self.texts, **texts}
        self.texts = {name: text for name, text in kept.items() if text is not None}

    def change_setting(self, name, change):
        self.save_settings({name: change(self.texts.get(name))})


class TestSources:
    def test_the_first_source_wins(self):
        """An argument before the environment, that before the database, that before the default."""
        stored, environ, arguments = {"stock_buffer": "1"}, {"REVERB_STOCK_BUFFER": "2"}, {"stock_buffer": "3"}
        cases = [({}, {}, {}), ({}, {}, stored), ({}, environ, stored), (arguments, environ, stored)]
        loaded = [load_settings(*case) for case in cases]
        assert [each.values.stock_buffer for each in loaded] == [0, 1, 2, 3]
        assert [each.sources["stock_buffer"] for each in loaded] == ["default", "database", "environment", "argument"]

    def test_a_value_that_cannot_be_used_is_passed_over(self):
        """It is reported with its name, and the next source speaks; a typing error never stops the shop."""
        loaded = load_settings({}, {"REVERB_STOCK_BUFFER": "many"}, {"stock_buffer": "4"})
        assert (loaded.values.stock_buffer, loaded.sources["stock_buffer"]) == (4, "database")
        assert [(error.field, error.value) for error in loaded.problems] == [("stock_buffer", "many")]

    @pytest.mark.parametrize("text", ["prod", "produktion", "", "live"])
    def test_an_unknown_environment_is_the_sandbox(self, text):
        """Missing or unknown: the one where nothing can go wrong."""
        assert load_settings({}, {"REVERB_ENVIRONMENT": text}, {}).values.environment is Environment.SANDBOX

    def test_other_variables_mean_nothing(self):
        """Only the names of the table are read."""
        assert load_settings({}, {"REVERB_DATA_DIR": "/x", "STOCK_BUFFER": "5"}, {"gone": "1"}).values == Settings()


class TestValues:
    @pytest.mark.parametrize(
        ("name", "text", "value"),
        [
            ("auto_sync", "off", False),
            ("auto_sync", "FALSE", False),
            ("auto_publish", "yes", True),
            ("auto_publish", " 1 ", True),
            ("policy_title", "always", Policy.ALWAYS),
            ("policy_title", "create", Policy.ON_CREATE),
            ("price_rounding", "ninety-nine", Rounding.NINETY_NINE),
            ("price_percent", "-12.5", Decimal("-12.5")),
            ("stock_maximum", "", None),
            ("stock_maximum", "1", 1),
            ("requests_per_minute", "600", 600),
            ("condition_map", '{"gut": "Good"}', {"gut": "Good"}),
            ("condition_map", "", {}),
            ("token", "abc", Secret("abc")),
            ("token", "", None),
            ("default_condition", " Mint ", "Mint"),
            ("frame_ancestors", " 'self'  https://*.shop.example:8443 ", "'self' https://*.shop.example:8443"),
            ("frame_ancestors", "'none'", "'none'"),
        ],
    )
    def test_what_a_text_means(self, name, text, value):
        """Each kind of setting reads what a person writes."""
        assert get_info(name).parse(text) == value

    @pytest.mark.parametrize(
        ("name", "text"),
        [
            ("auto_sync", "maybe"),
            ("auto_sync", ""),
            ("policy_title", "sometimes"),
            ("policy_title", "on create only"),
            ("price_percent", "-91"),
            ("price_percent", "nan"),
            ("price_percent", "much"),
            ("price_percent", ""),
            ("stock_buffer", "-1"),
            ("stock_buffer", "1.5"),
            ("stock_buffer", ""),
            ("stock_maximum", "0"),
            ("requests_per_minute", "0"),
            ("requests_per_minute", "601"),
            ("condition_map", "[]"),
            ("condition_map", '{"a": 1}'),
            ("condition_map", "{"),
            ("frame_ancestors", ""),
            ("frame_ancestors", "'self'; script-src *"),
            ("frame_ancestors", "'none' 'self'"),
            ("frame_ancestors", "https://a.example,https://b.example"),
            ("frame_ancestors", "javascript:alert"),
            ("token", "two words"),
            ("token", "zeilen\numbruch"),
            ("token", "schlüssel"),
        ],
    )
    def test_what_is_refused(self, name, text):
        """The error names the setting; a secret's text is not in it."""
        with pytest.raises(InvalidSettingError) as caught:
            get_info(name).parse(text)
        assert caught.value.field == name
        assert name in str(caught.value)
        if name == "token":
            assert text not in str(caught.value)

    def test_a_name_that_is_none(self):
        """Said, not guessed."""
        with pytest.raises(InvalidSettingError, match="no setting of this name"):
            get_info("autosync")

    @pytest.mark.parametrize("info", SETTINGS.values(), ids=SETTINGS)
    def test_the_default_can_be_written_down(self, info):
        """What is shown of a default is read as that default, and each setting explains itself."""
        assert info.parse(show(info.default)) == info.default
        assert info.default == getattr(Settings(), info.name)
        assert info.help.endswith(".")
        assert info.variable == f"REVERB_{info.name.upper()}"

    @given(st.dictionaries(st.text(), st.text(), max_size=3))
    def test_any_map_can_be_written_down(self, content):
        """Whatever words a shop has for its categories, showing and reading gives them again."""
        assert get_info("category_map").parse(show(content)) == content

    @given(st.text(max_size=30))
    @pytest.mark.parametrize("info", SETTINGS.values(), ids=SETTINGS)
    def test_no_text_does_harm(self, info, text):
        """Any text gives a value or our own error, never another one; a value that was read can be shown and read."""
        try:
            value = info.parse(text)
        except InvalidSettingError:
            return
        if not info.secret:
            assert info.parse(show(value)) == value

    def test_a_secret_is_never_shown(self):
        """Neither by show nor by printing all settings."""
        settings = load_settings({"token": "s3cret"}, {}, {}).values
        assert show(settings.token) == MASK
        assert "s3cret" not in repr(settings)

    def test_an_unusable_secret_is_not_in_its_problem(self):
        """The report of an unusable token does not hold it."""
        (problem,) = load_settings({}, {"REVERB_TOKEN": "s3cret with blank"}, {}).problems
        assert "s3cret" not in f"{problem} {problem!r} {vars(problem)}"


class TestConfiguration:
    @pytest.fixture
    def clock(self):
        return FrozenClock()

    @pytest.fixture
    def drawer(self):
        return Drawer()

    @pytest.fixture
    def configuration(self, drawer, clock):
        return Configuration(drawer, {}, {}, clock)

    def test_what_is_saved_is_in_force_at_once(self, configuration):
        """Within this process there is no delay."""
        assert configuration.values.stock_buffer == 0
        configuration.save("stock_buffer", " 3 ")
        assert configuration.values.stock_buffer == 3

    def test_nothing_unusable_is_saved(self, configuration, drawer):
        """A person who enters nonsense is told, and the value before stays."""
        configuration.save("stock_buffer", "3")
        with pytest.raises(InvalidSettingError):
            configuration.save("stock_buffer", "many")
        assert drawer.texts == {"stock_buffer": "3"}

    def test_the_default_comes_back(self, configuration):
        """None forgets what was entered."""
        configuration.save("stock_buffer", "3")
        configuration.save("stock_buffer", None)
        assert configuration.values.stock_buffer == 0

    def test_all_or_none(self, configuration, drawer):
        """Of several settings entered together, one that cannot be used keeps all others from being saved."""
        with pytest.raises(InvalidSettingError, match="price_percent"):
            configuration.save_all({"stock_buffer": "3", "price_percent": "much"})
        assert drawer.texts == {}
        configuration.save_all({"stock_buffer": "3", "price_percent": "5"})
        assert (configuration.values.stock_buffer, configuration.values.price_percent) == (3, 5)

    def test_errors_of_all_fields(self, configuration):
        """Each field that cannot be used has its own error; the others have none."""
        texts = {"stock_buffer": "-1", "price_percent": "5", "default_condition": "Superb"}
        assert sorted(configuration.find_errors(texts)) == ["default_condition", "stock_buffer"]

    def test_words_entered_together(self, configuration):
        """A default condition in the shop's own word is fine when its map is entered with it."""
        texts = {"default_condition": "top", "condition_map": '{"top": "Excellent"}'}
        assert configuration.find_errors(texts) == {}
        assert sorted(configuration.find_errors({"default_condition": "top"})) == ["default_condition"]

    def test_what_would_be_in_force(self, drawer, clock):
        """What is entered is tried on without being saved; an environment variable still wins."""
        configuration = Configuration(drawer, {}, {"REVERB_STOCK_BUFFER": "2"}, clock)
        tried = configuration.with_texts({"stock_buffer": "9", "price_percent": "5"})
        assert (tried.stock_buffer, tried.price_percent, configuration.values.price_percent) == (2, 5, 0)

    def test_one_entry_of_a_map(self, configuration):
        """Two people who each change an entry of a map do not undo each other's work."""
        configuration.change_map("condition_map", {"gut": "Good"})
        configuration.change_map("condition_map", {"neu": "Brand New", "gut": None})
        assert configuration.values.condition_map == {"neu": "Brand New"}
        with pytest.raises(InvalidSettingError):
            configuration.change_map("condition_map", {"neu": "Shiny"})

    def test_another_process_is_noticed(self, configuration, drawer, clock):
        """What another process saved is in force within a second, and the database is not asked more often."""
        assert configuration.values.stock_buffer == 0
        drawer.texts["stock_buffer"] = "5"
        assert configuration.values.stock_buffer == 0
        assert drawer.reads == 1
        clock.advance(FRESH_SECONDS)
        assert configuration.values.stock_buffer == 5

    def test_without_the_database_the_last_values_hold(self, configuration, drawer, clock):
        """A full disk does not switch the buffer off."""
        configuration.save("stock_buffer", "3")
        assert configuration.values.stock_buffer == 3
        drawer.broken = True
        clock.advance(60)
        assert configuration.values.stock_buffer == 3
        with pytest.raises(StoreError):
            configuration.load()
