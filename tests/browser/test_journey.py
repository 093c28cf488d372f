"""The journey: a product from Oscar's dashboard to Reverb, sold here and there, shipped, refunded, in Chromium."""

import os
import re
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest
from playwright.sync_api import expect

ROOT = Path(__file__).parents[2]
SKU = "LAKE-T1"
TITLE = "Lakeside T-Style Solid Body"
PATIENCE_SECONDS = 40
ADDRESS = {"first_name": "Pat", "last_name": "Example", "line1": "1 Lake St", "line4": "Chicago", "postcode": "60657"}


@pytest.fixture(scope="module")
def demo():
    """``make demo-oscar`` without make: its addresses."""
    command = [sys.executable, "-m", "examples.oscar_shop", "--port", "0"]
    environment = os.environ | {"PYTHONUNBUFFERED": "1", "NO_COLOR": "1"}
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            yield SimpleNamespace(**_read_places(process))
        finally:
            process.send_signal(signal.SIGINT)
            said, _ = process.communicate(timeout=20)
            sys.stdout.write(said)
    assert process.returncode == 0


def _read_places(process):
    said = []
    for line in process.stdout:
        said.append(line)
        if line.lstrip().startswith("Reverb's pages"):
            sites = re.findall(r"(storefront|Reverb's pages) +(http://[^/\s]+)/", "".join(said))
            shop, reverb = (address for _, address in sites)
            return {"shop": shop, "reverb": reverb}
    pytest.fail("".join(said))


def until_seen(page, text):
    """Reloads until the page says so: news arrive when the worker has sent them, which nobody can wait for there."""
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    while page.get_by_text(text).count() == 0:
        assert time.monotonic() < give_up_at, f"{page.url} does not say {text!r}: {page.inner_text('body')}"
        page.wait_for_timeout(250)
        page.reload()


class Staff:
    """Somebody at the dashboard."""

    def __init__(self, page, shop):
        self.page, self.shop = page, shop
        page.goto(f"{shop}/dashboard/login/")
        page.fill("#id_username", "staff@lakeside.example")
        page.fill("#id_password", "lakeside")
        page.press("#id_password", "Enter")
        expect(page.get_by_role("link", name="Reverb")).to_be_visible()

    def add_product(self):
        page = self.page
        page.goto(f"{self.shop}/dashboard/catalogue/products/create/music-gear/")
        page.fill("#id_title", TITLE)
        self.section("Categories")
        page.select_option("#id_productcategory_set-0-category", label="Guitars > Electric > Semi-Hollow", force=True)
        self.section("Attributes")
        for name, text in {"make": "Lakeside", "model": "T-Style", "condition": "Brand New"}.items():
            page.fill(f"#id_attr_{name}", text)
        self.section("Stock and pricing")
        page.select_option("#id_stockrecords-0-partner", label="Our own stock", force=True)
        for name, text in {"partner_sku": SKU, "price": "500", "num_in_stock": "5"}.items():
            page.fill(f"#id_stockrecords-0-{name}", text)
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.locator(".alert-success")).to_contain_text(f"Created product '{TITLE}'")

    def section(self, name):
        self.page.get_by_role("link", name=name, exact=True).click()

    def open_order(self, number):
        self.page.goto(f"{self.shop}/dashboard/orders/")
        until_seen(self.page, number)
        self.page.goto(f"{self.shop}/dashboard/orders/{number}/")

    def act(self, action, kind, field, text, quantity):
        page = self.page
        page.check("input[name=selected_line]")
        page.fill("input[name^=selected_line_qty_]", str(quantity))
        page.check(f"input[value={action}]")
        page.select_option(f"#{field[0]}", kind)
        page.fill(f"#{field[1]}", text)
        page.get_by_role("button", name="Go!").click()
        page.wait_for_load_state()

    def ship(self, tracking, quantity=1):
        fields = ("shipping_event_type_select", "reference_input")
        self.act("create_shipping_event", "shipped", fields, tracking, quantity)

    def refund(self, amount, quantity=1):
        fields = ("payment_event_type_select", "amount_input")
        self.act("create_payment_event", "refund", fields, amount, quantity)


