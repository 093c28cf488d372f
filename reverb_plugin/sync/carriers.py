"""The shop's words for carriers, and Reverb's names for them. Pure."""

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType

OTHER = "Other"

PROVIDERS = (
    "UPS", "USPS", "FedEx", "DHL Deutschland", "DHLExpress", "DHLGlobalMail", "DHL", "Canada Post", "CanPar",
    "Royal Mail", "PostNL", "Australia Post", "EMS", "La Poste - Colissimo", "China Post", "GLS", "Parcelforce",
    "Purolator", "Interlogistica", "Correos España", "Ukraine Post", "DPD Germany", "DPD UK", "DPD France", "Hermes",
    "TNT", OTHER,
)  # fmt: skip
"""Reverb's names, in Reverb's spelling; any other is refused. Source: Reverb's OpenAPI description."""

ALIASES: Mapping[str, str] = MappingProxyType(
    {
        "united parcel service": "UPS",
        "ups ground": "UPS",
        "us postal service": "USPS",
        "united states postal service": "USPS",
        "stamps com": "USPS",
        "endicia": "USPS",
        "federal express": "FedEx",
        "dhl germany": "DHL Deutschland",
        "dhl paket": "DHL Deutschland",
        "deutsche post": "DHL Deutschland",
        "dhl ecommerce": "DHLGlobalMail",
        "postes canada": "Canada Post",
        "auspost": "Australia Post",
        "la poste": "La Poste - Colissimo",
        "colissimo": "La Poste - Colissimo",
        "correos": "Correos España",
        "correos de espana": "Correos España",
        "dpd": "DPD Germany",
        "ukrposhta": "Ukraine Post",
        "evri": "Hermes",
        "myhermes": "Hermes",
        "tnt express": "TNT",
    }
)
"""Other words that carriers go by."""


def find_provider(carrier: str, carrier_map: Mapping[str, str]) -> str:
    """Reverb's name for a carrier: the seller's own choice, the name that the words begin with, or ``Other``."""
    own = {_plain(word): name for word, name in carrier_map.items()}
    names = {_plain(name): name for name in PROVIDERS}
    word = _plain(carrier)
    chosen = own.get(word) or ALIASES.get(word)
    if chosen is not None:
        return names.get(_plain(chosen), OTHER)
    together, words = {plain.replace(" ", ""): name for plain, name in names.items()}, word.split()
    beginnings = (
        "".join(words[:count]) for count in range(len(words), 0, -1)
    )  # the longest first: DHL Express, not DHL
    return next((together[each] for each in beginnings if each in together), OTHER)


def words_by_provider(carrier_map: Mapping[str, str]) -> Mapping[str, Sequence[str]]:
    """Reverb's names, each with the other words that lead to it, the seller's own first."""
    found: dict[str, list[str]] = {name: [] for name in PROVIDERS}
    for word in dict.fromkeys([*carrier_map, *ALIASES]):
        found[find_provider(word, carrier_map)].append(word)
    return found


def _plain(word: str) -> str:
    return re.sub(r"[^\w]+", " ", word.casefold()).replace("ñ", "n").replace("_", " ").strip()
