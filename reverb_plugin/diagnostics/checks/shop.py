"""The shop: whether its adapter keeps its promises, and what its products lack."""

from collections import Counter

from reverb_plugin.diagnostics.catalogue import Catalogue
from reverb_plugin.diagnostics.check import Check, some
from reverb_plugin.diagnostics.finding import MootError, Verdict, failed, passed, warned
from reverb_plugin.diagnostics.scene import Scene
from reverb_plugin.errors import HostError, InvalidValueError
from reverb_plugin.host import Product, TakesQuantity
from reverb_plugin.host_orders import ChangesQuantity, TakesOrders
from reverb_plugin.settings import OrderMode
from reverb_plugin.sync.tools import read_product
from reverb_plugin.texts import counted

SLOW_SECONDS = 2.0
UNKNOWN_SKUS = ("reverb-plugin: no such SKU", "%", "' OR '1'='1")
CONFORMANCE = "Correct the adapter, and run HostConformance of reverb_plugin.testing against it."
MAPPED = "Choose one of Reverb's for it in the settings"


def _named(scene: Scene) -> Verdict:
    if scene.host_trouble is not None:
        return failed(f"The shop cannot be loaded: {scene.host_trouble.message}.", scene.host_trouble.hint)
    name = type(scene.host).__name__
    return passed(f"The shop is there ({name}).")


def _contract(scene: Scene) -> Verdict:
    """What can be seen of the promises without changing anything."""
    try:
        found = scene.catalogue
    except SystemExit as error:
        return failed(f"The shop's adapter breaks its contract: it called exit({error.code}).", CONFORMANCE)
    if isinstance(found.trouble, HostError):
        return failed(f"The shop's adapter breaks its contract: {found.trouble.message}.", CONFORMANCE)
    if found.out_of_order is not None:
        first, second = found.out_of_order
        cause = (
            f"iter_products gives {second!r} behind {first!r}: it has to ascend by SKU, capitals before small letters."
        )
        return failed(cause, CONFORMANCE)
    return _lookups(scene, found) or passed(f"The adapter gave {counted(found.seen, 'product')} as it has to.")


def _lookups(scene: Scene, found: Catalogue) -> Verdict | None:
    host, clock = scene.host, scene.clock
    began_at = clock.monotonic()
    try:
        for product in found.first:
            again = read_product(host, product.sku)
            if again is None:
                cause = f"iter_products gives {product.sku!r}, and find_product does not find it."
                return failed(cause, CONFORMANCE)
        for sku in UNKNOWN_SKUS:
            if read_product(host, sku) is not None:
                return failed(f"find_product finds something for {sku!r}, which no shop has.", CONFORMANCE)
        rest = next(host.iter_products(found.first[0].sku), None) if found.first else None
    except (HostError, InvalidValueError) as error:
        return failed(f"The shop's adapter breaks its contract: {error.message}.", CONFORMANCE)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever the shop's code raises
        return failed(
            f"The shop's adapter breaks its contract: it raised {type(error).__name__}: {error}.", CONFORMANCE
        )
    if isinstance(rest, Product) and rest.sku <= found.first[0].sku:
        return failed(
            f"iter_products(after_sku={found.first[0].sku!r}) gives {rest.sku!r}, which is not behind it.", CONFORMANCE
        )
    seconds = (clock.monotonic() - began_at) / (len(found.first) + len(UNKNOWN_SKUS))
    if seconds > SLOW_SECONDS:
        return warned(f"find_product takes {seconds:.1f} s.", "Give the shop's table of products an index on the SKU.")
    return None


def _abilities(scene: Scene) -> Verdict:
    mode, host = scene.settings.orders, scene.host
    if mode in {OrderMode.ORDERS, OrderMode.SHIPMENTS} and not isinstance(host, TakesOrders):
        able = isinstance(host, ChangesQuantity | TakesQuantity)
        cause = f"The setting orders is {mode}, and the shop's adapter has no find_order and place_order"
        step = "Add them to the adapter, or set orders to stock."
        return warned(f"{cause}: a sale only lowers the stock.", step) if able else failed(f"{cause}.", step)
    if mode is OrderMode.STOCK and not isinstance(host, ChangesQuantity | TakesQuantity | TakesOrders):
        cause = f"The setting orders is {mode}, and the shop's adapter has no change_quantity or set_quantity."
        return failed(cause, "Add one of them to the adapter; until then each order says what to do by hand.")
    return passed(f"The adapter can do what the setting orders ({mode}) asks of it.")


def _without_sku(scene: Scene) -> Verdict:
    trouble = scene.catalogue.trouble
    if isinstance(trouble, InvalidValueError) and trouble.field == "sku":
        cause = f"The shop gives a product without a usable SKU: {trouble.message}."
        return failed(
            cause, "Give each product a SKU of its own in the shop; the walk over all products ends at this one."
        )
    if isinstance(trouble, InvalidValueError):
        return failed(f"The shop gives a value that cannot be meant: {trouble.message}.", trouble.hint)
    lacking = [str(row) for row in _unreadable(scene) if not row.sku]
    if lacking:
        cause = f"{counted(len(lacking), 'product has', 'products have')} no usable SKU: {some(lacking, 1)}."
        return warned(cause, "Give each product a SKU of its own; without one it is never sent.")
    return passed("Each product has a SKU.")


