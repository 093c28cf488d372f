"""Reverb's ten conditions: ids, names, and which of them can hold more than one piece.

The ids are the same in production and sandbox.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Condition:
    """One of Reverb's conditions; ``holds_stock`` says whether its listings may have an inventory above 1."""

    uuid: str
    display_name: str
    holds_stock: bool = False


CONDITIONS = (
    Condition("7c3f45de-2ae0-4c81-8400-fdb6b1d74890", "Brand New", holds_stock=True),
    # Reverb grants these two to approved accounts only; others get a refusal that says so.
    Condition("6db7df88-293b-4017-a1c1-cdb5e599fa1a", "Mint (with inventory)", holds_stock=True),
    Condition("9225283f-60c2-4413-ad18-1f5eba7a856f", "B-Stock", holds_stock=True),
    Condition("ac5b9c1e-dc78-466d-b0b3-7cf712967a48", "Mint"),
    Condition("df268ad1-c462-4ba6-b6db-e007e23922ea", "Excellent"),
    Condition("ae4d9114-1bd7-4ec5-a4ba-6653af5ac84d", "Very Good"),
    Condition("f7a3f48c-972a-44c6-b01a-0cd27488d3f6", "Good"),
    Condition("98777886-76d0-44c8-865e-bb40e669e934", "Fair"),
    Condition("6a9dfcad-600b-46c8-9e08-ce6e5057921e", "Poor"),
    Condition("fbf35668-96a0-4baa-bcde-ab18d6b1b329", "Non Functioning"),
)


def find_condition(name: str) -> Condition | None:
    """The condition that a person calls ``name``; case, blanks and punctuation do not matter."""
    return _BY_NAME.get(_letters(name))


def find_condition_by_uuid(uuid: str | None) -> Condition | None:
    """The condition with Reverb's id; None for an id that is not among the ten."""
    return _BY_UUID.get(uuid.strip().lower()) if uuid else None


def _letters(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())


_BY_NAME = {_letters(condition.display_name): condition for condition in CONDITIONS}
_BY_UUID = {condition.uuid: condition for condition in CONDITIONS}
