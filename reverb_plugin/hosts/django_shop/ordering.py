"""Sorting in a shop's database as Python sorts text."""

from typing import Any

from django.db import connections
from django.db.models import F
from django.db.models.functions import Collate

_BINARY = {"sqlite": "BINARY", "postgresql": "C", "mysql": "utf8mb4_bin", "oracle": "BINARY"}


def after(rows: Any, field: str, text: str | None) -> Any:
    """The rows of a queryset behind ``text``, by ``field``, character by character."""
    binary = Collate(F(field), _BINARY.get(connections[rows.db].vendor, "BINARY"))
    ordered = rows.annotate(binary_text=binary).order_by("binary_text", "pk")
    return ordered if text is None else ordered.filter(binary_text__gt=text)
