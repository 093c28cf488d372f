"""The fields of a request and their values, in words for people who do not know Reverb's API."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from reverb_plugin.admin.desk import Desk
from reverb_plugin.categories import find_kept

LONGEST = 300
NAMES: Mapping[str, str] = MappingProxyType(
    {
        "inventory": "quantity",
        "has_inventory": "counts its stock",
        "upc": "UPC or EAN",
        "upc_does_not_apply": "has no UPC",
        "offers_enabled": "takes offers",
        "shipping_profile_id": "shipping profile",
        "publish": "on sale",
        "make_model": "make and model",
        "offers": "takes offers",
        "shipping_profile": "shipping profile",
    }
)
FLAGS = {"true": "yes", "false": "no"}
CATEGORIES = "categories"
IMPLIED = frozenset({"has_inventory", "photo_upload_method"})
"""What another field beside it says already."""


@dataclass(frozen=True, slots=True)
class Change:
    """A field with what Reverb shows and what would be sent."""

    name: str
    old: str
    new: str


def field_name(name: str) -> str:
    """The field in words."""
    return NAMES.get(name, name.replace("_", " "))


class FieldWords:
    """Puts values into words; the names of categories are read when one is met, from what is kept of them."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._categories: Mapping[str, str] | None = None

    def changes(self, differences: Iterable[Mapping[str, str]]) -> tuple[Change, ...]:
        """The differences of a row."""
        return tuple(
            Change(field_name(name), self.value(name, each["old"]), self.value(name, each["new"]))
            for each in differences
            for name in [each["field"]]
        )

    def together(self, texts: Mapping[str, str]) -> str:
        """The fields of one group, below each other; a single one needs no name."""
        told = {name: text for name, text in texts.items() if text and name not in IMPLIED}
        is_clear = len(told) == 1 and not FLAGS.keys() & set(told.values())
        begins = {name: "" if is_clear else f"{field_name(name)}: " for name in told}
        together = "\n".join(begins[name] + self.value(name, text) for name, text in told.items())
        return together if len(together) <= LONGEST else together[: LONGEST - 3] + "..."

    def value(self, name: str, text: str) -> str:
        """The value of a field."""
        if name == CATEGORIES:
            return "\n".join(self._category(uuid) for uuid in text.split(", ") if uuid)
        return FLAGS.get(text, text)

    def _category(self, uuid: str) -> str:
        if self._categories is None:
            kept = find_kept(self._desk.store)
            self._categories = {each.uuid: each.full_name for each in kept.rows} if kept is not None else {}
        return self._categories.get(uuid, uuid)
