"""What changed: the values that the outbox keeps. They say what to look at again, never what to send."""

from dataclasses import dataclass
from enum import IntEnum, StrEnum


class Kind(StrEnum):
    """What a job does."""

    PUSH_PRODUCT = "push_product"
    END_LISTING = "end_listing"
    CHECK_PUBLISH = "check_publish"
    RUN_STEP = "run_step"
    APPLY_ROW = "apply_row"
    TAKE_QUANTITY = "take_quantity"
    POLL_ORDERS = "poll_orders"
    IMPORT_ORDER = "import_order"
    MOVE_STOCK = "move_stock"
    SHIP_ORDER = "ship_order"


class Scope(StrEnum):
    """How much of a product a push looks at: the quantity alone, or all fields."""

    STOCK = "stock"
    ALL = "all"


class Priority(IntEnum):
    """Which jobs go first; the lowest number does."""

    ORDERS = -1
    STOCK = 0
    SAVED = 1
    MASS = 2


class Reason(StrEnum):
    """Which event made us look."""

    PRODUCT_SAVED = "product saved"
    PRODUCT_DELETED = "product deleted"
    ORDER_PLACED = "order placed"
    ORDER_CANCELLED = "order cancelled"
    REFUND = "refund"
    BY_HAND = "by hand"
    LISTING_PUBLISHED = "listing published"
    MASS_SYNC = "mass sync"
    REVERB_ORDER = "order on Reverb"
    REVERB_EDIT = "edit on Reverb"
    SHIPMENT = "shipment"
    SCHEDULE = "schedule"


class Action(StrEnum):
    """What an attempt did last, or tried to."""

    READ_SHOP = "read shop"
    LOOK_UP = "look up"
    CREATE = "create"
    UPDATE = "update"
    PUBLISH = "publish"
    END = "end"
    DELETE = "delete"
    TAKE = "take over"
    POLL = "poll"
    IMPORT = "import"
    MOVE = "move stock"
    SHIP = "ship"


class Outcome(StrEnum):
    """How an attempt ended."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    ENDED = "ended"
    SKIPPED = "skipped"
    REFUSED = "refused"
    DEFERRED = "deferred"
    IMPORTED = "imported"
    CANCELLED = "cancelled"
    MOVED = "moved"
    SHIPPED = "shipped"


@dataclass(frozen=True, slots=True)
class Change:
    """One thing to look at again: ``key`` is the SKU, or the number of a run or order, or the environment of a poll."""

    kind: Kind
    key: str
    reason: Reason
    scope: Scope = Scope.ALL
    priority: Priority = Priority.SAVED
    delay_seconds: float = 0.0


def product_changed(sku: str, reason: Reason) -> Change:
    """All fields of the product may be new."""
    return Change(Kind.PUSH_PRODUCT, sku, reason)


def stock_changed(sku: str, reason: Reason) -> Change:
    """Only the quantity is new; it goes before everything else, because a late quantity oversells."""
    return Change(Kind.PUSH_PRODUCT, sku, reason, Scope.STOCK, Priority.STOCK)


def step_of_run(run_id: int, delay_seconds: float = 0.0) -> Change:
    """The run has a step to do; saves and orders go before it."""
    return Change(Kind.RUN_STEP, str(run_id), Reason.MASS_SYNC, Scope.ALL, Priority.MASS, delay_seconds=delay_seconds)


def product_deleted(sku: str) -> Change:
    """The product is gone from the shop."""
    return Change(Kind.END_LISTING, sku, Reason.PRODUCT_DELETED, Scope.ALL, Priority.STOCK)


def orders_changed(environment: str) -> Change:
    """There may be news among the orders; they go before every push of a quantity."""
    return Change(Kind.POLL_ORDERS, environment, Reason.SCHEDULE, priority=Priority.ORDERS)


def order_changed(number: str) -> Change:
    """The shop has to be told of an order."""
    return Change(Kind.IMPORT_ORDER, number, Reason.REVERB_ORDER)


def units_due(sku: str, reason: Reason) -> Change:
    """The shop's stock of the SKU has to be moved."""
    return Change(Kind.MOVE_STOCK, sku, reason, Scope.STOCK, Priority.ORDERS)


def shipment_noted(order_id: str) -> Change:
    """Reverb has to be told of a parcel."""
    return Change(Kind.SHIP_ORDER, order_id, Reason.SHIPMENT)
