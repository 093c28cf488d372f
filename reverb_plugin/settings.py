"""One table of settings: the fields of :class:`Settings`.

Each field carries how its text is read, its default and its help; that one table drives parsing, the command line,
the page, the documentation and redaction. A value is looked for in four places, the first one wins: an argument of
``configure``, the environment variable ``REVERB_<NAME>``, the database, the default.
"""

import dataclasses
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, Literal
from urllib.parse import urlsplit

from reverb_plugin.addresses import is_loopback
from reverb_plugin.errors import InvalidSettingError
from reverb_plugin.redact import MASK, Secret

Source = Literal["argument", "environment", "database", "default"]
Kind = Literal["switch", "choice", "number", "text", "list", "map", "secret"]

_ORIGIN = re.compile(r"'self'|https?://(\*\.)?[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*(:([0-9]{1,5}|\*))?")

_BETWEEN_WORDS = re.compile(r"(?<!\[)\||\|(?!])")
"""In a pattern each character stands for itself in brackets, so that ``[|]`` separates nothing."""


class Environment(StrEnum):
    """Which Reverb: the one for trying things out, or the real one."""

    SANDBOX = "sandbox"
    PRODUCTION = "production"


class Policy(StrEnum):
    """When a field of the product is sent to its listing."""

    ALWAYS = "always"
    ON_CREATE = "create"
    NEVER = "never"


class Rounding(StrEnum):
    """How an adjusted price is rounded."""

    CENT = "cent"
    WHOLE = "whole"
    NINETY_NINE = "ninety-nine"


class Deleted(StrEnum):
    """What becomes of the listing of a product that was deleted in the shop."""

    END = "end"
    LEAVE = "leave"


class OrderMode(StrEnum):
    """How much of Reverb's orders the shop gets."""

    OFF = "off"
    STOCK = "stock"
    ORDERS = "orders"
    SHIPMENTS = "orders-and-shipments"


class WantedOrders(StrEnum):
    """Which orders the shop gets."""

    PAID = "paid"
    ALL = "all"


class Restock(StrEnum):
    """What becomes of the pieces of an order that was called off."""

    ASK = "ask"
    ALWAYS = "always"
    NEVER = "never"


class Edits(StrEnum):
    """What becomes of a quantity that somebody changed on Reverb."""

    TAKE = "take"
    OVERWRITE = "overwrite"


@dataclass(frozen=True, slots=True)
class SettingInfo:
    """What is known of one setting besides its value."""

    name: str
    kind: Kind
    help: str
    default: Any
    choices: tuple[str, ...]
    read: Callable[[str], Any]

    @property
    def variable(self) -> str:
        """The environment variable that overrides the database."""
        return f"REVERB_{self.name.upper()}"

    @property
    def secret(self) -> bool:
        """Whether the value is never shown."""
        return self.kind == "secret"

    def parse(self, text: str) -> Any:
        """The value that ``text`` stands for; raises :class:`InvalidSettingError` naming setting and value."""
        shown = MASK if self.secret else text
        try:
            return self.read(text.strip())
        except InvalidOperation:
            raise InvalidSettingError(self.name, shown, "must be a number") from None
        except ValueError as error:
            raise InvalidSettingError(self.name, shown, str(error)) from None


