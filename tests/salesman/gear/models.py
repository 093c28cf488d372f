"""Two kinds of products; the shop keeps the stock of one in a field of another name."""

from django.db import models


class Thing(models.Model):
    code = models.CharField(max_length=255)
    name = models.CharField(max_length=255)
    price = models.DecimalField(max_digits=12, decimal_places=2)
    quantity = models.IntegerField(null=True)
    description = models.TextField(blank=True)
    condition = models.CharField(max_length=50, blank=True)
    make = models.CharField(max_length=50, blank=True)
    model = models.CharField(max_length=50, blank=True)
    category = models.CharField(max_length=50, blank=True)

    class Meta:
        abstract = True
        app_label = "gear"

    def get_price(self, request):
        return self.price

    def categories(self):
        return [self.category] if self.category else []


class Guitar(Thing):
    pass


class Pedal(Thing):
    pass
