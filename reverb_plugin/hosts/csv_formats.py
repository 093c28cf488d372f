"""The product CSVs we can read: one table of columns for each, and what is peculiar to it.

A *head* is the row that a variant takes from what it does not have itself: WooCommerce's ``variable`` row, Magento's
``configurable`` row, the first row of a Shopify handle.
"""
# ruff: noqa: ARG002 - a format is asked with the row, whether it needs it for the answer or not

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar
from urllib.parse import urljoin

from reverb_plugin.hosts.csv_cells import read_list
from reverb_plugin.hosts.csv_file import Row

Columns = Mapping[str, tuple[str, ...]]

# How shops name an attribute that Reverb has a field for. Tags are not among them: they are free words.
ATTRIBUTES: Columns = {
    "make": ("make", "brand", "brands", "manufacturer", "vendor"),
    "model": ("model", "model name"),
    "condition": ("condition",),
    "year": ("year", "year made", "year of manufacture"),
    "finish": ("finish", "color", "colour"),
}


class Format:
    """One kind of product CSV. ``columns`` says where each field stands, the first column with text counts."""

    name: ClassVar[str]
    #: Columns that a file must have to be of this kind; each entry lists its possible names.
    needs: ClassVar[tuple[tuple[str, ...], ...]]
    columns: ClassVar[Columns]
    #: Whether the photos of a product stand in rows that follow its head.
    spreads: ClassVar[bool] = False

    def fits(self, columns: Mapping[str, int]) -> bool:
        """Whether a file with these columns is of this kind."""
        return all(any(name in columns for name in names) for names in self.needs)

    def text(self, row: Row, field: str) -> str:
        """The text of a field in this row."""
        return row.get(*self.columns.get(field, ()))

    def is_product(self, row: Row) -> bool:
        """Whether the row is something that can be sold, and not a head, a photo or a translation."""
        return not row.is_empty

    def head_key(self, row: Row) -> str:
        """What to look the row's head up by; empty when it has none."""
        return ""

    def head_keys(self, row: Row) -> Sequence[str]:
        """What this row can be looked up by as a head."""
        return ()

    def options(self, row: Row, head: Row) -> dict[str, str]:
        """What makes this variant differ from the others: option name -> value."""
        return {}

    def attributes(self, row: Row) -> dict[str, str]:
        """The row's attributes with one value: lower-case name -> value."""
        return {}

    def photos(self, row: Row, family: Sequence[Row]) -> tuple[str, ...]:
        """The photos of the row, in order. ``family`` is the head and the rows that follow it, or the row alone."""
        return next((found for each in (row, *family) if (found := self.items(each, "photos"))), ())

    def items(self, row: Row, field: str) -> tuple[str, ...]:
        """The items of a field that holds several."""
        return read_list(self.text(row, field))

    def is_offered(self, row: Row) -> bool:
        """Whether the shop itself offers the product; what it hides is left alone on Reverb too."""
        return True

    def is_sold_out(self, row: Row) -> bool:
        """Whether the shop says that it cannot be sold, whatever number it has in stock, or none."""
        return False

    def attribute(self, field: str, attributes: Mapping[str, str]) -> str:
        """The value for a field among the attributes."""
        return next((attributes[name] for name in ATTRIBUTES.get(field, ()) if attributes.get(name)), "")


class OwnFormat(Format):
    """Our own documented columns: one for each field of :class:`~reverb_plugin.host.Product`, with its name.

    ``categories`` and ``photos`` are lists separated by ``|``; ``sync`` and ``offers_enabled`` are yes or no.
    """

    name = "reverb-plugin"
    needs = (("sku",), ("title",))
    columns: ClassVar[Columns] = {
        field: (field,)
        for field in (
            "sku", "title", "price", "currency", "quantity", "id", "description", "condition", "make", "model", "year",
            "finish", "categories", "photos", "upc", "url", "shipping_profile", "offers_enabled", "sync",
        )
    }  # fmt: skip


