"""The settings, section by section: shown, tried on, saved together or not at all."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from http import HTTPStatus
from typing import Any

from werkzeug.exceptions import NotFound

from reverb_plugin.admin.form import (
    Difference,
    Entered,
    Field,
    differences,
    find_changes,
    find_token_error,
    locked_by,
    make_fields,
    read_entered,
)
from reverb_plugin.admin.mapping import (
    CONDITION_NAMES,
    CategoryRow,
    ConditionRow,
    category_rows,
    condition_rows,
    read_pairs,
)
from reverb_plugin.admin.pages import category_choice
from reverb_plugin.admin.review import Review, review
from reverb_plugin.admin.sections import SECTIONS, Section
from reverb_plugin.admin.shop_words import find_words, glance
from reverb_plugin.admin.telling import ToldEffect
from reverb_plugin.admin.trying import try_and_keep
from reverb_plugin.admin.visit import Answer, Page, Redirect, Route, Visit
from reverb_plugin.categories import find_kept
from reverb_plugin.connection import SCOPES, Connection, Place, find_last, token_place
from reverb_plugin.errors import InvalidSettingError, InvalidValueError, PluginError
from reverb_plugin.host import Host, TakesQuantity
from reverb_plugin.host_orders import ChangesQuantity, TakesOrders
from reverb_plugin.settings import LoadedSettings, Settings, get_info
from reverb_plugin.sync.carriers import PROVIDERS
from reverb_plugin.sync.tools import read_product
from reverb_plugin.webhooks import make_secret, register
from reverb_plugin.worked_example import WorkedExample, choose_example, work_example

FIRST = "connection"
ORDERS = "orders"
WITH_EXAMPLE = "price-stock"
"""Only here does an address fill in a form: whoever follows a link could save what another one has entered."""

PAIRED = {"condition_map": ("word", "condition"), "carrier_map": ("word", "carrier")}
"""The maps that are entered in rows: what the two fields of a row are called."""

MOST_EXAMPLES = 200
"""Products among which one is looked for that shows all rules."""


@dataclass(frozen=True, slots=True)
class SectionPage:
    """What every section shows: all sections, this one, and its fields by name."""

    sections: tuple[Section, ...]
    section: Section
    fields: dict[str, Field]
    error_count: int


@dataclass(frozen=True, slots=True)
class ConnectionPage(SectionPage):
    """Token and environment, what a token needs, and what the last try found."""

    token_place: Place
    scopes: tuple[str, ...]
    connection: Connection | None
    waiting: int
    linked: int


@dataclass(frozen=True, slots=True)
class PriceStockPage(SectionPage):
    """The rules, worked on one product."""

    example: WorkedExample | None
    example_sku: str
    example_trouble: str


@dataclass(frozen=True, slots=True)
class ConditionsPage(SectionPage):
    """The shop's words for conditions; ``words_trouble`` says why they are not all known."""

    rows: tuple[ConditionRow, ...]
    names: tuple[str, ...]
    default_name: str
    lone_word: str
    words_trouble: str


@dataclass(frozen=True, slots=True)
class CategoriesPage(SectionPage):
    """The shop's categories; ``words_trouble`` says why they are not all known."""

    rows: tuple[CategoryRow, ...]
    words_trouble: str


@dataclass(frozen=True, slots=True)
class OrdersPage(SectionPage):
    """What the shop can take, its words for carriers, and whether and where Reverb may call.

    ``said`` is what Reverb answered to each topic when it was just asked to call, empty where it agreed.
    """

    able: str
    carriers: tuple[tuple[str, str], ...]
    providers: tuple[str, ...]
    lone_word: str
    address: str
    said: Mapping[str, str]
    trouble: str


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """A change that has not been saved yet, and what it does."""

    sections: tuple[Section, ...]
    section: Section
    differences: tuple[Difference, ...]
    effects: tuple[ToldEffect, ...]
    reach: str
    trouble: str
    entered: tuple[tuple[str, str], ...]


def show(visit: Visit) -> Answer:
    """The first section."""
    return show_section(visit, FIRST)


def show_section(visit: Visit, section: str) -> Answer:
    """One section as it is; where something can be tried on, the query string holds that."""
    found = _get_section(section)
    tried = visit.request.args.to_dict(flat=False) if section == WITH_EXAMPLE else {}
    return _page(visit, found, _read(visit, found, tried))