def _unreadable(scene: Scene):  # type: ignore[no-untyped-def]
    """A product file tells which of its rows cannot be read."""
    return [row for row in getattr(scene.host, "problems", ()) if hasattr(row, "sku") and hasattr(row, "message")]


def _unread(scene: Scene) -> Verdict:
    rows = [str(row) for row in _unreadable(scene) if row.sku and "is that of line" not in row.message]
    if rows:
        cause = f"{counted(len(rows), 'value')} of the product file cannot be read: {some(rows, 1)}."
        return warned(cause, "Correct the file; what cannot be read counts as unknown and is not sent.")
    return passed("Everything the shop gives can be read.")


def _twice(scene: Scene) -> Verdict:
    found = scene.catalogue
    repeated = [*found.repeated, *(row.sku for row in _unreadable(scene) if "is that of line" in row.message)]
    if repeated:
        cause = f"The shop has several products with the same SKU: {some(list(dict.fromkeys(repeated)))}."
        return failed(cause, "Give each of them a SKU of its own: only one listing can belong to a SKU.")
    if found.alike:
        pairs = [f"{first} and {second}" for first, second in found.alike]
        cause = f"SKUs of the shop differ in case or blanks only: {some(pairs)}."
        return warned(cause, "Make them different: people and other programs take them for the same.")
    return passed("No two products share a SKU.")


def _conditions(scene: Scene) -> Verdict:
    words = scene.catalogue.conditions
    if words:
        cause = f"Reverb has no condition {_words(words)}, so that these products cannot be listed."
        return failed(cause, f"{MAPPED} (condition_map).")
    return passed("Each condition of the shop is one of Reverb's, or is mapped to one.")


def _categories(scene: Scene) -> Verdict:
    words = scene.catalogue.categories
    if words:
        return warned(f"Reverb has no category {_words(words)}.", f"{MAPPED} (category_map).")
    return passed("Each category of the shop is mapped to one of Reverb's.")


def _words(words: Counter[str]) -> str:
    """The most frequent ones, with how many products have them."""
    return some([f"{word.strip(chr(39))!r} ({counted(count, 'product')})" for word, count in words.most_common()])


def _prices(scene: Scene) -> Verdict:
    found = scene.catalogue
    if found.without_price:
        why = found.prices.most_common(1)[0][0]
        cause = (
            f"{counted(len(found.without_price), 'product has', 'products have')} no price that can be sent ({why})."
        )
        return warned(cause, f"Correct it in the shop: {some(found.without_price)}.")
    return passed("Each product has a price that can be sent.")


def _photos(scene: Scene) -> Verdict:
    found = scene.catalogue
    if not found.hidden_photos:
        return passed("Reverb can fetch the photos, as far as their addresses tell.")
    example = next(iter(found.hidden_photos))
    cause = f"Reverb cannot fetch {counted(len(found.hidden_photos), 'photo')}: {example}."
    step = "Let the adapter give public addresses: https, a name that everybody can resolve, no password."
    if found.without_photo:
        products = counted(len(found.without_photo), "product has", "products have")
        left = f"{products} no other ({some(found.without_photo)})"
        return failed(f"{cause[:-1]}; {left}.", step)
    return warned(cause, step)


def _used(scene: Scene) -> Verdict:
    found = scene.catalogue.many_of_a_kind
    if found:
        cause = (
            f"{counted(len(found), 'used product has', 'used products have')} more than one in stock: {some(found)}."
        )
        return warned(cause, "Make each piece a product with a SKU of its own: Reverb takes used items one by one.")
    return passed("No used product has more than one in stock.")


def _empty(scene: Scene) -> Verdict:
    found = scene.catalogue
    if found.trouble is None and not found.seen and scene.facts.links:
        cause = (
            f"The shop gives no products at all, and {counted(scene.facts.links, 'listing is', 'listings are')} linked."
        )
        return failed(cause, "Look whether the adapter reads the right shop and database.")
    if found.seen or found.trouble is not None:
        return passed(f"The shop gives {counted(found.seen, 'product')}{'' if found.is_whole else ' or more'}.")
    raise MootError("the shop has no products yet")


CHECKS = (
    Check("host-unusable", "Shop", _named),
    Check("host-contract", "Contract of the adapter", _contract, ("host-unusable",)),
    Check("host-abilities", "Abilities of the adapter", _abilities, ("host-unusable",)),
    Check("shop-empty", "Products of the shop", _empty, ("host-contract",)),
    Check("products-without-sku", "SKUs of the shop", _without_sku, ("host-contract",)),
    Check("duplicate-sku-shop", "SKUs used twice in the shop", _twice),
    Check("rows-unreadable", "Product file", _unread),
    Check("conditions-unmapped", "Conditions", _conditions),
    Check("categories-unmapped", "Categories", _categories),
    Check("prices-unusable", "Prices", _prices),
    Check("photos-unreachable", "Photos", _photos),
    Check("used-quantity", "Used items", _used),
)