class WooCommerce(Format):
    """WooCommerce > Products > Export. A variation names its ``variable`` parent by SKU or as ``id:44``."""

    name = "WooCommerce"
    needs = (("type",), ("sku",), ("name",), ("regular price",))
    columns: ClassVar[Columns] = {
        "sku": ("sku",),
        "title": ("name",),
        "price": ("regular price",),
        "quantity": ("stock",),
        "id": ("id",),
        "description": ("description", "short description"),
        "make": ("brands",),
        "categories": ("categories",),
        "photos": ("images",),
        "upc": ("gtin, upc, ean, or isbn",),
        "parent": ("parent",),
    }
    _NOT_SOLD: ClassVar = {"variable", "grouped", "external"}
    # the exporter puts ' before a cell that a spreadsheet would take for a formula
    _GUARDED = re.compile(r"^'(?=[=+\-@\t\r])")

    def text(self, row: Row, field: str) -> str:
        """Without what the exporter did to the text for spreadsheets."""
        text = self._GUARDED.sub("", super().text(row, field), count=1)
        # the exporter writes line breaks in descriptions as \n
        return re.sub(r"(?<!\\)\\n", "\n", text).replace("\\\\n", "\\n") if field == "description" else text

    def is_product(self, row: Row) -> bool:
        """A parent is sold through its variations, a group through its members, an external product elsewhere."""
        return not row.is_empty and not self._NOT_SOLD & self._types(row)

    def head_key(self, row: Row) -> str:
        """The variation's parent."""
        return self.text(row, "parent") if "variation" in self._types(row) else ""

    def head_keys(self, row: Row) -> Sequence[str]:
        """A parent is named by its SKU, or by its id when it has none."""
        return (self.text(row, "sku"), f"id:{row.get('id')}") if "variable" in self._types(row) else ()

    def options(self, row: Row, head: Row) -> dict[str, str]:
        """The variation's attributes."""
        return self.attributes(row)

    def attributes(self, row: Row) -> dict[str, str]:
        """``Attribute 1 name`` and ``Attribute 1 value(s)``, and so on."""
        found = {}
        number = 1
        while row.has(f"attribute {number} name"):
            values = self._split(row.get(f"attribute {number} value(s)"))
            if len(values) == 1:
                found[row.get(f"attribute {number} name").lower()] = values[0]
            number += 1
        return found

    def items(self, row: Row, field: str) -> tuple[str, ...]:
        r"""Items separated by commas; a comma inside an item is written ``\,``."""
        return self._split(self.text(row, field))

    def is_offered(self, row: Row) -> bool:
        """``Published`` is 1; 0 is private, -1 a draft, 2 waits for review."""
        return row.get("published") in ("", "1")

    def is_sold_out(self, row: Row) -> bool:
        """``In stock?`` is 0."""
        return row.get("in stock?") == "0"

    @staticmethod
    def _split(text: str) -> tuple[str, ...]:
        return read_list(text, ",")

    @staticmethod
    def _types(row: Row) -> set[str]:
        return {kind.strip() for kind in row.get("type").lower().split(",")}


class Shopify(Format):
    """Shopify > Products > Export, in its old and its new column names. A handle is one product over several rows."""

    name = "Shopify"
    needs = (("handle", "url handle"), ("title",), ("variant sku", "sku"), ("variant price", "price"))
    columns: ClassVar[Columns] = {
        "handle": ("handle", "url handle"),
        "sku": ("variant sku", "sku"),
        "title": ("title",),
        "price": ("variant price", "price"),
        "quantity": ("variant inventory qty", "inventory quantity"),
        "description": ("body (html)", "description"),
        "condition": ("google shopping / condition",),
        "make": ("vendor",),
        "categories": ("type", "product category"),
        "upc": ("variant barcode", "barcode"),
        "photos": ("image src", "product image url"),
    }
    spreads = True
    _OWN_PHOTO = ("variant image", "variant image url")
    _TRACKER = ("variant inventory tracker", "inventory tracker")
    _METAFIELD = re.compile(r"(?P<label>.+) \(product\.metafields\..+\)")

    def text(self, row: Row, field: str) -> str:
        """A quantity counts only where Shopify tracks it; barcodes may have a ' for spreadsheets before them."""
        if field == "quantity" and any(map(row.has, self._TRACKER)) and not row.get(*self._TRACKER):
            return ""  # a number that nobody counts
        text = super().text(row, field)
        return text.removeprefix("'") if field == "upc" else text

    def is_product(self, row: Row) -> bool:
        """A row without SKU, price and option is a photo; a gift card is no gear."""
        is_variant = self.text(row, "sku") or self.text(row, "price") or row.get("option1 value")
        return bool(is_variant) and row.get("gift card").lower() != "true"

    def head_key(self, row: Row) -> str:
        """The handle."""
        return self.text(row, "handle")

    def head_keys(self, row: Row) -> Sequence[str]:
        """The handle; its first row is the head."""
        return (self.text(row, "handle"),)

    def options(self, row: Row, head: Row) -> dict[str, str]:
        """``Option1 Value`` to ``Option3 Value``; the option Title: Default Title says that there are no variants."""
        names = [(head.get(f"option{number} name"), row.get(f"option{number} value")) for number in (1, 2, 3)]
        return {name.lower(): value for name, value in names if value and (name, value) != ("Title", "Default Title")}

    def attributes(self, row: Row) -> dict[str, str]:
        """The metafields, whose columns are called like ``Condition (product.metafields.custom.condition)``."""
        labels = ((self._METAFIELD.fullmatch(name), name) for name in row.names)
        return {match["label"]: text for match, name in labels if match and (text := row.get(name))}

    def photos(self, row: Row, family: Sequence[Row]) -> tuple[str, ...]:
        """The variant's own photo, then those of the product."""
        found = [row.get(*self._OWN_PHOTO), *(self.text(each, "photos") for each in family)]
        return tuple(dict.fromkeys(filter(None, found)))

    def items(self, row: Row, field: str) -> tuple[str, ...]:
        """The whole text: Shopify has one type for each product."""
        text = self.text(row, field)
        return (text,) if text else ()

    def is_offered(self, row: Row) -> bool:
        """Published and active, neither draft nor archived."""
        is_published = row.get("published", "published on online store").lower() != "false"
        return is_published and row.get("status").lower() in ("", "active")


