"""What the plugin remembers in the shop's own database, because it has to be committed with the shop's stock."""

from django.db import models


class StockChange(models.Model):
    """A change that the plugin made to the stock: its ``key`` counts once."""

    key = models.CharField(max_length=255, primary_key=True)
    sku = models.CharField(max_length=255)
    added = models.IntegerField(default=0)
    reason = models.CharField(max_length=255)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        """Under the app's own label."""

        app_label = "reverb_plugin"

    def __str__(self) -> str:
        return f"{self.sku} {self.added:+d}: {self.reason}"
