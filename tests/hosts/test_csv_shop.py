"""A shop read from a CSV file: its place in the file, what cannot be read, reading again."""

import os
import tracemalloc
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reverb_plugin.errors import HostError, InvalidValueError
from reverb_plugin.host import Product
from reverb_plugin.hosts import csv_shop
from reverb_plugin.hosts.csv_shop import CsvShop, write_products
from reverb_plugin.testing import HostConformance


def write(path, *lines, encoding="utf-8", end="\n"):
    path.write_bytes((end.join(lines) + end).encode(encoding))
    return path


@pytest.fixture
def file(tmp_path):
    return tmp_path / "products.csv"


class TestCsvShopConforms(HostConformance):
    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path):
        self.folder = tmp_path

    def make_host(self, products):
        path = self.folder / f"{len(list(self.folder.iterdir()))}.csv"
        write_products(path, products)
        return CsvShop(path)


class TestEncoding:
    def test_reads_utf8_with_a_byte_order_mark(self, file):
        """Excel's byte order mark is no part of the first column's name."""
        write(file, "sku,title", "A-1,Höfner", encoding="utf-8-sig")
        assert CsvShop(file).find_product("A-1").title == "Höfner"

    def test_reads_windows_1252_and_tells_so(self, file):
        """A file that is not UTF-8 is read as Windows-1252, and that is a problem to look at."""
        write(file, "sku,title", "A-1,Höfner “Violin” €", encoding="cp1252")
        shop = CsvShop(file)
        assert shop.find_product("A-1").title == "Höfner “Violin” €"
        assert "Windows-1252" in shop.problems[0].message

    def test_refuses_utf16(self, file):
        """Excel's Unicode text is refused with what to do."""
        write(file, "sku,title", "A-1,Höfner", encoding="utf-16")
        with pytest.raises(InvalidValueError, match="save it as CSV in UTF-8"):
            CsvShop(file)

    def test_refuses_what_is_no_text(self, file):
        """A picture is no product CSV."""
        file.write_bytes(b"\x89PNG\r\n\x1a\n\x81\x8d" + os.urandom(100))
        with pytest.raises(InvalidValueError):
            CsvShop(file)

    def test_refuses_an_empty_file(self, file):
        """A file without a header has no columns."""
        file.write_bytes(b"")
        with pytest.raises(InvalidValueError, match="first line is empty"):
            CsvShop(file)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_finds_the_delimiter(file, delimiter):
    """Commas, semicolons, tabs and bars are told apart by what makes known columns."""
    write(
        file,
        delimiter.join(["SKU", "Title", "price"]),
        delimiter.join(["A-1", "Cable; a, b", '"5,00"']).replace("Cable; a, b", '"Cable; a, b"'),
    )
    product = CsvShop(file).find_product("A-1")
    assert (product.title, product.price) == ("Cable; a, b", 5)


