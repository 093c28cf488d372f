"""What a shop says in ``settings.REVERB_PLUGIN``."""

from collections.abc import Collection, Mapping
from dataclasses import fields
from typing import Any, TypeVar

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

T = TypeVar("T")


def read_options(kind: type[T], inner: Mapping[str, Collection[str]]) -> T:
    """The options in force, as ``kind`` has them; ``inner`` names what an entry may have that is a mapping itself.

    Raises:
        ImproperlyConfigured: an entry is none of the options.
    """
    given: Mapping[str, Any] = getattr(settings, "REVERB_PLUGIN", None) or {}
    _expect("REVERB_PLUGIN", given, [each.name for each in fields(kind)])  # type: ignore[arg-type]  # a dataclass
    for name, known in inner.items():
        _expect(f"REVERB_PLUGIN[{name!r}]", given.get(name, ()), known)
    return kind(**given)


def _expect(name: str, entries: Collection[str], known: Collection[str]) -> None:
    if unknown := sorted(set(entries) - set(known)):
        raise ImproperlyConfigured(f"{name} has no entry {unknown[0]!r}; there are {', '.join(sorted(known))}")
