"""Links: which listing belongs to which SKU, and what Reverb last accepted for it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, select, update
from sqlalchemy.dialects.sqlite import insert

from reverb_plugin.store.schema import links


@dataclass(frozen=True, slots=True)
class Link:
    """What is remembered of one SKU in one environment.

    ``sent`` maps each field of the API to the fingerprint of the value that Reverb last accepted. ``photos`` are
    the source URLs as they were first sent: Reverb knows its photos by them. ``owed`` are the groups of fields of which
    something had to be left out when the listing was made. ``deleted_at`` is the tombstone: the
    product was deleted in the shop, and its listing must not be made again by anything but a new save.
    """

    sku: str
    listing_id: str | None = None
    product_id: str | None = None
    state: str | None = None
    condition_uuid: str | None = None
    web_url: str | None = None
    sent: Mapping[str, str] = field(default_factory=dict)
    photos: tuple[str, ...] = ()
    ended_by_us: bool = False
    publish_withheld: bool = False
    owed: tuple[str, ...] = ()
    deleted_at: datetime | None = None


_COLUMNS = tuple(Link.__dataclass_fields__)
_new = insert(links)
_SAVE = _new.on_conflict_do_update(
    index_elements=["environment", "sku"], set_={name: _new.excluded[name] for name in _COLUMNS if name != "sku"}
)


def publish(connection: Connection, environment: str, link: Link) -> None:
    """The draft of this link is on sale. What was learnt of the SKU since the listing was read is newer, and stays."""
    chosen = (
        links.c.environment == environment,
        links.c.sku == link.sku,
        links.c.listing_id == link.listing_id,
        links.c.state == "draft",  # as Reverb calls it
    )
    connection.execute(update(links).where(*chosen).values(state=link.state, web_url=link.web_url))


def find(connection: Connection, environment: str, sku: str) -> Link | None:
    """The link of a SKU."""
    row = connection.execute(select(links).where(links.c.environment == environment, links.c.sku == sku)).one_or_none()
    return None if row is None else _link(row)


def find_all(connection: Connection, environment: str, skus: Iterable[str]) -> Mapping[str, Link]:
    """The links of these SKUs."""
    rows = connection.execute(select(links).where(links.c.environment == environment, links.c.sku.in_(list(skus))))
    return {row.sku: _link(row) for row in rows}


def find_by_product(connection: Connection, environment: str, product_id: str) -> tuple[Link, ...]:
    """The links made for the product of this id, whatever its SKU was; several when it has variants."""
    rows = connection.execute(select(links).where(links.c.environment == environment, links.c.product_id == product_id))
    return tuple(_link(row) for row in rows)


def is_linked(connection: Connection, environment: str, listing_id: str) -> bool:
    """Whether the listing belongs to some SKU."""
    query = select(links.c.sku).where(links.c.environment == environment, links.c.listing_id == listing_id)
    return connection.execute(query.limit(1)).scalar() is not None


def skus_of_listings(connection: Connection, environment: str, listing_ids: Iterable[str]) -> Mapping[str, str]:
    """The SKU that each of these listings belongs to, as far as they are linked."""
    chosen = (links.c.environment == environment, links.c.listing_id.in_([each for each in listing_ids if each]))
    rows = connection.execute(select(links.c.listing_id, links.c.sku).where(*chosen))
    return {row.listing_id: row.sku for row in rows}


def save(connection: Connection, environment: str, *several: Link) -> None:
    """Remembers links in place of what was known of their SKUs."""
    values = [
        {name: getattr(link, name) for name in _COLUMNS}
        | {"environment": environment, "sent": dict(link.sent), "photos": list(link.photos), "owed": list(link.owed)}
        for link in several
    ]
    if values:
        connection.execute(_SAVE, values)


def remove(connection: Connection, environment: str, sku: str) -> None:
    """Forgets the link of a SKU."""
    connection.execute(delete(links).where(links.c.environment == environment, links.c.sku == sku))


def forget_sent(connection: Connection, sku: str) -> None:
    """It is no longer known what Reverb has accepted for a SKU, so that everything counts as changed."""
    connection.execute(update(links).where(links.c.sku == sku).values(sent={}))


def count(connection: Connection, environment: str) -> int:
    """How many SKUs have a listing."""
    query = select(func.count()).where(links.c.environment == environment, links.c.listing_id.is_not(None))
    return connection.execute(query).scalar_one()


def _link(row: Row[Any]) -> Link:
    values = {name: getattr(row, name) for name in _COLUMNS}
    return Link(**values | {"photos": tuple(row.photos), "owed": tuple(row.owed)})
