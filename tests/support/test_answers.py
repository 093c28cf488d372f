"""Recorded answers are given again, also those that were not kept whole, and whatever a hostile bundle has in them."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reverb_plugin.changes import Kind
from reverb_plugin.simulator import Simulator
from reverb_plugin.store.exchanges import Exchange
from reverb_plugin.store.links import Link
from reverb_plugin.support.answers import LONGEST, MOST, closed, read_answer, seed
from reverb_plugin.support.rewound import job_before, link_before
from reverb_plugin.sync.recording import NOT_KEPT
from tests.store.entries import make_entry
from tests.support.ask import ask

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


def exchange(method="GET", path="/api/listings/7", answer="{}", status=200, request=None):
    return Exchange(method, path, request, status, answer, 0.1)


class TestReadAnswer:
    @given(VALUES)
    def test_whole_json_is_itself(self, value):
        """And known to be whole."""
        assert read_answer(json.dumps(value, indent=2)) == ({"body": value}, True)

    @given(VALUES, st.data())
    def test_json_that_was_cut_is_closed(self, value, data):
        """Wherever it was: what is left is JSON, or nothing of it was complete."""
        text = json.dumps([value, value])
        cut = text[: data.draw(st.integers(0, len(text) - 1))]
        mended = closed(cut)
        assert mended == cut or isinstance(json.loads(mended), list)

    def test_a_listing_that_was_cut(self):
        """The fields before the cut are there."""
        text = json.dumps({"id": 7, "sku": "A", "photos": [{"href": "x"}, {"href": "y, z"}], "title": "long"}, indent=2)
        body, is_whole = read_answer(text[: text.index("long")] + "\n... and 1,204 more characters")
        assert body == {"body": {"id": 7, "sku": "A", "photos": [{"href": "x"}, {"href": "y, z"}]}}
        assert not is_whole

    def test_text_is_text(self):
        """An HTML page stays one, and nothing stays nothing."""
        assert read_answer("<h1>Bad gateway</h1>") == ({"text": "<h1>Bad gateway</h1>"}, True)
        assert read_answer("") == ({}, True)

    @pytest.mark.parametrize("text", ["[" * 500_000, '[{"a":' * 90_000, "[1," * 300_000, '"' * 400_000, "\\" * 300_000])
    def test_endless_texts_take_no_endless_time(self, text):
        """They are cut before anything is made of them."""
        body, is_whole = read_answer(text)
        assert not is_whole
        assert len(str(body)) < 3 * LONGEST


class TestSeed:
    @pytest.fixture
    def simulator(self):
        with Simulator() as simulator:
            yield simulator

    def test_each_answer_comes_once_in_order(self, simulator):
        """Then the simulator answers for itself."""
        assert seed(simulator, [exchange(answer='{"n": 1}'), exchange(answer='{"n": 2}', status=422)], "") == []
        assert [ask(simulator, "/listings/7") for _ in range(2)] == [(200, {"n": 1}), (422, {"n": 2})]
        assert ask(simulator, "/listings/7")[0] == 404

    def test_a_path_is_no_pattern(self, simulator):
        """Signs of a regular expression stand for themselves."""
        seed(simulator, [exchange(path="/api/.*", answer='{"n": 1}')], "")
        assert ask(simulator, "/listings/7")[0] == 404

    def test_links_to_where_it_was_recorded_lead_here(self, simulator):
        """So that they can be followed; others stay what they are."""
        answer = json.dumps({"a": "http://127.0.0.1:5/api/x", "b": "https://evil.example/api/x"})
        seed(simulator, [exchange(answer=answer)], "http://127.0.0.1:5/api")
        assert ask(simulator, "/listings/7")[1] == {"a": f"{simulator.url}/x", "b": "https://evil.example/api/x"}

    def test_more_answers_than_are_ever_kept(self, simulator):
        """The rest is left out."""
        seed(simulator, [exchange(answer=f'{{"n": {number}}}') for number in range(10_000)], "")
        assert len(simulator.reverb.faults._waiting) == MOST

    def test_a_request_that_is_none(self, simulator):
        """Lines and hosts in a path or method do no harm."""
        odd = [
            exchange("GET\r\nX: y", "//evil.example/x"),
            exchange(path="/api/\x00\n(("),
            exchange(path="http://[::1"),
        ]
        seed(simulator, odd, "http://[::1")
        assert ask(simulator, "/listings/7")[0] == 404

    def test_what_was_not_kept_is_left_to_the_simulator(self, simulator):
        """Its account is as good as any."""
        seed(simulator, [exchange(path="/api/my/account", answer=NOT_KEPT)], "")
        assert ask(simulator, "/my/account")[0] == 200

    @pytest.mark.parametrize("status", [None, 0, -1, 100, 199, 600, 10**9])
    def test_a_status_that_is_none_breaks_the_connection(self, simulator, status):
        """As a request without an answer does; no client waits for more."""
        seed(simulator, [exchange(status=status)], "")
        assert ask(simulator, "/listings/7") == (None, None)

    def test_an_answer_that_is_not_whole_is_told_of(self, simulator):
        """The replay may differ because of it."""
        (note,) = seed(simulator, [exchange(answer='{"a": 1, "b\n... and 9 more characters')], "")
        assert note.startswith("Answer 1 was not kept whole")
        assert ask(simulator, "/listings/7") == (200, {"a": 1})


class TestBefore:
    LINK = Link("A", listing_id="7", state="live", sent={"title": "t", "price": "p"})

    def test_without_requests_nothing_was_changed(self):
        """What is known now was known then."""
        assert link_before(self.LINK, "A", []) == self.LINK

    @pytest.mark.parametrize("first", [exchange(path="/api/my/listings?sku=A"), exchange("POST", "/api/listings")])
    def test_who_looks_it_up_knows_no_listing(self, first):
        """The link came of it."""
        assert link_before(self.LINK, "A", [first]) is None

    def test_what_was_accepted_was_not_accepted_before(self):
        """The fields of each write that went through; not those that were refused or cut."""
        put = {"method": "PUT", "path": "/api/listings/7"}
        sent = [
            exchange(**put, request='{"price": 1}'),
            exchange(**put, request='{"title": 1}', status=422),
            exchange(**put, request='{"title": "x\n... and 5 more characters'),
            exchange(**put, request="[1]"),
        ]
        assert link_before(self.LINK, "A", sent).sent == {"title": "t"}

    def test_a_listing_that_is_gone_was_known(self):
        """The first request names it."""
        assert link_before(None, "A", [exchange("PUT", "/api/listings/9", status=404)]).listing_id == "9"

    def test_a_listing_that_is_locked_now_was_not(self):
        """Or nothing would have been sent."""
        locked = Link("A", listing_id="7", state="ordered")
        assert link_before(locked, "A", [exchange("PUT", status=422)]).state == "live"

    def test_requests_about_something_else_tell_nothing(self):
        """Such as a question for the account."""
        assert link_before(self.LINK, "A", [exchange(path="/api/my/account")]) == self.LINK

    def test_a_job_has_one_try_less(self):
        """And is a push where it was a row of a mass sync; words that are none do no harm."""
        job = job_before(make_entry(kind="apply_row", attempt=3, reason="<script>"), None)
        assert (job.kind, job.attempts, job.reason) == (Kind.PUSH_PRODUCT, 2, "by hand")
