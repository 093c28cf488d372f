"""The sync log on the page: rows, filters, pages, one attempt, trying again, the export."""

import csv
import io
import re
from datetime import timedelta

import pytest

from reverb_plugin.admin.log_filters import KINDS, OUTCOMES, read_cursor, write_cursor
from reverb_plugin.changes import Kind, Outcome
from reverb_plugin.errors import FieldError, RefusedError, StoreError
from reverb_plugin.store import sync_log
from reverb_plugin.store.sync_log import LogFilter
from tests.admin.visitor import Visitor, text_of
from tests.queries import recorded_queries
from tests.store.entries import make_entry
from tests.sync.market import guitar

HOSTILE = "<script>alert(1)</script>\"' \u202eevil\u202c \U0001f3b8 &amp; {{ 7*7 }} " + "x" * 10_000


@pytest.fixture
def visitor(market):
    return Visitor(market.plugin)


@pytest.fixture
def fill(market):
    """Adds rows to the log as attempts would, one a second; the first is the newest."""

    def add(*rows):
        with market.plugin.store._database.write() as connection:
            for number, fields in enumerate(rows):
                moment = market.clock.now() - timedelta(seconds=number)
                sync_log.append(connection, make_entry(moment, **fields))

    return add


def skus(page):
    body = page.text.partition("<tbody>")[2].partition("</tbody>")[0]
    return re.findall(r'<a class="sku"[^>]*>(.*?)</a>', body)


def link(page, rel):
    found = re.search(rf'<a class="button" rel="{rel}" href="([^"]*)"', page.text)
    return found and found[1].replace("&amp;", "&")


def test_a_row_has_the_seven_columns(market, visitor):
    """Item with its link into the shop, SKU, link to the listing, status, message, error details, date and time."""
    market.save(guitar())
    page = visitor.open("/log")
    assert re.findall(r'<th scope="col">(.*?)</th>', page.text) == [
        "Item",
        "SKU",
        "Listing",
        "Status",
        "Message",
        "Error details",
        "Date and time",
    ]
    entry = market.last()
    assert f'href="https://shop.example/STRAT" target="_blank" rel="noopener">{guitar().title}' in page.text
    assert f'href="{entry.listing_url}"' in page.text
    for told in ("STRAT", "Created", entry.message, f"{entry.created_at:%Y-%m-%dT%H:%M:%SZ}"):
        assert told in page.text


def test_error_details_are_told_field_by_field(visitor, fill):
    """Each complaint stands with its field; without one, the code says what it was."""
    fill(
        {"outcome": "refused", "errors": (FieldError("price", "is too low"), FieldError(None, "and so on"))},
        {"code": "left-out"},
    )
    page = visitor.open("/log")
    assert '<span class="strong">price:</span> is too low' in page.text
    assert "<div>and so on</div>" in page.text
    assert "<code>left-out</code>" in page.text


def test_an_empty_log_says_what_comes(visitor):
    """Before anything was synced it says how rows come about."""
    assert "Nothing was synced yet" in visitor.open("/log").text


def test_page_after_page_and_back(visitor, fill):
    """Plain links lead through all rows and back, keeping the filter; each page has 50 rows."""
    fill(*({"sku": f"S-{n}", "outcome": "updated"} for n in range(120)), {"sku": "OTHER", "outcome": "refused"})
    first = visitor.open("/log", outcome="updated")
    assert skus(first) == [f"S-{n}" for n in range(50)]
    assert link(first, "prev") is None
    second = visitor.open(link(first, "next"))
    third = visitor.open(link(second, "next"))
    assert skus(second) + skus(third) == [f"S-{n}" for n in range(50, 120)]
    assert link(third, "next") is None
    assert skus(visitor.open(link(third, "prev"))) == skus(second)
    assert skus(visitor.open(link(second, "prev"))) == skus(first)
    assert "120 attempts match" in text_of(third)
    assert "data-refresh-seconds" in first.text
    assert "data-refresh-seconds" not in second.text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"sku": " A "}, ["A", "A"]),
        ({"outcome": "refused"}, ["B"]),
        ({"kind": "end_listing"}, ["C"]),
        ({"sku": "A", "outcome": "refused"}, []),
        ({"outcome": "nonsense", "kind": "nonsense"}, ["A", "A", "B", "C"]),
        ({"before": "nonsense", "after": "2026-01-01_9999999999999999999999"}, ["A", "A", "B", "C"]),
    ],
)
def test_filters(visitor, fill, query, found):
    """Each shows what it names; what is no filter is passed over."""
    fill({"sku": "A"}, {"sku": "A"}, {"sku": "B", "outcome": "refused"}, {"sku": "C", "kind": "end_listing"})
    page = visitor.open("/log", **query)
    assert page.status_code == 200
    assert skus(page) == found
    assert ("No attempt matches" in page.text) is (found == [])


