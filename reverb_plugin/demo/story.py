"""The story: ten steps, each with what will happen, and what proves that it did."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from reverb_plugin.changes import Outcome
from reverb_plugin.demo.categories import REVERBS_NAMES, TOO_WIDE
from reverb_plugin.demo.stage import MOST_LOG_ROWS, Stage
from reverb_plugin.demo.telling import Fact, Teller
from reverb_plugin.demo.views import count_accepted, count_in_step, count_kinds, show_sent
from reverb_plugin.errors import find_hint
from reverb_plugin.host import Product
from reverb_plugin.store.sync_log import LogEntry, LogFilter

GUITAR = "FEN-PLST-3TS"
MICROPHONE = "SHU-SM57"
PEDAL = "IBZ-TS9"
CABLE = "MOG-GOLD18R"
USED_GUITAR = "U-GIB-ES335-81"
REFUSED_GUITAR = "U-SQ-STRAT-93"
ON_SALE = (GUITAR, MICROPHONE, PEDAL, CABLE, USED_GUITAR, "U-KLN-CENT")
NEW_BASS = Product(
    "SQU-CVPB-OW",
    title="Squier Classic Vibe '60s Precision Bass, Olympic White",
    price=Decimal("449.99"),
    quantity=3,
    id="1045",
    description="<p>Poplar body, split-coil pickup and a slim neck. The thump of the sixties at a friendly price.</p>",
    condition="Brand New",
    make="Squier",
    model="Classic Vibe '60s Precision Bass",
    year="2024",
    finish="Olympic White",
    categories=("Basses > 4-String",),
    url="https://shop.example/products/squier-classic-vibe-60s-precision-bass-olympic-white",
)
IS_DOWN, IS_BACK = "Sending to Reverb waits: Reverb cannot be reached", "Sending to Reverb goes on"

Play = Callable[[Stage, Teller], Sequence[Fact]]


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its heading, what will happen, and ``play``, which lets it happen and returns what it found."""

    heading: str
    promise: str
    play: Play


def connect(stage: Stage, teller: Teller) -> Sequence[Fact]:
    """Asks whose token it is, and enters the settings."""
    account = stage.plugin.client.get_account()
    stage.set_up()
    teller.line("Reverb", f"This token belongs to the shop {account.shop_name}, which sells in {account.currency}.")
    return (
        Fact("{} requests", len(stage.asked()), 2),
        Fact("{} of them accepted", count_accepted(stage.asked()).total(), 2),
        Fact("{} categories chosen", len(stage.plugin.settings.category_map), len(REVERBS_NAMES)),
        Fact("{} listings on Reverb", len(stage.door.listings()), 0),
    )


def save_everything(stage: Stage, teller: Teller) -> Sequence[Fact]:
    """Every product of the shop is saved once."""
    skus = list(stage.shop.products())
    for sku in skus:
        stage.shop.save(sku)
    stage.settle()
    _explain(_find_refusal(stage), teller)
    tried, accepted = count_kinds(stage.asked()), count_accepted(stage.asked())
    listings = stage.door.listings()
    states = Counter(listing["state"] for listing in listings)
    return (
        Fact("{} lookups", tried["lookup"], len(skus)),
        Fact("{} creations", accepted["creation"], len(skus) - 1),
        Fact("{} refused", tried["creation"] - accepted["creation"], 1),
        Fact("Reverb shows {} drafts", states["draft"], len(skus) - 1),
        Fact("{} live", states["live"], 0),
        Fact("{} in step with the shop", count_in_step(stage.shop.products(), listings), len(skus) - 1),
    )


def publish_some(stage: Stage, teller: Teller) -> Sequence[Fact]:
    """The seller publishes drafts on Reverb's website."""
    warnings = [stage.door.publish(stage.door.listing(sku)["id"]) for sku in ON_SALE]
    stage.door.publish_now()
    states = Counter(listing["state"] for listing in stage.door.listings())
    teller.line("Seller", f"publishes {', '.join(ON_SALE)}.")
    return (
        Fact("Reverb shows {} live listings", states["live"], len(ON_SALE)),
        Fact("{} drafts", states["draft"], len(stage.shop.products()) - 1 - len(ON_SALE)),
        Fact("{} warnings", sum(map(len, warnings)), 0),
        Fact("{} requests by the plugin", len(stage.asked()), 0),
    )


