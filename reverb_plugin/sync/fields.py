"""The groups of fields that a seller has a policy for, and how a sent value is remembered."""

import hashlib
import json
from enum import StrEnum
from typing import Any, TypeAlias

from reverb_plugin.settings import Policy, Settings

Fields: TypeAlias = dict[str, Any]
"""Fields of a listing as Reverb's API names them, with values ready for JSON."""


class Group(StrEnum):
    """What a policy is set for; the setting is ``policy_<group>``."""

    TITLE = "title"
    DESCRIPTION = "description"
    PRICE = "price"
    QUANTITY = "quantity"
    CONDITION = "condition"
    MAKE_MODEL = "make_model"
    YEAR = "year"
    FINISH = "finish"
    CATEGORIES = "categories"
    PHOTOS = "photos"
    SHIPPING_PROFILE = "shipping_profile"
    UPC = "upc"
    OFFERS = "offers"


def policy_of(settings: Settings, group: Group) -> Policy:
    """When the seller wants the group to be sent."""
    policy: Policy = getattr(settings, f"policy_{group}")
    return policy


def fingerprint(value: object) -> str:
    """A short hash that is equal for equal values; it is what we remember of a value that Reverb accepted."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
