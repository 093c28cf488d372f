"""The seller's shop and account as far as they can be read and changed."""

from dataclasses import dataclass, field
from typing import Any


def _profiles() -> dict[str, str]:
    return {"61256": "Guitars", "61257": "Small parcels"}


def _address() -> dict[str, Any]:
    return {
        "locality": "Chicago",
        "region": "IL",
        "country_code": "US",
        "display_location": "Chicago, IL, United States",
    }


@dataclass
class Shop:
    """An example shop in Chicago; ``shipping_profiles`` maps ids to names."""

    id: int = 104300
    uuid: str = "00000000-0000-4000-a000-000000000001"
    name: str = "Example Gear Shop"
    slug: str = "example-gear-shop"
    description: str = ""
    currency: str = "USD"
    legal_country_code: str = "US"
    shop_type: str = "business"
    website: str = "https://shop.example"
    payment_policy: str = ""
    shipping_policy: str = ""
    return_policy: str = ""
    address: dict[str, Any] = field(default_factory=_address)
    shipping_profiles: dict[str, str] = field(default_factory=_profiles)
    user_id: int = 1234567
    user_uuid: str = "00000000-0000-4000-b000-000000000001"
    first_name: str = "Alex"
    last_name: str = "Seller"
    email: str = "seller@example.com"
    locale: str = "en"
    shipping_region_code: str = "US_CON"