def edit_price(stage: Stage, teller: Teller) -> Sequence[Fact]:
    """A price changes; then the product is saved again as it is."""
    before = stage.shop.product(GUITAR)
    teller.line("Shop", f"{before.title}: {before.price} becomes 799.99.")
    stage.shop.save(GUITAR, price=Decimal("799.99"))
    stage.settle()
    first = stage.asked()
    teller.line("Shop", "saves it again as it is.")
    stage.shop.save(GUITAR)
    stage.settle()
    return (
        Fact("{} request", len(first), 1),
        Fact("a {}", show_sent(first), "PUT with price"),
        Fact("Reverb shows {}", stage.door.listing(GUITAR)["price"], "799.99"),
        Fact("saved again as it is: {} requests", len(stage.asked()) - len(first), 0),
    )


def place_order(stage: Stage, teller: Teller) -> Sequence[Fact]:
    """A customer buys two of many."""
    before = stage.door.listing(MICROPHONE)["inventory"]
    teller.line("Shop", f"Order 2001: 2 x {stage.shop.product(MICROPHONE).title}.")
    stage.shop.sell("2001", MICROPHONE, 2)
    stage.settle()
    return _stock_facts(stage, before, before - 2)


def refund_one(stage: Stage, teller: Teller) -> Sequence[Fact]:
    """One of the two comes back."""
    before = stage.door.listing(MICROPHONE)["inventory"]
    teller.line("Shop", "Order 2001: 1 of 2 refunded and back on the shelf.")
    stage.shop.take_back("2001", MICROPHONE, 1)
    stage.settle()
    return _stock_facts(stage, before, before + 1)


def sell_used(stage: Stage, teller: Teller) -> Sequence[Fact]:
    """A one-of-a-kind item is sold in the shop."""
    before = stage.door.listing(USED_GUITAR)["state"]
    teller.line("Shop", f"Order 2002: {stage.shop.product(USED_GUITAR).title}, the only one.")
    stage.shop.sell("2002", USED_GUITAR, 1)
    stage.settle()
    return (
        Fact("{} request", len(stage.asked()), 1),
        Fact("the listing was {}", before, "live"),
        Fact("now it is {}", stage.door.listing(USED_GUITAR)["state"], "ended"),
    )


def correct_refused(stage: Stage, teller: Teller) -> Sequence[Fact]:
    """The sync log tells why a product was refused; the seller corrects it."""
    entry = _find_refusal(stage)
    _explain(entry, teller)
    teller.line("Shop", f"the category {TOO_WIDE} becomes Guitars > Electric > Solid Body.")
    stage.shop.save(REFUSED_GUITAR, categories=("Guitars > Electric > Solid Body",))
    stage.settle()
    return (
        Fact("refused with HTTP {}", entry.http_status if entry else None, 400),
        Fact("then {} lookup", count_kinds(stage.asked())["lookup"], 1),
        Fact("{} creation", count_accepted(stage.asked())["creation"], 1),
        Fact("Reverb shows a {}", stage.door.listing(REFUSED_GUITAR)["state"], "draft"),
    )


def survive_outage(stage: Stage, teller: Teller) -> Sequence[Fact]:
    """Reverb is down while the shop goes on."""
    stage.door.go_down()
    teller.line("Reverb", "goes down. The shop changes three prices, sells a guitar and makes a new product.")
    for sku, price in ((PEDAL, "99.99"), (CABLE, "79.95"), (MICROPHONE, "95.00")):
        stage.shop.save(sku, price=Decimal(price))
    stage.shop.sell("2003", GUITAR, 1)
    stage.shop.add(NEW_BASS)
    stage.wait_for(lambda: stage.log.count(IS_DOWN) > 0, "the plugin noticed that Reverb is down")
    stage.door.come_up()
    teller.line("Reverb", "is up again; the plugin looks for it at growing distances, first after five seconds.")
    stage.wait_for(lambda: stage.log.count(IS_BACK) > 0, "the plugin noticed that Reverb is back")
    stage.settle()
    accepted, products, listings = count_accepted(stage.asked()), stage.shop.products(), stage.door.listings()
    return (
        Fact("{} line says it is down", stage.log.count(IS_DOWN), 1),
        Fact("{} that it is back", stage.log.count(IS_BACK), 1),
        Fact("{} updates", accepted["update"], 4),
        Fact("{} creation", accepted["creation"], 1),
        Fact("{} listings on Reverb", len(listings), len(products)),
        Fact("{} in step with the shop", count_in_step(products, listings), len(products)),
    )