def show(value: object) -> str:
    """The text of a value, such that :meth:`SettingInfo.parse` gives the value again; a secret shows its mask."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, tuple):
        return " | ".join(value)
    if isinstance(value, Mapping):
        return json.dumps(dict(value), ensure_ascii=False, sort_keys=True)
    return str(value)


def _switch(default: bool, text: str) -> Any:
    def read(given: str) -> bool:
        if given.lower() in {"on", "true", "yes", "1"}:
            return True
        if given.lower() in {"off", "false", "no", "0"}:
            return False
        raise ValueError("must be on or off")

    return _setting(default, "switch", text, read, ("on", "off"))


def _choice(default: StrEnum, text: str) -> Any:
    choices = type(default)

    def read(given: str) -> StrEnum:
        if given.lower() not in list(choices):
            raise ValueError("must be one of " + ", ".join(choices))
        return choices(given.lower())

    return _setting(default, "choice", text, read, tuple(choices))


def _whole(default: int | None, text: str, *, low: int, high: int) -> Any:
    def read(given: str) -> int | None:
        if given == "" and default is None:
            return None
        if not given.isdecimal() or not low <= int(given) <= high:
            raise ValueError(f"must be a whole number from {low} to {high}")
        return int(given)

    return _setting(default, "number", text, read)


def _percent(default: Decimal, text: str, *, low: int, high: int) -> Any:
    def read(given: str) -> Decimal:
        percent = Decimal(given)
        if not percent.is_finite() or not low <= percent <= high:
            raise ValueError(f"must be a number from {low} to {high}")
        return percent

    return _setting(default, "number", text, read)


def _amount(text: str) -> Any:
    def read(given: str) -> Decimal | None:
        if given == "":
            return None
        amount = Decimal(given)
        if not amount.is_finite() or amount < 0:
            raise ValueError("must be an amount from 0")
        return amount

    return _setting(None, "number", text, read)


def _words(text: str) -> Any:
    def read(given: str) -> tuple[str, ...]:
        return tuple(word for each in _BETWEEN_WORDS.split(given) if (word := each.strip()))

    return _setting((), "list", text, read)


def _text(default: str, text: str) -> Any:
    return _setting(default, "text", text, str)


def _origins(default: str, text: str) -> Any:
    """What a policy for frames may name. Source: Content Security Policy Level 3, ``frame-ancestors``."""

    def read(given: str) -> str:
        words = given.split()
        if words != ["'none'"] and not (words and all(map(_ORIGIN.fullmatch, words))):
            raise ValueError("must be 'self', 'none' or addresses such as https://admin.example.com")
        return " ".join(words)

    return _setting(default, "text", text, read)


def _index(default: str, text: str) -> Any:
    """The address of a package index; a password would be shown to everybody who may see the settings."""

    def read(given: str) -> str:
        parts = urlsplit(given)
        host = parts.hostname or ""
        if parts.username is not None or parts.query or parts.fragment:
            raise ValueError("must hold neither user, password, query nor fragment (~/.netrc can hold a password)")
        if not host or not (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host))):
            raise ValueError("must begin with https:// (http:// only to this machine itself)")
        return given.rstrip("/") + "/"

    return _setting(default, "text", text, read)


def _day(text: str) -> Any:
    def read(given: str) -> date | None:
        try:
            return date.fromisoformat(given) if given else None
        except ValueError:
            raise ValueError("must be a date such as 2026-01-31") from None

    return _setting(None, "text", text, read)


def _map(text: str) -> Any:
    def read(given: str) -> dict[str, str]:
        content = json.loads(given or "{}")
        if not isinstance(content, dict) or not all(isinstance(value, str) for value in content.values()):
            raise ValueError('must be a JSON object of texts, such as {"Guitars": "..."}')
        return content

    return _setting({}, "map", text, read)


def _secret(text: str) -> Any:
    def read(given: str) -> Secret | None:
        if not given.isprintable() or " " in given or not given.isascii():
            raise ValueError("must be printable and without blanks")
        return Secret(given) if given else None

    return _setting(None, "secret", text, read)


def _setting(default: Any, kind: Kind, text: str, read: Callable[[str], Any], choices: tuple[str, ...] = ()) -> Any:
    info = {"kind": kind, "help": text, "read": read, "choices": choices}
    if isinstance(default, dict):
        return field(default_factory=dict, metadata=info)
    return field(default=default, metadata=info)


def _policy(default: Policy, what: str) -> Any:
    return _choice(default, f"When to send {what} of a product: always, on create only, or never.")


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings with their values; the defaults are as careful as Reverb's own plugins."""

    token: Secret | None = _secret("The personal access token, made on Reverb under API & Integrations.")
    environment: Environment = _choice(
        Environment.SANDBOX, "Which Reverb to talk to. A token belongs to one of the two and is refused by the other."
    )
    auto_sync: bool = _switch(
        True,
        "Push a product by itself when it is saved. When off, saved products wait for a push by hand; orders, "
        "cancellations and refunds in the shop still move the stock on Reverb, because it would oversell otherwise.",
    )
    auto_publish: bool = _switch(False, "Publish new listings at once. When off, they are made as drafts.")
    create_listings: bool = _switch(True, "Make a listing for a product whose SKU is not on Reverb yet.")
    deleted_products: Deleted = _choice(
        Deleted.END,
        "What becomes of the listing when its product is deleted in the shop: end it (a draft is deleted) or leave it.",
    )
    policy_title: Policy = _policy(Policy.ON_CREATE, "the title")
    policy_description: Policy = _policy(Policy.ON_CREATE, "the description")
    policy_price: Policy = _policy(Policy.ALWAYS, "the price")
    policy_quantity: Policy = _policy(Policy.ALWAYS, "the quantity")
    policy_condition: Policy = _policy(Policy.ON_CREATE, "the condition")
    policy_make_model: Policy = _policy(Policy.ON_CREATE, "make and model")
    policy_year: Policy = _policy(Policy.ON_CREATE, "the year")
    policy_finish: Policy = _policy(Policy.ON_CREATE, "the finish")
    policy_categories: Policy = _policy(Policy.ON_CREATE, "the categories")
    policy_photos: Policy = _policy(Policy.ON_CREATE, "the list of photos")
    policy_shipping_profile: Policy = _policy(Policy.ON_CREATE, "the shipping profile")
    policy_upc: Policy = _policy(Policy.ON_CREATE, "the UPC or EAN")
    policy_offers: Policy = _policy(Policy.ON_CREATE, "the switch for offers")
    default_condition: str = _text("Brand New", "The condition of a product that names none.")
    condition_map: Mapping[str, str] = _map("The shop's words for conditions, each with Reverb's name for it.")
    category_map: Mapping[str, str] = _map("The shop's categories, each with the uuid of Reverb's category.")
    price_percent: Decimal = _percent(
        Decimal(0), "Percent added to the shop's price on Reverb; negative takes off.", low=-90, high=1000
    )
    price_rounding: Rounding = _choice(
        Rounding.CENT, "How the price on Reverb is rounded: to the cent, to the whole amount, or to end in .99."
    )
    stock_buffer: int = _whole(
        0, "Units held back from Reverb. One-of-a-kind items are not held back.", low=0, high=1_000_000
    )
    stock_maximum: int | None = _whole(
        None, "The most units ever shown on Reverb; empty for no limit.", low=1, high=1_000_000
    )
    exclude_skus: tuple[str, ...] = _words(
        "SKUs that are left alone, separated by |; * stands for any characters, [*] for a star."
    )
    exclude_categories: tuple[str, ...] = _words(
        "The shop's categories whose products are left alone, separated by |; * stands for any characters."
    )
    exclude_makes: tuple[str, ...] = _words("Makes that are left alone, separated by |; * stands for any characters.")
    exclude_price_below: Decimal | None = _amount("Products cheaper than this are left alone; empty for no limit.")
    exclude_price_above: Decimal | None = _amount("Products dearer than this are left alone; empty for no limit.")
    exclude_out_of_stock: bool = _switch(
        False, "Make no listing for a product without stock. A listing that exists still goes down to 0."
    )
    brake_percent: int = _whole(
        20,
        "A mass sync that would end, zero or reprice more than this share of the live listings (in percent), and at "
        "least 5 of them, stops and asks.",
        low=1,
        high=100,
    )
    mass_sync_pause_hours: int = _whole(
        12, "Hours that must pass between two mass syncs, because they weigh on Reverb.", low=0, high=720
    )
    drift_check_hours: int = _whole(
        24,
        "Hours between two drift checks, which compare shop and Reverb without writing; 0 for none.",
        low=0,
        high=720,
    )
    orders: OrderMode = _choice(
        OrderMode.OFF,
        "What a sale on Reverb does in the shop. off: nothing, so the same piece can be sold twice; stock: it lowers "
        "the shop's stock; orders: the order is placed in the shop, which lowers its stock; orders-and-shipments: "
        "parcels are told to Reverb as well.",
    )
    orders_poll_minutes: int = _whole(5, "Minutes between two looks for orders on Reverb.", low=1, high=1440)
    orders_since: date | None = _day(
        "Orders from before this day (YYYY-MM-DD, UTC) are left alone; empty for the moment they were first looked for."
    )
    orders_wanted: WantedOrders = _choice(
        WantedOrders.PAID, "Which orders are placed in the shop: those that are paid, or all."
    )
    restock: Restock = _choice(
        Restock.ASK,
        "Whether the pieces of an order that was cancelled or refunded on Reverb go back into the shop's stock.",
    )
    reverb_edits: Edits = _choice(
        Edits.TAKE,
        "What happens when somebody changes a quantity on Reverb by hand, while orders are on: the shop takes the "
        "difference over, or its own number overwrites it.",
    )
    carrier_map: Mapping[str, str] = _map("The shop's words for carriers, each with Reverb's name for it.")
    webhook_secret: Secret | None = _secret(
        "The secret path at which Reverb's webhooks are received; empty for none. `reverb-plugin webhooks` makes one."
    )
    buyer_data_days: int = _whole(
        30, "Days that a buyer's name and place are kept beside an order; 0 keeps none.", low=0, high=3650
    )
    requests_per_minute: int = _whole(
        120, "The most requests sent to Reverb in a minute, by all processes together.", low=1, high=600
    )
    log_retention_days: int = _whole(90, "Rows of the sync log older than this are deleted.", low=1, high=3650)
    log_retention_rows: int = _whole(
        100_000, "The most rows kept in the sync log; the oldest go first.", low=1_000, high=10_000_000
    )
    frame_ancestors: str = _origins(
        "'self'", "Which sites may show the admin page in a frame, separated by blanks: 'self', addresses, or 'none'."
    )
    update_check: bool = _switch(
        True, "Look once a day whether there is a newer version of the plugin, and tell of it. Nothing is installed."
    )
    update_index_url: str = _index(
        "https://pypi.org/simple/",
        "The package index where newer versions are looked for and installed from, and no other. It cannot be changed "
        "on the page.",
    )