def test_days(visitor, market, fill):
    """Both days count; the words that were entered stay in their fields."""
    fill({"sku": "NOW"})
    today = f"{market.clock.now():%Y-%m-%d}"
    tomorrow = f"{market.clock.now() + timedelta(days=1):%Y-%m-%d}"
    page = visitor.open("/log", since=today, until=today)
    assert skus(page) == ["NOW"]
    assert page.text.count(f'value="{today}"') == 2
    assert skus(visitor.open("/log", since=tomorrow)) == []


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ({"since": "yesterday"}, "Enter a day such as 2026-01-31."),
        ({"since": "2026-1-5", "until": "2026-01-31"}, "Enter a day such as 2026-01-31."),
        ({"until": "9999-12-31"}, "Enter a day such as 2026-01-31."),
        ({"since": "2026-02-02", "until": "2026-02-01"}, "This day is before the first one."),
    ],
)
def test_days_that_cannot_be_meant(visitor, query, told):
    """The error stands beside its field, and what was entered is still there."""
    page = visitor.open("/log", sku="A", **query)
    assert page.status_code == 422
    assert told in page.text
    assert 'value="A"' in page.text


def test_the_beginning_of_a_sku_leads_on(visitor, fill):
    """Who enters only the beginning is offered the SKUs that begin like it."""
    fill({"sku": "FEN-1"}, {"sku": "FEN-2/x y"})
    page = visitor.open("/log", sku="FEN")
    assert "No attempt matches" in page.text
    assert 'href="/log?sku=FEN-1"' in page.text
    assert 'href="/log?sku=FEN-2/x+y"' in page.text


def test_a_refused_attempt_is_opened(market, visitor):
    """What was asked, what Reverb said, what to do next, what happened to the SKU before; no token."""
    market.door.add_fault("answer", "POST", "/listings", status=422, body={"message": "Title can't be blank"})
    market.save(guitar())
    listed = visitor.open("/log")
    page = visitor.open(re.search(r'href="(/log/\d+)', listed.text)[1])
    told = text_of(page)
    for words in ("Refused", "Title can't be blank", RefusedError.hint, "POST /api/listings", "422", "product saved"):
        assert words in told
    assert '"title": "Fender Player Stratocaster"' in told
    assert market.simulator.token not in page.text
    market.change("STRAT", price="700.00")
    newest = visitor.open(f"/log/{market.last().id}")
    assert text_of(newest).count("Title can't be blank") == 1, "in the history"


def test_the_neighbours_keep_the_filter(visitor, fill):
    """From one attempt to the next one that matches."""
    fill({"sku": "A"}, {"sku": "B"}, {"sku": "A"})
    page = visitor.open("/log/1", sku="A")
    assert link(page, "next") == "/log/3?sku=A"
    assert link(page, "prev") is None
    assert 'href="/log?sku=A"' in page.text


@pytest.mark.parametrize("address", ["/log/999", "/log/x", "/log/-1", f"/log/{2**63}"])
def test_an_attempt_that_is_gone(visitor, address):
    """Retention may have deleted it since: that is a page, not a traceback."""
    assert visitor.open(address).status_code == 404


def test_try_again_wakes_what_is_parked(market, visitor):
    """The parked job is tried at once; when it went well, the product is synced again."""
    market.door.add_fault("answer", "POST", "/listings", status=422, body={"message": "no"})
    market.save(guitar())
    page = visitor.press(visitor.open(f"/log/{market.last().id}"), "Try again")
    assert "It is tried again." in page.text
    assert market.plugin.store.queue_status().parked == 0
    assert market.drain().outcome == "created"
    page = visitor.press(visitor.open(f"/log/{market.last().id}"), "Sync again")
    assert "It is noted" in page.text
    assert market.drain().outcome == "unchanged"


def test_an_ended_listing_is_not_made_again(visitor, market, fill):
    """Where a product was deleted and nothing waits, pressing the button changes nothing."""
    fill({"kind": "end_listing", "outcome": "refused"})
    page = visitor.press(visitor.open("/log/1"), "Try again")
    assert "Nothing of it waits" in page.text
    assert market.plugin.store.queue_status().pending == 0


def test_a_step_of_a_run_has_no_sku(visitor, fill):
    """Its number is no product: it is not tried again from here, nor linked."""
    fill({"kind": "run_step", "sku": "7", "outcome": "deferred"})
    page = visitor.open("/log/1")
    assert "Try again" not in page.text
    assert "/product" not in page.text.partition("<main")[2].partition("</main>")[0]
    assert visitor.send("/log/1/retry").status_code == 404


def test_the_other_environment_is_marked(visitor, fill):
    """A row of the production is not taken for one of the sandbox, nor tried again there."""
    fill({"environment": "production", "outcome": "refused"}, {})
    assert visitor.open("/log").text.count(">production</span>") == 1
    assert "Try again" not in visitor.open("/log/1").text
    assert visitor.send("/log/1/retry").status_code == 404


