"""What Reverb knows about the world of music gear: categories, conditions, carriers, regions, currencies.

The uuids of the conditions and of the five categories that are publicly known are Reverb's own; the other
categories are a believable smaller set with made-up uuids that stay the same from run to run.
"""

import json
import re
import unicodedata
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from importlib import resources
from typing import Any

SEVERAL_IN_STOCK = frozenset({"Brand New", "B-Stock", "Mint (with inventory)"})
"""The conditions that can hold more than one piece; all others are one of a kind."""

FOR_APPROVED_SHOPS = frozenset({"B-Stock", "Mint (with inventory)"})
"""The conditions that Reverb opens for a shop on request."""

_NAMESPACE = uuid.UUID("0b6a3f0e-6a0c-4f6e-9d55-1f1f5f1c2f11")


def slugify(text: str) -> str:
    """``text`` as Reverb writes it in an address: lower case, plain letters and hyphens."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")


@dataclass(frozen=True, slots=True)
class Condition:
    """One of the ten conditions a listing can be in."""

    uuid: str
    display_name: str
    description: str

    @property
    def slug(self) -> str:
        """The name as Reverb writes it in a filter, such as ``very-good``."""
        return slugify(self.display_name)

    @property
    def one_of_a_kind(self) -> bool:
        """Whether a listing in this condition stands for exactly one piece."""
        return self.display_name not in SEVERAL_IN_STOCK


@dataclass(frozen=True)
class Category:
    """One node of the category tree."""

    uuid: str
    name: str
    path: tuple[str, ...]
    root_uuid: str
    children: list["Category"] = field(default_factory=list, compare=False, repr=False)

    @property
    def full_name(self) -> str:
        """The names from the root down, as in ``Amps / Guitar Amps``."""
        return " / ".join(self.path)

    @property
    def middle(self) -> bool:
        """Whether it has both a parent and children: Reverb refuses such a category on a listing."""
        return len(self.path) > 1 and bool(self.children)

    def walk(self) -> Iterator["Category"]:
        """This category and everything below it."""
        yield self
        for child in self.children:
            yield from child.walk()


class Catalogue:
    """The reference data, read once from ``catalogue.json``."""

    def __init__(self) -> None:
        text = resources.files(__package__).joinpath("catalogue.json").read_text("utf-8")
        self._data: dict[str, Any] = json.loads(text)
        self.conditions = [Condition(**row) for row in self._data["conditions"]]
        self.roots = [self._plant((name,), below) for name, below in self._data["categories"].items()]

    def _plant(self, path: tuple[str, ...], below: dict[str, Any]) -> Category:
        category = Category(self._uuid_of(path), path[-1], path, self._uuid_of(path[:1]))
        category.children.extend(self._plant((*path, name), under) for name, under in below.items())
        return category

    def _uuid_of(self, path: tuple[str, ...]) -> str:
        full_name = " / ".join(path)
        known: str | None = self._data["category_uuids"].get(full_name)
        return known or str(uuid.uuid5(_NAMESPACE, full_name))

    @cached_property
    def categories(self) -> dict[str, Category]:
        """Every category by its uuid, in the order of the tree."""
        return {category.uuid: category for root in self.roots for category in root.walk()}

    def find_condition(self, name_or_uuid: str) -> Condition | None:
        """The condition with this uuid, or (as the older API took it) with this display name."""
        for condition in self.conditions:
            if name_or_uuid in (condition.uuid, condition.display_name):
                return condition
        return None

    def rows(self, name: str) -> list[Any]:
        """One of the plain lists: shipping_providers, shipping_regions, countries, ..._currencies."""
        rows: list[Any] = self._data[name]
        return rows


CATALOGUE = Catalogue()