def buy_in_the_storefront(page, shop, quantity):
    """As a guest; the shop's order number."""
    page.goto(f"{shop}/catalogue/")
    page.get_by_role("link", name=TITLE).first.click()
    page.locator("#add_to_basket_form").get_by_role("button", name="Add to cart").click()
    page.goto(f"{shop}/basket/")
    page.fill("#id_form-0-quantity", str(quantity))
    page.press("#id_form-0-quantity", "Enter")
    page.goto(f"{shop}/checkout/")
    page.fill("#id_username", "pat@example.com")
    page.check("input[name=options][value=anonymous]")
    page.press("#id_username", "Enter")
    for name, text in ADDRESS.items():
        page.fill(f"#id_{name}", text)
    page.select_option("#id_country", "US")
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("link", name="Continue").click()
    page.click("#place-order")
    heading = page.get_by_role("heading", name=re.compile(r"Order \d+"))
    return re.search(r"\d+", heading.inner_text())[0]


def test_the_journey(demo, open_page, tmp_path):
    """Add, publish, sell here and there, ship, refund: each step is on the other side, in the log and in the bundle."""
    staff = Staff(open_page(), demo.shop)
    staff.add_product()

    listing = open_page()
    listing.goto(demo.reverb)
    until_seen(listing, TITLE)
    listing.get_by_role("link", name=TITLE).click()
    expect(listing.locator(".state")).to_have_text("draft")
    listing.get_by_role("button", name="Publish").click()
    until_seen(listing, "Buy")
    assert in_stock(listing) == "5"

    sold_here = buy_in_the_storefront(open_page(), demo.shop, 2)
    until_stock(listing, "3")

    listing.get_by_role("button", name="Buy").click()
    number = listing.locator(".note a").inner_text()
    staff.open_order(f"REVERB-{number}")
    expect(staff.page.get_by_text(TITLE).first).to_be_visible()
    expect(staff.page.get_by_text("$500.00").first).to_be_visible()
    until_in_shop(staff, "2")
    until_stock(listing, "2")

    staff.open_order(f"REVERB-{number}")
    staff.ship("UPS 1Z999AA10123456784")
    order = open_page()
    order.goto(f"{demo.reverb}/my/selling/orders/{number}")
    until_seen(order, "UPS 1Z999AA10123456784")

    staff.open_order(sold_here)
    staff.refund("500.00")
    until_in_shop(staff, "3")
    until_stock(listing, "3")

    staff.page.goto(f"{demo.shop}/dashboard/")
    staff.page.get_by_role("link", name="Reverb").click()
    staff.page.get_by_role("link", name="Sync log").click()
    told = ("Made as a draft", f"Order {number} is REVERB-{number} in the shop", "UPS 1Z999AA10123456784")
    check_log(staff.page, told)

    bundle = download_bundle(staff.page, tmp_path / "bundle.zip")
    with opened_by_support(bundle) as link:
        support = open_page()
        support.goto(link)
        expect(support.get_by_text("Sandbox").first).to_be_visible()
        support.get_by_role("link", name="Sync log").click()
        check_log(support, told[:1])
        expect(support.get_by_text(SKU).first).to_be_visible()


def check_log(page, told):
    """Each step is a row; sales and the refund are updates of the stock."""
    for step in told:
        expect(page.get_by_text(step).first).to_be_visible()
    assert page.locator("tbody").get_by_text("Updated", exact=True).count() >= 2


def download_bundle(page, path):
    """As the admin does; where it is."""
    page.get_by_role("link", name="Support").click()
    page.get_by_role("button", name="See what goes in").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the bundle").click()
    download.value.save_as(path)
    return path


@contextmanager
def opened_by_support(bundle):
    """``reverb-plugin bundle open``, on another machine: the link that lets one browser in."""
    command = [sys.executable, "-m", "reverb_plugin", "bundle", "open", "--no-browser", str(bundle)]
    environment = os.environ | {"PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            said = []
            for line in process.stdout:
                said.append(line)
                if found := re.search(r"http://\S+", line):
                    yield found[0]
                    break
            else:
                pytest.fail("".join(said))
        finally:
            process.terminate()
            process.communicate(timeout=20)
    assert process.returncode == 0


def in_stock(listing):
    return listing.locator("dt:has-text('In stock') + dd").inner_text()


def until_stock(listing, quantity):
    """Until Reverb shows so many."""
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    while in_stock(listing) != quantity:
        assert time.monotonic() < give_up_at, f"Reverb shows {in_stock(listing)} instead of {quantity}"
        listing.wait_for_timeout(250)
        listing.reload()


def until_in_shop(staff, quantity):
    """Until the plugin's page says that the shop has so many."""
    staff.page.goto(f"{staff.shop}/dashboard/reverb/product?sku={SKU}")
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    while (found := staff.page.locator("dt:has-text('In stock') + dd").first.inner_text()) != quantity:
        assert time.monotonic() < give_up_at, f"The shop has {found} instead of {quantity}"
        staff.page.wait_for_timeout(250)
        staff.page.reload()