@pytest.mark.parametrize("address", ["/log", "/log/1", "/"])
def test_hostile_texts_are_shown_as_text(visitor, fill, address):
    """Whatever the shop, Reverb or a SKU say, it is neither markup nor a link to a script."""
    texts = dict.fromkeys(("sku", "message", "product_title", "listing_id", "reason"), HOSTILE)
    addresses = dict.fromkeys(("product_url", "listing_url"), "javascript:alert(1)")
    fill({**texts, **addresses, "outcome": "refused", "errors": (FieldError(HOSTILE, HOSTILE),)})
    page = visitor.open(address)
    assert page.status_code == 200
    assert "<script>alert" not in page.text
    assert "javascript:" not in page.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page.text
    assert "{{ 7*7 }}" in page.text


class TestExport:
    def rows(self, answer):
        return list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))

    def test_all_rows_that_match(self, visitor, fill):
        """The file has the headings and each row that the filter lets through, however many pages they are."""
        fill(*({"sku": f"S-{n}", "outcome": "updated"} for n in range(1100)), {"outcome": "refused"})
        answer = visitor.open("/log/export.csv", outcome="updated")
        assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
        assert re.fullmatch(
            r'attachment; filename="reverb-sync-log-\d{4}-\d\d-\d\d.csv"', answer.headers["Content-Disposition"]
        )
        headings, *rows = self.rows(answer)
        assert [row[headings.index("SKU")] for row in rows] == [f"S-{n}" for n in range(1100)]
        assert answer.text.startswith("\ufeff")

    def test_the_seven_columns_are_there(self, visitor, market):
        """What stands on the page stands in the file."""
        entry = market.save(guitar())
        (_, row) = self.rows(visitor.open("/log/export.csv"))
        for told in (
            guitar().title,
            "https://shop.example/STRAT",
            "STRAT",
            entry.listing_url,
            "created",
            entry.message,
        ):
            assert told in row

    @pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r"])
    def test_no_cell_is_a_formula(self, visitor, fill, sign):
        """A spreadsheet that opens the file runs nothing."""
        fill({"sku": f"{sign}1+1", "message": f"{sign}cmd", "product_title": f"{sign}HYPERLINK()"})
        (_, row) = self.rows(visitor.open("/log/export.csv"))
        assert [cell for cell in row if cell.startswith(sign)] == []
        assert f"'{sign}1+1" in row

    def test_a_break_is_told(self, visitor, fill, monkeypatch):
        """A file that is not complete says so in its last line."""
        fill(*[{}] * 3)

        def stumble(*args):
            raise StoreError("the disk went away")

        monkeypatch.setattr(sync_log, "page", stumble)
        assert self.rows(visitor.open("/log/export.csv"))[-1] == ["The export is not complete: the disk went away"]

    def test_nothing_is_read_ahead(self, visitor, fill):
        """The first rows are sent before the last ones are read."""
        fill(*[{}] * 2000)
        with recorded_queries() as queries:
            answer = visitor.client.get("/log/export.csv", buffered=False)
            next(iter(answer.response))
            assert sum("FROM sync_log" in query for query in queries) <= 1
            answer.close()


def test_every_kind_and_outcome_has_words():
    """No kind of attempt is shown or chosen by its inner name."""
    assert set(KINDS) == set(Kind)
    assert set(OUTCOMES) == set(Outcome)


def test_a_place_in_the_log_survives_the_address(market, fill):
    """What a pager's link says leads to the same row, to the microsecond."""
    fill({})
    (entry,) = market.plugin.store.log_page()
    assert read_cursor(write_cursor(entry.cursor)) == entry.cursor


@pytest.mark.parametrize(
    "text",
    [
        None, "", "_", "2026-01-01_1", "x_1", "2026-01-01T00:00:00Z_x", "2026-01-01T00:00:00Z",
        "0001-01-01T00:00:00+14:00_1", "9999-12-31T23:59:59-14:00_1", "2026-01-01T00:00:00Z_" + "9" * 19,
    ],
)  # fmt: skip
def test_a_place_that_is_none(text):
    """Anybody may write an address."""
    assert read_cursor(text) is None


def test_how_many_questions_the_database_is_asked(visitor, fill):
    """However long the log is: its rows, their number, whether changes wait; beside that what the frame asks."""
    fill(*({"sku": f"S-{n}"} for n in range(120)))
    visitor.open("/log")
    with recorded_queries() as queries:
        visitor.open("/log")
    assert len(queries) <= 6, "\n".join(queries)
    with recorded_queries() as queries:
        visitor.open("/log/60")
    assert len(queries) <= 7, "\n".join(queries)


def test_a_filter_of_the_log_is_what_the_store_takes(market, visitor, fill):
    """An address that anybody wrote never becomes another question than its fields say."""
    fill({"sku": "a' OR '1'='1"}, {"sku": "B"})
    assert skus(visitor.open("/log", sku="a' OR '1'='1")) == ["a&#39; OR &#39;1&#39;=&#39;1"]
    assert market.plugin.store.log.count(LogFilter(sku="a' OR '1'='1"), 9) == 1