def save(visit: Visit, section: str) -> Answer:
    """Saves a section; before that, a change of consequence shows what it will do."""
    found = _get_section(section)
    form = visit.request.form
    entered = _read(visit, found, form.to_dict(flat=False))
    if "edit" in form:
        return _page(visit, found, entered)
    if entered.errors:
        return _page(visit, found, entered, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    loaded = visit.desk.configuration.load()
    changes = find_changes(entered.texts, loaded)
    if not changes:
        return Redirect("settings-section", {"section": found.name}, notice="settings-unchanged")
    effects = review(visit.desk, changes) if "reviewed" not in form else None
    if effects is not None:
        return _review_page(visit, found, changes, effects)
    visit.desk.configuration.save_all(changes)
    if found.name == FIRST:
        try_and_keep(visit.desk)
    return Redirect("settings-section", {"section": found.name}, notice="settings-saved")


def try_now(visit: Visit) -> Answer:
    """Tries the connection with what is saved."""
    tried = try_and_keep(visit.desk)
    return Redirect("settings-section", {"section": FIRST}, notice="connection-tried" if tried else "token-missing")


def forget_token(visit: Visit) -> Answer:
    """Forgets the token that was saved."""
    visit.desk.configuration.save("token", None)
    return Redirect("settings-section", {"section": FIRST}, notice="token-forgotten")


def renew_secret(visit: Visit) -> Answer:
    """Makes a secret path; the one before stops working."""
    return _save_secret(visit, make_secret(), "secret-made")


def forget_secret(visit: Visit) -> Answer:
    """From now on Reverb may not call any more."""
    return _save_secret(visit, None, "secret-forgotten")


def _save_secret(visit: Visit, secret: str | None, notice: str) -> Answer:
    if locked_by(get_info("webhook_secret"), visit.desk.configuration.load()):
        return Redirect("settings-section", {"section": ORDERS}, notice="setting-locked")
    visit.desk.configuration.save("webhook_secret", secret)
    return Redirect("settings-section", {"section": ORDERS}, notice=notice)


def ask_to_call(visit: Visit) -> Answer:
    """Asks Reverb to call this shop, and shows what it says to each topic."""
    section = SECTIONS[ORDERS]
    secret, address = visit.desk.settings.webhook_secret, visit.request.form.get("address", "").strip().rstrip("/")
    said: Mapping[str, str] = {}
    trouble = ""
    if secret is None:
        return Redirect("settings-section", {"section": ORDERS}, notice="secret-missing")
    try:
        said = register(visit.desk.client, f"{address}/{secret.reveal()}")
    except InvalidValueError as error:
        trouble = f"The address {error.problem}."
    loaded = visit.desk.configuration.load()
    common = SectionPage(tuple(SECTIONS.values()), section, make_fields(section, loaded), 0)
    page = _orders(visit, common, loaded, Entered({}, {}))
    shown = replace(page, address=address, said=said, trouble=trouble)
    return Page(section.template, shown, HTTPStatus.UNPROCESSABLE_ENTITY if trouble else HTTPStatus.OK)


def _get_section(name: str) -> Section:
    if name not in SECTIONS:
        raise NotFound
    return SECTIONS[name]


# What was entered


def _read(visit: Visit, section: Section, given: Mapping[str, list[str]]) -> Entered:
    loaded = visit.desk.configuration.load()
    texts = read_entered(section, loaded, given)
    errors: dict[str, InvalidSettingError] = {}
    for name, (words, chosen) in PAIRED.items():
        if words in given and not locked_by(get_info(name), loaded):
            texts[name], lone_word = read_pairs(given[words], given.get(chosen, ()))
            if lone_word:
                problem = f"choose Reverb's {chosen} for {lone_word!r}"
                errors[name] = InvalidSettingError(name, lone_word, problem)
    return Entered(texts, {**visit.desk.configuration.find_errors(texts), **errors, **find_token_error(texts, loaded)})


# What it does


def _review_page(visit: Visit, section: Section, changes: Mapping[str, str | None], found: Review) -> Page:
    context = ReviewPage(
        tuple(SECTIONS.values()),
        section,
        differences(changes, visit.desk.configuration.load()),
        found.effects,
        found.reach,
        found.trouble,
        tuple(visit.request.form.items(multi=True)),
    )
    return Page("settings_review.html", context)


# What is shown


def _page(visit: Visit, section: Section, entered: Entered, status: int = 200) -> Page:
    loaded = visit.desk.configuration.load()
    shown = make_fields(section, loaded, entered.texts, entered.errors)
    common = SectionPage(tuple(SECTIONS.values()), section, shown, len(entered.errors))
    more = MORE.get(section.name)
    return Page(section.template, more(visit, common, loaded, entered) if more else common, status=status)


def _whole(kind: Callable[..., Any], common: SectionPage, **more: Any) -> Any:
    return kind(**{each.name: getattr(common, each.name) for each in fields(common)}, **more)


def _connection(visit: Visit, common: SectionPage, loaded: LoadedSettings, _entered: Entered) -> ConnectionPage:
    desk, store = visit.desk, visit.desk.store
    queue = store.queue_status()
    page: ConnectionPage = _whole(
        ConnectionPage,
        common,
        token_place=token_place(desk.client.site_url),
        scopes=SCOPES,
        connection=find_last(store, loaded.values.token),
        waiting=queue.pending + queue.leased,
        linked=store.count_links(),
    )
    return page


def _price_stock(visit: Visit, common: SectionPage, loaded: LoadedSettings, entered: Entered) -> PriceStockPage:
    sku, example, trouble = visit.request.args.get("example", "").strip(), None, ""
    values = _tried_on(visit, loaded, entered)
    try:
        if sku:
            product = read_product(visit.desk.host, sku)
            trouble = "" if product else f"No product has the SKU {sku}; capital letters and blanks count."
        else:
            product = choose_example(glance(visit.desk, MOST_EXAMPLES).products(), values)
        example = work_example(product, values) if product is not None else None
    except PluginError as error:
        trouble = error.message
    page: PriceStockPage = _whole(PriceStockPage, common, example=example, example_sku=sku, example_trouble=trouble)
    return page


def _tried_on(visit: Visit, loaded: LoadedSettings, entered: Entered) -> Settings:
    """The settings with what was entered, as far as it can be used."""
    usable = {name: text for name, text in entered.texts.items() if name not in entered.errors}
    return visit.desk.configuration.with_texts(usable) if usable else loaded.values


def _conditions(visit: Visit, common: SectionPage, loaded: LoadedSettings, entered: Entered) -> ConditionsPage:
    words, trouble = find_words(visit.desk)
    text = entered.texts.get("condition_map")
    mapped = loaded.values.condition_map if text is None else get_info("condition_map").parse(text)
    page: ConditionsPage = _whole(
        ConditionsPage,
        common,
        rows=condition_rows(words, mapped),
        names=CONDITION_NAMES,
        words_trouble=trouble,
        default_name=common.fields["default_condition"].text,
        lone_word=_lone_word(entered, "condition_map"),
    )
    return page


def _lone_word(entered: Entered, name: str) -> str:
    """A word of a map for which nothing was chosen."""
    error = entered.errors.get(name)
    return str(error.value) if error is not None else ""


def _orders(visit: Visit, common: SectionPage, loaded: LoadedSettings, entered: Entered) -> OrdersPage:
    text = entered.texts.get("carrier_map")
    mapped = loaded.values.carrier_map if text is None else get_info("carrier_map").parse(text)
    page: OrdersPage = _whole(
        OrdersPage,
        common,
        able=_what_the_shop_takes(visit.desk.host),
        carriers=tuple(sorted(mapped.items())),
        providers=PROVIDERS,
        lone_word=_lone_word(entered, "carrier_map"),
        address=f"https://{visit.request.host}{visit.url('overview').rstrip('/')}/webhooks",
        said={},
        trouble="",
    )
    return page


def _what_the_shop_takes(host: Host) -> str:
    """What a sale cannot do in this shop; empty when it can do all."""
    if isinstance(host, TakesOrders):
        return ""
    if isinstance(host, ChangesQuantity | TakesQuantity):
        return "This shop takes no orders from outside; whatever is chosen, a sale lowers its stock."
    return "This shop takes neither orders nor quantities from outside: each order says what to do by hand."


def _categories(visit: Visit, common: SectionPage, loaded: LoadedSettings, _entered: Entered) -> CategoriesPage:
    words, trouble = find_words(visit.desk)
    rows = category_rows(words, loaded.values.category_map, find_kept(visit.desk.store))
    page: CategoriesPage = _whole(CategoriesPage, common, rows=rows, words_trouble=trouble)
    return page


MORE: Mapping[str, Callable[[Visit, SectionPage, LoadedSettings, Entered], Any]] = {
    "connection": _connection,
    WITH_EXAMPLE: _price_stock,
    "conditions": _conditions,
    "categories": _categories,
    ORDERS: _orders,
}
"""What a section shows besides its fields."""

ROUTES = (
    Route("/settings", "settings", show),
    Route("/settings/<section>", "settings-section", show_section),
    Route("/settings/<section>", "settings-save", save, "POST"),
    Route("/settings/connection/try", "connection-try", try_now, "POST"),
    Route("/settings/connection/forget-token", "token-forget", forget_token, "POST"),
    Route("/settings/orders/secret", "secret-renew", renew_secret, "POST"),
    Route("/settings/orders/forget-secret", "secret-forget", forget_secret, "POST"),
    Route("/settings/orders/call", "webhooks-register", ask_to_call, "POST"),
    *category_choice.ROUTES,
)
