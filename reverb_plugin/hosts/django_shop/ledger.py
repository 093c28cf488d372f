"""Changes of stock that count once: each key is remembered in the shop's database, together with its change."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, models, router, transaction
from django.utils import timezone

KEPT_FOR = timedelta(days=365)
"""How long a key is known: much longer than any attempt is repeated."""


class Change(models.Model):
    """A change that the plugin made to the stock: its ``key`` counts once."""

    key = models.CharField(max_length=255, primary_key=True)
    sku = models.CharField(max_length=255)
    added = models.IntegerField(default=0)
    reason = models.CharField(max_length=255)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        """Each host has a table of its own."""

        abstract = True

    def __str__(self) -> str:
        return f"{self.sku} {self.added:+d}: {self.reason}"


def count_once(table: Any, key: str, sku: str, reason: str, change: Callable[[], int]) -> int:
    """Calls ``change`` and gives what it added; for a key that is known only the latter."""
    rows = table.objects.using(router.db_for_write(table))
    try:
        with transaction.atomic(using=rows.db):
            # The key first: a second call with it waits here, and SQLite's transaction begins with writing.
            row = rows.create(key=key, sku=sku, reason=reason[:255])
            row.added = change()
            row.save(update_fields=["added"])
            rows.filter(created_at__lt=timezone.now() - KEPT_FOR).delete()
            return int(row.added)
    except IntegrityError:
        return int(rows.get(key=key).added)


def remember(table: Any, key: str, sku: str, reason: str) -> bool:
    """Remembers a key within the transaction under way; False when it is known already."""
    rows = table.objects.using(router.db_for_write(table))
    _, is_new = rows.get_or_create(key=key, defaults={"sku": sku, "reason": reason[:255]})
    return bool(is_new)
