"""The shop: whether its adapter keeps its promises, and what its products lack."""

from collections import Counter

from reverb_plugin.diagnostics.catalogue import Catalogue
from reverb_plugin.diagnostics.check import Check, some
from reverb_plugin.diagnostics.checks.account import ACCEPTED
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
LOADED = (
    "Name it as package.module:attribute (--host, REVERB_HOST), from the folder, with the Python and with the "
    "environment variables that the shop runs with."
)
MAPPED = "Choose one of Reverb's for it in the settings"


def _named(scene: Scene) -> Verdict:
    if scene.host_trouble is not None:
        return failed(f"The shop cannot be loaded: {scene.host_trouble.message}.", LOADED)
    name = type(scene.host).__name__
    return passed(f"The shop is there ({name}).")


def _contract(scene: Scene) -> Verdict:
    """What can be seen of the promises without changing anything."""
    try:
        found = scene.catalogue
    except SystemExit as error:
        return _broken(f"it called exit({error.code})")
    if isinstance(found.trouble, HostError):
        return _broken(found.trouble.message)
    if isinstance(found.trouble, InvalidValueError) and found.trouble.field != "sku":
        cause = f"The shop's adapter gives a product that cannot be meant: {found.trouble.message}{_behind(found)}."
        return failed(cause, "Correct that value in the shop, or let the adapter make of it what the port asks for.")
    if found.out_of_order is not None:
        first, second = found.out_of_order
        cause = (
            f"iter_products gives {second!r} behind {first!r}: it has to ascend by SKU, capitals before small letters."
        )
        return failed(cause, CONFORMANCE)
    return _lookups(scene, found) or passed(f"The adapter gave {counted(found.seen, 'product')} as it has to.")


def _lookups(scene: Scene, found: Catalogue) -> Verdict | None:
    """What is wrong with single questions to the shop; None when nothing is."""
    try:
        return _finds(scene, found) or _goes_on(scene, found)
    except InvalidValueError as error:
        return None if error.field == "sku" else _broken(error.message)  # the SKU is told of by itself
    except HostError as error:
        return _broken(error.message)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever the shop's code raises
        return _broken(f"it raised {type(error).__name__}: {error}")


def _broken(how: str) -> Verdict:
    return failed(f"The shop's adapter breaks its contract: {how}.", CONFORMANCE)


def _finds(scene: Scene, found: Catalogue) -> Verdict | None:
    for product in found.first:
        began_at = scene.clock.monotonic()
        again = read_product(scene.host, product.sku)
        seconds = scene.clock.monotonic() - began_at
        if again is None:
            cause = f"iter_products gives {product.sku!r}, and find_product does not find it."
            return failed(cause, CONFORMANCE)
        if seconds > SLOW_SECONDS:
            cause = f"find_product takes {seconds:.1f} s, so that everything takes long."
            return warned(cause, "Give the shop's table of products an index on the SKU.")
    for sku in UNKNOWN_SKUS:
        if read_product(scene.host, sku) is not None:
            return failed(f"find_product finds something for {sku!r}, which no shop has.", CONFORMANCE)
    return None


def _goes_on(scene: Scene, found: Catalogue) -> Verdict | None:
    if not found.first:
        return None
    sku, expected = found.first[0].sku, next((product.sku for product in found.first[1:]), "")
    rest = next(scene.host.iter_products(sku), None)
    if isinstance(rest, Product) and rest.sku <= sku:
        return failed(f"iter_products(after_sku={sku!r}) gives {rest.sku!r}, which is not behind it.", CONFORMANCE)
    if expected and (not isinstance(rest, Product) or rest.sku > expected):
        cause = f"iter_products(after_sku={sku!r}) leaves out {expected!r}, which it gives from the beginning."
        return failed(cause, CONFORMANCE)
    return None


def _behind(found: Catalogue) -> str:
    return f"; it comes behind {found.last}" if found.last else ""


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
        cause = f"The shop gives a product without a usable SKU: {trouble.message}{_behind(scene.catalogue)}."
        return failed(
            cause, "Give each product a SKU of its own in the shop; the walk over all products ends at this one."
        )
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


def _quantities(scene: Scene) -> Verdict:
    skus = scene.catalogue.without_quantity
    if skus:
        several = counted(len(skus), "product has", "products have")
        cause = f"{several} a quantity that is not known, and that is never sent: {some(skus)}."
        return warned(cause, "Let the adapter give the number of pieces that can be sold now.")
    return passed("The quantity of each product is known.")


def _currency(scene: Scene) -> Verdict:
    """Reverb's shop has one currency, which is known once the connection was tried."""
    own = scene.connection.currency if not scene.offline else ""
    others = {name: count for name, count in scene.catalogue.currencies.items() if own and name != own}
    if others:
        name, count = max(others.items(), key=lambda each: each[1])
        cause = (
            f"The shop on Reverb sells in {own}, and {counted(count, 'product has', 'products have')} {name} prices."
        )
        return warned(
            cause, "Let the adapter give prices in that currency, or change the currency of the shop on Reverb."
        )
    return passed("The prices are in the currency of the shop on Reverb.")


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
    if found.seen and found.is_whole and found.excluded == found.seen:
        cause = f"None of the shop's {counted(found.seen, 'product')} is to be sent: {found.exclusion}"
        return warned(cause, "Change that rule in the settings, or sync in the adapter, unless it is meant so.")
    if found.seen or found.trouble is not None:
        return passed(f"The shop gives {counted(found.seen, 'product')}{'' if found.is_whole else ' or more'}.")
    raise MootError("the shop has no products yet")


CHECKS = (
    Check("host-unusable", "Shop", _named),
    Check("host-contract", "Contract of the adapter", _contract, ("host-unusable",), waits_for="The shop's adapter"),
    Check("host-abilities", "Abilities of the adapter", _abilities, ("host-unusable",)),
    Check("shop-empty", "Products of the shop", _empty, ("host-contract",)),
    Check("products-without-sku", "SKUs of the shop", _without_sku, ("host-contract",)),
    Check("duplicate-sku-shop", "SKUs used twice in the shop", _twice),
    Check("rows-unreadable", "Product file", _unread),
    Check("conditions-unmapped", "Conditions", _conditions),
    Check("categories-unmapped", "Categories", _categories),
    Check("prices-unusable", "Prices", _prices),
    Check("quantities-unknown", "Quantities", _quantities),
    Check("currency-other", "Currency", _currency, ACCEPTED),
    Check("photos-unreachable", "Photos", _photos),
    Check("used-quantity", "Used items", _used),
)