class Magento(Format):
    """Magento 2 > System > Export > Products. The ``configurable`` row lists its ``simple`` products by SKU."""

    name = "Magento 2"
    needs = (("sku",), ("product_type",), ("name",), ("price",))
    columns: ClassVar[Columns] = {
        "sku": ("sku",),
        "title": ("name",),
        "price": ("price",),
        "quantity": ("qty",),
        "description": ("description", "short_description"),
        "categories": ("categories",),
        "photos": ("base_image", "additional_images"),
    }
    _NOT_SOLD = ("configurable", "grouped", "bundle")
    _PAIR = re.compile(r'(?:^|,)\s*"?(\w+)"?=("(?:[^"]|"")*"|.*?)(?=,\s*"?\w+"?=|$)', re.DOTALL)
    _EMPTY = "__EMPTY__VALUE__"

    def is_product(self, row: Row) -> bool:
        """Configurable products, groups and bundles are sold through others; a store view's row is a translation."""
        is_translation = bool(row.get("store_view_code"))
        return not row.is_empty and not is_translation and row.get("product_type").lower() not in self._NOT_SOLD

    def text(self, row: Row, field: str) -> str:
        """Without the exporter's word for an empty value."""
        text = super().text(row, field)
        return "" if text == self._EMPTY else text

    def head_key(self, row: Row) -> str:
        """The SKU: a configurable product names its variants."""
        return self.text(row, "sku")

    def head_keys(self, row: Row) -> Sequence[str]:
        """The SKUs in ``configurable_variations``."""
        return () if row.get("store_view_code") else tuple(sku for sku, _ in self._variations(row))

    def options(self, row: Row, head: Row) -> dict[str, str]:
        """What ``configurable_variations`` says of this SKU."""
        return dict(self._variations(head)).get(self.text(row, "sku"), {})

    def attributes(self, row: Row) -> dict[str, str]:
        """``additional_attributes`` (``manufacturer=Fender,year=1999``) and columns of the same names."""
        own = {name: row.get(name) for names in ATTRIBUTES.values() for name in names if row.get(name)}
        return own | self._pairs(row.get("additional_attributes"))

    def photos(self, row: Row, family: Sequence[Row]) -> tuple[str, ...]:
        """``base_image``, then ``additional_images``; mostly paths below the shop's media folder."""
        for each in (row, *family):
            found = (each.get("base_image"), *each.get("additional_images").split(","))
            if photos := tuple(dict.fromkeys(photo.strip() for photo in found if photo.strip())):
                return photos
        return ()

    def items(self, row: Row, field: str) -> tuple[str, ...]:
        """Items separated by commas."""
        return tuple(item.strip() for item in self.text(row, field).split(",") if item.strip())

    def is_offered(self, row: Row) -> bool:
        """``product_online`` is 1; 2 is disabled."""
        return row.get("product_online") in ("", "1")

    def is_sold_out(self, row: Row) -> bool:
        """``is_in_stock`` is 0, and Magento goes by it because it manages the product's stock."""
        is_unmanaged = row.get("manage_stock") == "0" and row.get("use_config_manage_stock") != "1"
        return row.get("is_in_stock") == "0" and not is_unmanaged

    def _variations(self, row: Row) -> Iterator[tuple[str, dict[str, str]]]:
        for variation in row.get("configurable_variations").split("|"):
            pairs = self._pairs(variation)
            if sku := pairs.pop("sku", ""):
                yield sku, pairs

    def _pairs(self, text: str) -> dict[str, str]:
        pairs = ((name.lower().replace("_", " "), self._unquoted(value)) for name, value in self._PAIR.findall(text))
        return {name: value for name, value in pairs if value and value != self._EMPTY}

    @staticmethod
    def _unquoted(value: str) -> str:
        is_quoted = len(value) > 1 and value[0] == value[-1] == '"'
        return value[1:-1].replace('""', '"') if is_quoted else value.strip()


#: In the order of trying: ours last, its two columns are in others too.
FORMATS: tuple[Format, ...] = (Shopify(), WooCommerce(), Magento(), OwnFormat())


def photo_url(photo: str, media_url: str | None) -> str | None:
    """The photo's public URL; None when it is a path and nobody said which URL it belongs to."""
    if re.match(r"https?://", photo, re.IGNORECASE):
        return photo
    return urljoin(media_url.rstrip("/") + "/", photo.lstrip("/")) if media_url else None