NO_SUBSTITUTE = frozenset({"update_index_url"})
"""Is "" when what was given cannot be used."""

SETTINGS: Mapping[str, SettingInfo] = {
    each.name: SettingInfo(
        each.name,
        each.metadata["kind"],
        each.metadata["help"],
        {} if each.default is dataclasses.MISSING else each.default,
        each.metadata["choices"],
        each.metadata["read"],
    )
    for each in dataclasses.fields(Settings)
}


def get_info(name: str) -> SettingInfo:
    """What is known of the setting ``name``; raises :class:`InvalidSettingError` for a name that is none."""
    if name not in SETTINGS:
        raise InvalidSettingError("setting", name, "there is no setting of this name")
    return SETTINGS[name]


@dataclass(frozen=True, slots=True)
class LoadedSettings:
    """The values in force, where each came from, and which given values could not be used."""

    values: Settings
    sources: Mapping[str, Source]
    problems: tuple[InvalidSettingError, ...]


def load_settings(
    arguments: Mapping[str, str], environ: Mapping[str, str], stored: Mapping[str, str]
) -> LoadedSettings:
    """Puts the values together from their sources.

    A value that cannot be used is reported and passed over: the next source speaks, at last the default. Only where the
    plugin itself comes from has no substitute: a mistyped index of one's own must not become the public one.
    """
    values: dict[str, Any] = {}
    sources: dict[str, Source] = {}
    problems: list[InvalidSettingError] = []
    for info in SETTINGS.values():
        given: tuple[tuple[Source, str | None], ...] = (
            ("argument", arguments.get(info.name)),
            ("environment", environ.get(info.variable)),
            ("database", stored.get(info.name)),
        )
        sources[info.name] = "default"
        for source, text in given:
            if text is None:
                continue
            try:
                values[info.name] = info.parse(text)
            except InvalidSettingError as error:
                problems.append(error)
                if info.name not in NO_SUBSTITUTE:
                    continue
                values[info.name] = ""
            sources[info.name] = source
            break
    return LoadedSettings(Settings(**values), sources, tuple(problems))
