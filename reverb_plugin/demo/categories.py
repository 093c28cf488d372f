"""The sample shop's categories, each with Reverb's name for it, as the seller would choose them once."""

from collections.abc import Iterable

from reverb_plugin.reverb_api.models import Category

TOO_WIDE = "Guitars"
"""The seller chose in haste: Reverb takes no listing in a category between the widest and the narrowest."""

REVERBS_NAMES = {
    TOO_WIDE: "Parts / Guitar Parts",
    "Accessories > Cables": "Accessories / Cables",
    "Accessories > Cases": "Accessories / Cases and Gig Bags / Guitar Cases",
    "Accessories > Straps": "Accessories / Straps",
    "Accessories > Strings": "Accessories / Strings",
    "Amps > Guitar Combos": "Amps / Guitar Amps / Guitar Combos",
    "Amps > Guitar Heads": "Amps / Guitar Amps / Guitar Heads",
    "Basses > 4-String": "Bass Guitars / 4-String",
    "Drums > Cymbals": "Drums and Percussion / Cymbals / Ride",
    "Drums > Pedals": "Drums and Percussion / Drum Parts / Pedals",
    "Drums > Snares": "Drums and Percussion / Acoustic Drums / Snare",
    "Guitars > Acoustic > Dreadnought": "Acoustic Guitars / Dreadnought",
    "Guitars > Electric > Semi-Hollow": "Electric Guitars / Semi-Hollow",
    "Guitars > Electric > Solid Body": "Electric Guitars / Solid Body",
    "Keys > Analog Synths": "Keyboards and Synths / Synths / Analog Synths",
    "Keys > Digital Synths": "Keyboards and Synths / Synths / Digital Synths",
    "Keys > Samplers": "Keyboards and Synths / Samplers",
    "Parts > Pickups": "Parts / Guitar Parts / Pickups",
    "Parts > Tuning Heads": "Parts / Guitar Parts / Tuning Heads",
    "Pedals > Delay": "Effects and Pedals / Delay",
    "Pedals > Fuzz": "Effects and Pedals / Fuzz",
    "Pedals > Looper": "Effects and Pedals / Loop Pedals and Samplers",
    "Pedals > Overdrive": "Effects and Pedals / Overdrive and Boost",
    "Pedals > Reverb": "Effects and Pedals / Reverb",
    "Pedals > Wah": "Effects and Pedals / Wahs and Filters",
    "Studio > Condenser Microphones": "Pro Audio / Microphones / Condenser Microphones",
    "Studio > Dynamic Microphones": "Pro Audio / Microphones / Dynamic Microphones",
    "Studio > Interfaces": "Pro Audio / Interfaces",
    "Studio > Monitors": "Pro Audio / Monitors",
}


def make_category_map(categories: Iterable[Category]) -> dict[str, str]:
    """The setting ``category_map`` for the sample shop: its categories, each with the uuid of Reverb's."""
    uuids = {category.full_name: category.uuid for category in categories}
    return {own: uuids[theirs] for own, theirs in REVERBS_NAMES.items()}