class TestProblems:
    def test_bad_row_does_not_stop_the_others(self, file):
        """A row that makes no product is told by line and column; the others are read."""
        write(file, "sku,title,sync", "A-1,One,yes", "A-2,,yes", "A-3,Three,perhaps", "A-4,Four,")
        shop = CsvShop(file)
        assert [product.sku for product in shop.iter_products()] == ["A-1", "A-4"]
        assert [(p.line, p.column, p.sku) for p in shop.problems] == [(3, "title", "A-2"), (4, "sync", "A-3")]

    @pytest.mark.parametrize("quantity", ["-2", "9" * 5000])
    def test_unreadable_price_and_stock_are_unknown(self, file, quantity):
        """An ambiguous price and a negative or absurd stock become unknown, are told, and never become zero."""
        write(file, "sku,title,Price,Quantity", f'A-1,One,"1,299",{quantity}')
        shop = CsvShop(file)
        product = shop.find_product("A-1")
        assert (product.price, product.quantity) == (None, None)
        assert [(p.line, p.column) for p in shop.problems] == [(2, "Price"), (2, "Quantity")]

    def test_second_row_of_a_sku_is_told(self, file):
        """The first row of a SKU counts."""
        write(file, "sku,title", "A-1,First", "A-1,Second")
        shop = CsvShop(file)
        assert shop.find_product("A-1").title == "First"
        assert [(p.line, p.sku) for p in shop.problems] == [(3, "A-1")]
        assert "line 2" in shop.problems[0].message

    @pytest.mark.parametrize("end", ["\n", "\r\n"])
    def test_lines_are_those_of_the_file(self, file, end):
        """Records over several lines and blank lines are counted as an editor counts them."""
        write(
            file,
            "sku,title,description",
            'A-1,One,"<p>',
            "two",
            'three</p>"',
            "",
            "A-2,,",
            'A-3,Three,"x',
            'y"',
            "A-4,,",
            end=end,
        )
        shop = CsvShop(file)
        assert [(p.line, p.sku) for p in shop.problems] == [(6, "A-2"), (9, "A-4")]
        assert shop.find_product("A-1").description.splitlines() == ["<p>", "two", "three</p>"]

    def test_too_many_cells_are_told(self, file):
        """A comma too many moves every cell: such a row is not read."""
        write(file, "sku,title,price", "A-1,Cable, 5 m,5.00")
        (problem,) = CsvShop(file).problems
        assert (problem.line, "more cells" in problem.message) == (2, True)

    def test_missing_cells_at_the_end_are_empty(self, file):
        """Some spreadsheets leave out empty cells at the end of a row."""
        write(file, "sku,title,price,quantity", "A-1,Cable")
        product = CsvShop(file).find_product("A-1")
        assert (product.price, product.quantity) == (None, None)

    def test_missing_quote_is_told_and_nothing_is_taken_for_gone(self, file):
        """A missing quote swallows rows: what is not found in such a file may still be there."""
        write(
            file, "sku,title,description", 'A-1,One,"open', "A-2,Two,swallowed", 'A-3,Three,"closed"', "A-4,Four,fine"
        )
        shop = CsvShop(file)
        assert shop.problems[0].line == 2
        assert shop.find_product("A-4").title == "Four"
        with pytest.raises(HostError, match="damaged at line 2"):
            shop.find_product("A-2")

    def test_problems_are_bounded(self, file, monkeypatch):
        """A file of rubbish does not fill the memory with problems."""
        monkeypatch.setattr(csv_shop, "MAX_PROBLEMS", 5)
        write(file, "sku,title", *(f"A-{number}," for number in range(50)))
        assert len(CsvShop(file).problems) == 5

    def test_problem_reads_as_a_sentence(self, file):
        """A problem as text says where and what."""
        write(file, "sku,title", "A-1,")
        assert str(CsvShop(file).problems[0]) == "line 2, column title, SKU A-1: a product needs a title"


