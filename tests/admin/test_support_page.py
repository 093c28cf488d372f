"""Support: what is wrong, the cause first, with buttons for what can be done here; and the bundle."""

import io
import re
import shutil
import zipfile
from html import unescape

import pytest

from reverb_plugin.admin.pages.support import PLACES
from reverb_plugin.diagnostics.checks import ALL
from tests.admin.visitor import OWN, Visitor, find_form, text_of
from tests.sync.market import guitar


@pytest.fixture
def visitor(market, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "no-home"))
    return Visitor(market.plugin)


def causes(page):
    """What went wrong, in the order of the page."""
    return [unescape(each) for each in re.findall(r'class="problem-title">(.*?)</p>', page.text)]


def test_before_anything_was_looked_at(visitor, market):
    """The page says what the checks do, and looks at nothing by itself."""
    page = visitor.open("/support")
    assert "Nothing was looked at yet." in text_of(page)
    assert market.requests() == []
    assert market.plugin.findings() is None


def test_looking(visitor, market):
    """A button makes all checks; the first cause stands first, the passes can be unfolded."""
    market.put(guitar("NEW", condition="Wie neu"))
    page = visitor.press(visitor.open("/support"), "Check now")
    told = text_of(page)
    assert causes(page)[0].startswith("There is no listing yet.")
    assert "Reverb has no condition 'Wie neu' (1 product)" in told
    assert "2 things do not work. Begin with the first" in told
    assert "docs/checks.md#conditions-unmapped" in told
    assert re.search(r"\d+ checks found nothing wrong", told)
    assert "Check again" in told
    assert causes(visitor.open("/support")) == causes(page)


def test_a_page_where_it_is_done(visitor, market):
    """What can be done on another page is one click away; each such page is of a check that there is."""
    market.put(guitar("NEW", condition="Wie neu"))
    page = visitor.press(visitor.open("/support"), "Check now")
    assert 'href="/settings/conditions">Map the conditions</a>' in page.text
    assert set(PLACES) <= {check.code for check in ALL}


def test_a_repair(visitor, market):
    """Its button does it, and everything is looked at again."""
    market.plugin.store.save_settings({"price_percent": "a lot"})
    page = visitor.press(visitor.open("/support"), "Check now")
    assert causes(page)[0].startswith("The setting price_percent cannot be used")
    page = visitor.press(page, "Forget what cannot be used")
    assert "price_percent" not in text_of(page)
    assert "looked at again" in text_of(page)


def test_a_repair_that_is_not_possible(visitor):
    """It is told on the page, and nothing is done."""
    answer = visitor.client.post("/support/repair", data={"code": "clock-off"}, headers=OWN)
    assert answer.status_code == 500
    assert "nothing can be repaired from here" in text_of(answer)
    assert visitor.client.post("/support/repair", headers=OWN).status_code == 400


def test_only_from_the_page_itself(visitor, market):
    """Another site can neither repair nor download."""
    for address in ("/support/check", "/support/repair", "/support/bundle/download"):
        answer = visitor.client.post(address, data={"code": "parked"}, headers={"Sec-Fetch-Site": "cross-site"})
        assert answer.status_code == 403
    assert market.plugin.findings() is None


def test_with_a_damaged_database(visitor, market):
    """The page says so where every other one cannot be shown; and there is a bundle all the same."""
    market.plugin.store.close()
    market.plugin.store.path.write_bytes(b"This was a database once." * 500)
    assert visitor.open("/").status_code == 503
    page = visitor.open("/support")
    assert page.status_code == 200
    assert causes(page)[0].startswith("The database is damaged")
    assert visitor.press(page, "Check again").status_code == 200
    assert visitor.client.post("/support/bundle/download", headers=OWN).status_code == 200


def test_with_a_database_that_is_gone(visitor, market):
    """What is found now is shown, not what was kept before and is read out of the file that is open still."""
    visitor.press(visitor.open("/support"), "Check now")
    shutil.rmtree(market.plugin.store.path.parent)
    page = visitor.press(visitor.open("/support"), "Check again")
    assert any("does not exist" in each for each in causes(page))


def test_the_bundle(visitor, market):
    """What goes in is shown first; the file is a zip that anybody can open, without the token."""
    market.save(guitar())
    page = visitor.open("/support/bundle", sku="STRAT", since="2025-12-31")
    told = text_of(page)
    for name in ("report.html", "log.jsonl", "database.sqlite3"):
        assert name in told
    action, entered = find_form(page, "Download the bundle")
    assert entered == {"sku": "STRAT", "since": "2025-12-31"}
    answer = visitor.client.post(action, data=entered, headers=OWN)
    assert answer.mimetype == "application/zip"
    assert re.search(r"filename=reverb-plugin-[\d-]+\.zip", answer.headers["Content-Disposition"])
    with zipfile.ZipFile(io.BytesIO(answer.data)) as bundle:
        assert "report.html" in bundle.namelist()
        assert all(market.simulator.token.encode() not in bundle.read(name) for name in bundle.namelist())


def test_a_day_that_is_none(visitor):
    """It is told beside the field, and what was entered stays."""
    page = visitor.open("/support/bundle", sku="STRAT", since="yesterday")
    assert page.status_code == 400
    assert "Enter a day such as 2026-01-31." in text_of(page)
    assert 'value="STRAT"' in page.text
    assert visitor.client.post("/support/bundle/download", data={"since": "x"}, headers=OWN).status_code == 400


def test_what_others_wrote_is_text(visitor, market):
    """A condition of the shop that looks like markup is shown as it is."""
    market.put(guitar("NEW", condition="<script>alert(1)</script>"))
    page = visitor.press(visitor.open("/support"), "Check now")
    assert "<script>alert" not in page.text
    assert "<script>alert(1)</script>" in unescape(page.text)
