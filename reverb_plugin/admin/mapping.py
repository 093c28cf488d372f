"""The shop's words beside Reverb's, for conditions and for categories."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from reverb_plugin.categories import Categories
from reverb_plugin.glance import Words
from reverb_plugin.reverb_api.conditions import CONDITIONS, find_condition

CONDITION_NAMES = tuple(condition.display_name for condition in CONDITIONS)


@dataclass(frozen=True, slots=True)
class ConditionRow:
    """A word of the shop, how many products have it, Reverb's name that was chosen for it, and the one it means anyway.

    ``count`` is None when the products could not be looked at.
    """

    word: str
    count: int | None
    chosen: str
    meant: str


@dataclass(frozen=True, slots=True)
class CategoryRow:
    """A category of the shop, how many products are in it, and Reverb's category for it.

    ``name`` is empty while Reverb's categories were never read; ``is_known`` is False when Reverb has no such category
    any more; ``is_mapped`` is False for a word that was not mapped, which may be a uuid of Reverb's itself.
    """

    word: str
    count: int | None
    uuid: str
    name: str
    is_known: bool
    is_mapped: bool


def condition_rows(words: Words | None, mapped: Mapping[str, str]) -> tuple[ConditionRow, ...]:
    """All words of the shop and of the map; those that nobody understands come first, then the most frequent."""
    counts = words.conditions if words is not None else None
    rows = [
        ConditionRow(word, None if counts is None else counts[word], _name(mapped.get(word, "")), _name(word))
        for word in {**dict.fromkeys(counts or ()), **mapped}
        if word
    ]
    return tuple(sorted(rows, key=lambda row: (bool(row.chosen or row.meant), -(row.count or 0), row.word)))


def read_pairs(words: Sequence[str], chosen: Sequence[str]) -> tuple[str, str]:
    """The text of a map for the rows of its form, and a new word for which nothing was chosen.

    A row without a choice is no entry; the last row is the one for a new word.
    """
    pairs = [(word.strip(), name) for word, name in zip(words, chosen, strict=False)]
    lone_word = pairs[-1][0] if pairs and not pairs[-1][1] else ""
    return json.dumps({word: name for word, name in pairs if word and name}, ensure_ascii=False), lone_word


def category_rows(
    words: Words | None, mapped: Mapping[str, str], categories: Categories | None
) -> tuple[CategoryRow, ...]:
    """All categories of the shop and of the map; those without one of Reverb's come first, then the most frequent."""
    counts = words.categories if words is not None else None
    rows = [
        _category_row(word, None if counts is None else counts[word], mapped, categories)
        for word in {**dict.fromkeys(counts or ()), **mapped}
    ]
    return tuple(sorted(rows, key=lambda row: (bool(row.uuid and row.is_known), -(row.count or 0), row.word)))


def _category_row(
    word: str, count: int | None, mapped: Mapping[str, str], categories: Categories | None
) -> CategoryRow:
    uuid = mapped.get(word, word if is_uuid(word) else "")
    found = categories.find(uuid) if categories is not None else None
    is_known = found is not None or categories is None
    return CategoryRow(word, count, uuid, found.full_name if found else "", is_known, word in mapped)


def is_uuid(text: str) -> bool:
    """The text is a uuid, as Reverb's categories have."""
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _name(word: str) -> str:
    condition = find_condition(word)
    return condition.display_name if condition is not None else ""
