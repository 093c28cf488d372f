"""What the plugin remembers in the shop's own database, because it has to be committed with the shop's stock."""

from django.db import models

from reverb_plugin.hosts.django_shop.ledger import Change


class StockChange(Change):
    """A change that the plugin made to the stock."""


class ReverbOrder(models.Model):
    """Which of the shop's orders is which of Reverb's. The shop's own reference stays in the shop's own row of numbers:
    Salesman counts on from the last one.
    """

    order_number = models.CharField(max_length=64, primary_key=True)
    ref = models.CharField(max_length=128, unique=True)
    local_pickup = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"{self.ref} is {self.order_number} on Reverb"
