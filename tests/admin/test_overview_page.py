"""The overview: problems first, each with one next step; then how things stand."""

import re
from datetime import timedelta

import pytest

from reverb_plugin.admin.chart import HEIGHT, WIDTH, draw
from reverb_plugin.changes import Reason, product_changed
from reverb_plugin.store import sync_log
from reverb_plugin.store.log_store import Day
from tests.admin.visitor import Visitor, text_of
from tests.queries import recorded_queries
from tests.store.entries import make_entry
from tests.sync.market import guitar


@pytest.fixture
def visitor(market):
    return Visitor(market.plugin)


def test_a_shop_that_was_never_connected(open_market):
    """The first problem is that there is no token, and its button leads to the first run."""
    page = Visitor(open_market(token=None).plugin).open("/")
    problems = re.findall(r'class="problem-title">(.*?)</p>', page.text)
    assert problems[0] == "No token has been entered"
    assert 'href="/start">Connect to Reverb</a>' in page.text
    assert "Something has to be done." in page.text


def test_everything_works(market, visitor):
    """With a worker and a success there is no problem, and the figures are those of the database."""
    market.save(guitar())
    market.plugin.store.claim_sender("shop.example:42", "9.9", 30)
    page = visitor.open("/")
    told = text_of(page)
    assert 'class="problem-title"' not in page.text
    for words in ("Everything works.", "1 listing", "none waits", "shop.example:42", "version 9.9", "Sandbox"):
        assert words in told
    assert f'<time datetime="{market.last().created_at:%Y-%m-%dT%H:%M:%SZ}">' in page.text
    assert 'href="/product?sku=STRAT"' in page.text
    assert 'role="img"' in page.text


def test_what_waits(market, visitor):
    """How many changes wait, and for how long."""
    market.plugin.store.record([product_changed(sku, Reason.BY_HAND) for sku in "ABC"])
    market.clock.advance(120)
    told = text_of(visitor.open("/"))
    assert "No worker is running: 3 changes wait" in told
    assert "waiting for 2 min" in told


def test_a_step_on_reverb_opens_there(market, visitor):
    """What has to be done on Reverb is a link to the place there."""
    market.set(auto_publish="on")
    market.door.set(account_ready=False)
    market.save(guitar())
    page = visitor.open("/")
    assert 'href="https://sandbox.reverb.com/my/account/settings" target="_blank" rel="noopener"' in page.text


def test_reverb_is_down(market, visitor):
    """The circuit is shown with its cause and when it is tried again."""
    market.door.set(down=True)
    market.save(guitar())
    market.drain(30)
    told = text_of(visitor.open("/"))
    assert "Reverb cannot be reached" in told
    assert "next try" in told


def test_orders(market, visitor):
    """Whether the orders are read, and when they were."""
    assert "orders are off" in text_of(visitor.open("/"))
    market.set(orders="stock")
    assert "Orders read not yet" in text_of(visitor.open("/"))
    market.drain()
    assert re.search(r"Orders read \d", text_of(visitor.open("/")))


def test_a_mass_sync_under_way(market, visitor):
    """How far it is, with the way to its page."""
    market.put(guitar())
    market.plugin.mass_sync.start()
    page = visitor.open("/")
    assert "Mass sync under way" in page.text
    assert "<progress" in page.text


def test_the_chart_has_a_table(market, visitor):
    """Each day's figures can be read without seeing the bars, and lead to its rows of the log."""
    now = market.clock.now()
    outcomes = ["updated", "created", "refused", "deferred", "skipped"]
    with market.plugin.store._database.write() as connection:
        for outcome in outcomes:
            sync_log.append(connection, make_entry(now - timedelta(days=1), outcome=outcome))
    page = visitor.open("/")
    yesterday = (now - timedelta(days=1)).date()
    row = next(row for row in page.text.split("<tr>") if f"since={yesterday}" in row)
    assert re.findall(r'<td class="number">(.*?)</td>', row) == ["3", "1", "1"]
    assert page.text.count("<rect") == 3


def test_bars_stay_within_the_drawing():
    """However many attempts a day had; a single failure among thousands is still to be seen."""
    today = make_entry().created_at.date()
    days = [Day(today + timedelta(days=n), {"updated": 10**n, "refused": 1}) for n in range(7)]
    chart = draw(days)
    bars = [bar for column in chart.columns for bar in column.bars]
    assert len(bars) == 14
    assert chart.most == 2_000_000
    assert min(bar.height for bar in bars) >= 2
    assert all(bar.x >= 0 and bar.x + bar.width <= WIDTH for bar in bars)
    assert all(bar.y >= 0 and bar.y + bar.height <= HEIGHT for bar in bars)


@pytest.mark.parametrize(("most", "axis"), [(0, 10), (10, 10), (11, 20), (21, 50), (51, 100), (999, 1000)])
def test_the_axis_ends_at_a_round_number(most, axis):
    """What stands at the axis is a number that a person would write there."""
    assert draw([Day(make_entry().created_at.date(), {"updated": most})]).most == axis


def test_how_many_questions_the_database_is_asked(market, visitor):
    """The same number, however much there is to tell."""
    market.save(guitar())
    visitor.open("/")
    with recorded_queries() as queries:
        visitor.open("/")
    few = len(queries)
    assert few <= 20, "\n".join(queries)
    for number in range(5):
        market.save(guitar(f"S-{number}"))
    visitor.open("/")
    with recorded_queries() as queries:
        visitor.open("/")
    assert len(queries) == few