def sum_up(stage: Stage, teller: Teller) -> Sequence[Fact]:
    """Counts what it took."""
    kinds, events = count_kinds(stage.door.requests()), stage.shop.events
    names = {"lookup": "lookups by SKU", "creation": "creations", "update": "updates"}
    written = {"lookup": events, "creation": kinds["creation"], "update": events - kinds["creation"]}
    ours = sum(kinds[kind] for kind in names)
    teller.say("A plugin that looks each listing up before it writes needs two requests for each change in the shop:")
    teller.table(
        ("Requests", "this plugin", "two for each change"),
        [
            *((name, kinds[kind], written[kind]) for kind, name in names.items()),
            ("together", ours, 2 * events),
            ("answered 503 while Reverb was down", kinds["down"], ""),
        ],
    )
    outcomes = Counter(entry.outcome for entry in stage.plugin.store.log_page(limit=MOST_LOG_ROWS))
    teller.table(("Sync log", "attempts"), [(name, count) for name, count in outcomes.most_common()])
    products = len(stage.shop.products())
    return (
        Fact("{} lookups, one for each product that was new and one for the corrected one",
             kinds["lookup"], products + 1),
        Fact("{} products made", outcomes[Outcome.CREATED], products),
        Fact("{} jobs left", stage.plugin.store.queue_status().pending, 0),
        Fact("{} waiting for a person", stage.plugin.store.queue_status().parked, 0),
    )  # fmt: skip


STORY = (
    Step(
        "the plugin connects",
        "It asks Reverb whose token it was given, and the seller chooses Reverb's category for each of the shop's.",
        connect,
    ),
    Step(
        "all products are saved",
        "Each is looked for on Reverb and, as it is not there, made as a draft. Reverb refuses the category of one.",
        save_everything,
    ),
    Step(
        "the seller publishes some",
        "Drafts are for the seller to look at. Six are published by hand on Reverb's website; the plugin has no part.",
        publish_some,
    ),
    Step(
        "a price is edited",
        "The listing is known by now, so one PUT with the price alone is enough, and saving again costs nothing.",
        edit_price,
    ),
    Step("an order is placed in the shop", "Two are sold, so Reverb has to show two less.", place_order),
    Step("one is refunded", "It is back on the shelf, so Reverb has to show one more.", refund_one),
    Step("a used guitar is sold in the shop", "It was the only one, so its listing has to end.", sell_used),
    Step(
        "the refused product is corrected",
        "The sync log says what Reverb said and what to do; once its category is right, it becomes a draft by itself.",
        correct_refused,
    ),
    Step(
        "Reverb goes down and comes back",
        "The shop goes on working. What it changes waits, and arrives once: nothing is lost, nothing doubled.",
        survive_outage,
    ),
    Step("what it took", "All requests of this story, and every attempt in the sync log.", sum_up),
)


def perform(story: Sequence[Step], stage: Stage, teller: Teller) -> bool:
    """Plays all steps; whether every one did what it promised."""
    went_well = True
    for number, step in enumerate(story, 1):
        teller.step(number, len(story), step.heading, step.promise)
        stage.begin_step()
        went_well &= teller.prove(step.play(stage, teller))
    return went_well


def _stock_facts(stage: Stage, before: int, wanted: int) -> Sequence[Fact]:
    asked = stage.asked()
    return (
        Fact("{} request", len(asked), 1),
        Fact("a {}", show_sent(asked), "PUT with has_inventory, inventory"),
        Fact(f"Reverb showed {before} and shows {{}}", stage.door.listing(MICROPHONE)["inventory"], wanted),
    )


def _find_refusal(stage: Stage) -> LogEntry | None:
    found = stage.plugin.store.log_page(LogFilter(sku=REFUSED_GUITAR, outcome=Outcome.REFUSED))
    return found[0] if found else None


def _explain(entry: LogEntry | None, teller: Teller) -> None:
    if entry is None:
        return
    teller.line("Reverb", f"{entry.sku}: {entry.message}")
    for error in entry.errors:
        teller.line("Reverb", str(error))
    teller.line("To do", find_hint(entry.code or "") or "")
