"""What the plugin remembers in the shop's own database, because it has to be committed with the shop's stock."""

from reverb_plugin.hosts.django_shop.ledger import Change


class StockChange(Change):
    """A change that the plugin made to the stock."""

    class Meta:
        """Under the app's own label."""

        app_label = "reverb_plugin"