class TestReadingAgain:
    def test_a_changed_file_is_read_again(self, file):
        """What is saved in a spreadsheet counts from then on."""
        write(file, "sku,title,quantity", "A-1,One,1")
        shop = CsvShop(file)
        write(file, "sku,title,quantity", "A-0,Longer title than before,7", "A-1,One,22")
        assert shop.find_product("A-1").quantity == 22
        assert shop.find_product("A-0").quantity == 7

    def test_a_walk_goes_on_in_the_changed_file(self, file):
        """The walk continues behind the last SKU, in the new file."""
        products = [Product(f"A-{number}", "Title") for number in range(5)]
        write_products(file, products)
        walk = CsvShop(file).iter_products()
        assert [next(walk).sku, next(walk).sku] == ["A-0", "A-1"]
        write_products(file, [*products[:2], *products[3:], Product("A-10", "New"), Product("A-2", "Renamed")])
        assert [(product.sku, product.title) for product in walk] == [
            ("A-10", "New"), ("A-2", "Renamed"), ("A-3", "Title"), ("A-4", "Title"),
        ]  # fmt: skip

    def test_problems_follow_the_file(self, file):
        """A corrected row is no problem any more."""
        write(file, "sku,title", "A-1,")
        shop = CsvShop(file)
        assert len(shop.problems) == 1
        write(file, "sku,title", "A-1,One")
        assert shop.problems == ()

    def test_a_missing_file_does_not_mean_that_products_are_gone(self, file):
        """While the file is away, asking fails instead of finding nothing."""
        write(file, "sku,title", "A-1,One")
        shop = CsvShop(file)
        file.unlink()
        with pytest.raises(HostError, match="cannot be read"):
            shop.find_product("A-1")

    def test_a_file_that_became_something_else_does_not_either(self, file):
        """A half-written or foreign file makes asking fail."""
        write(file, "sku,title", "A-1,One")
        shop = CsvShop(file)
        file.write_text("")
        with pytest.raises(HostError, match="no product CSV"):
            shop.find_product("A-1")

    def test_holds_only_skus_in_memory(self, file):
        """Descriptions stay in the file until they are asked for."""
        write_products(file, (Product(f"A-{number}", "T", description="x" * 5_000) for number in range(2_000)))
        tracemalloc.start()
        try:
            shop = CsvShop(file)
            assert sum(1 for _ in shop.iter_products()) == 2_000
            assert tracemalloc.get_traced_memory()[1] < 2_000_000  # the file has 10 MB
        finally:
            tracemalloc.stop()


class TestWriteProducts:
    def test_edits_by_reading_changing_and_writing(self, file):
        """The way to edit such a shop: read all, change, write all."""
        write_products(file, [Product("A-1", "One", Decimal("5.00"), quantity=3), Product("A-2", "Two")])
        shop = CsvShop(file)
        write_products(file, [Product("A-1", "One", Decimal("4.50"), quantity=2), *shop.iter_products("A-1")])
        assert (shop.find_product("A-1").price, shop.find_product("A-1").quantity) == (Decimal("4.50"), 2)
        assert shop.find_product("A-2").title == "Two"

    def test_leaves_the_old_file_when_it_cannot_finish(self, file):
        """A failure in the middle leaves the file as it was, and nothing beside it."""
        write_products(file, [Product("A-1", "One")])

        def failing():
            yield Product("A-2", "Two")
            raise RuntimeError("the shop stopped")

        with pytest.raises(RuntimeError):
            write_products(file, failing())
        assert CsvShop(file).find_product("A-1").title == "One"
        assert list(file.parent.iterdir()) == [file]


texts = st.text(max_size=40) | st.sampled_from(
    ['"', ",", "a\r\nb", "=1+1", "'", "|", "\\", "\\|", ";\t", "\u2028", "<p>&amp;</p>"]
)
short = texts.map(str.strip)
skus = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=20)
products = st.builds(
    Product,
    skus,
    short.filter(bool),
    st.none() | st.decimals(min_value=0, max_value=10**7, allow_nan=False, allow_infinity=False),
    st.sampled_from(["USD", "EUR", "JPY"]),
    st.none() | st.integers(min_value=0, max_value=10**6),
    id=st.none() | short,
    description=texts,
    condition=short,
    make=short,
    model=short,
    year=short,
    finish=short,
    categories=st.lists(texts, max_size=3),
    photos=st.lists(
        st.text(st.characters(exclude_categories=["C", "Z"])).map("https://shop.example/{}.jpg".format), max_size=3
    ),
    upc=short,
    url=st.none() | short.filter(bool),
    shipping_profile=st.none() | short,
    offers_enabled=st.none() | st.booleans(),
    sync=st.booleans(),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(products, max_size=5, unique_by=lambda product: product.sku))
def test_written_products_read_the_same(tmp_path, written):
    """Whatever a product holds, hostile text included, comes back equal."""
    path = tmp_path / "round.csv"
    write_products(path, written)
    shop = CsvShop(path)
    assert shop.problems == ()
    assert list(shop.iter_products()) == sorted(written, key=lambda product: product.sku)
