"""The groups of fields that a seller has a policy for, and how a sent value is remembered."""

import hashlib
import json
from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
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


GROUP_OF: Mapping[str, Group] = MappingProxyType(
    {
        "title": Group.TITLE,
        "description": Group.DESCRIPTION,
        "price": Group.PRICE,
        "inventory": Group.QUANTITY,
        "has_inventory": Group.QUANTITY,
        "condition": Group.CONDITION,
        "make": Group.MAKE_MODEL,
        "model": Group.MAKE_MODEL,
        "year": Group.YEAR,
        "finish": Group.FINISH,
        "categories": Group.CATEGORIES,
        "photos": Group.PHOTOS,
        "shipping_profile_id": Group.SHIPPING_PROFILE,
        "upc": Group.UPC,
        "upc_does_not_apply": Group.UPC,
        "offers_enabled": Group.OFFERS,
    }
)
"""Which group a field of the API belongs to."""


_ENCODER = json.JSONEncoder(sort_keys=True, ensure_ascii=False, default=str)  # json.dumps makes one for each call


def policy_of(settings: Settings, group: Group) -> Policy:
    """When the seller wants the group to be sent."""
    policy: Policy = getattr(settings, f"policy_{group}")
    return policy


def fingerprint(value: object) -> str:
    """A short hash that is equal for equal values; it is what we remember of a value that Reverb accepted."""
    return hashlib.sha256(_ENCODER.encode(value).encode()).hexdigest()[:16]
